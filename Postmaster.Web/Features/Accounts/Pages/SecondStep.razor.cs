using Microsoft.AspNetCore.Components;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.Accounts.Pages;

/// <summary>The second factor at sign-in.</summary>
public sealed partial class SecondStep
{
    private const string Refused = "That code is not right, was used already, or there were too many tries. Wait for the next code and enter it.";

    [Inject]
    private SignInStore SignIns { get; set; } = default!;

    [SupplyParameterFromForm(FormName = "code")]
    private CodeInput Input { get; set; } = default!;

    [SupplyParameterFromForm(FormName = "recovery")]
    private CodeInput Recovery { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "returnUrl")]
    private string? ReturnUrl { get; set; }

    private string? Problem { get; set; }
    private string? RecoveryProblem { get; set; }

    protected override async Task OnInitializedAsync()
    {
        Input ??= new CodeInput();
        Recovery ??= new CodeInput();
        if (!await SignIns.AwaitsCodeAsync())
            Navigation.NavigateTo("/sign-in");
    }

    private async Task EnterCodeAsync()
    {
        if (await SignIns.EnterCodeAsync(Input.Code, RequestOrigin.Of(Http), Aborted) == SignInOutcome.SignedIn)
            Navigation.NavigateTo(LocalPath.OrDefault(ReturnUrl, "/domains"));
        else
            (Problem, Input.Code) = (Refused, "");
    }

    private async Task EnterRecoveryCodeAsync()
    {
        if (await SignIns.EnterRecoveryCodeAsync(Recovery.Code, RequestOrigin.Of(Http), Aborted) == SignInOutcome.SignedIn)
            Navigation.NavigateTo(LocalPath.OrDefault(ReturnUrl, "/domains"));
        else
            (RecoveryProblem, Recovery.Code) = ("That recovery code is not right, was used already, or there were too many tries.", "");
    }
}

/// <summary>A form with one code.</summary>
public sealed class CodeInput
{
    public string Code { get; set; } = "";
}
