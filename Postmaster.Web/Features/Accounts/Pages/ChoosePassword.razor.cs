using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Accounts.Pages;

/// <summary>Behind the mailed link: a new account's first password, or a new one in place of a forgotten one.</summary>
public sealed partial class ChoosePassword
{
    [Parameter]
    public string Token { get; set; } = "";

    [Inject]
    private AccountStore Accounts { get; set; } = default!;

    [Inject]
    private SignInManager<PortalUser> SignIn { get; set; } = default!;

    [SupplyParameterFromForm]
    private PasswordInput Input { get; set; } = default!;

    private PendingPassword? Pending { get; set; }
    private IReadOnlyList<string> Problems { get; set; } = [];

    protected override async Task OnInitializedAsync()
    {
        Input ??= new PasswordInput();
        Pending = await Accounts.FindPendingAsync(Token, Aborted);
    }

    private async Task SubmitAsync()
    {
        switch (await Accounts.ChoosePasswordAsync(Token, Input.Password, RequestOrigin.Of(Http), Aborted))
        {
            case PasswordOutcome.Done { WasNew: true } done:
                await SignIn.SignInAsync(done.User, isPersistent: false);
                Navigation.NavigateTo("/domains");
                break;
            case PasswordOutcome.Done:
                // The mail proved the mailbox, not the second factor: through the front door.
                Navigation.NavigateTo("/sign-in?done=password");
                break;
            case PasswordOutcome.Refused refused:
                Problems = refused.Problems;
                break;
            default:
                Pending = null;
                break;
        }
    }
}

/// <summary>A form with one password.</summary>
public sealed class PasswordInput
{
    public string Password { get; set; } = "";
}
