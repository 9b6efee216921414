using Microsoft.AspNetCore.Components;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.Accounts.Pages;

/// <summary>Address and password. Whatever is wrong, the answer is the same and takes as long.</summary>
public sealed partial class SignInPage
{
    internal const string Refused =
        "That address and that password do not go together, or there were too many tries. Check both, wait a quarter of an hour, or choose a new password.";

    [Inject]
    private SignInStore SignIns { get; set; } = default!;

    [SupplyParameterFromForm]
    private SignInInput Input { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "returnUrl")]
    private string? ReturnUrl { get; set; }

    [SupplyParameterFromQuery(Name = "done")]
    private string? DoneWord { get; set; }

    private string? Problem { get; set; }

    private string? Done => DoneWord switch
    {
        "signed-out" => "You are signed out.",
        "password" => "The new password is saved. Sign in with it.",
        _ => null,
    };

    protected override void OnInitialized() => Input ??= new SignInInput();

    private async Task SubmitAsync()
    {
        Task<SignInOutcome> work = SignIns.SignInAsync(Input.Email.Trim(), Input.Password, RequestOrigin.Of(Http), Aborted);
        string target = LocalPath.OrDefault(ReturnUrl, "/domains");
        switch (await EvenAnswers.WithFloorAsync(work, Aborted))
        {
            case SignInOutcome.SignedIn:
                Navigation.NavigateTo(target);
                break;
            case SignInOutcome.NeedsCode:
                Navigation.NavigateTo($"/sign-in/code?returnUrl={Uri.EscapeDataString(target)}");
                break;
            default:
                DoneWord = null;
                Problem = Refused;
                break;
        }
    }
}

public sealed class SignInInput
{
    public string Email { get; set; } = "";
    public string Password { get; set; } = "";
}
