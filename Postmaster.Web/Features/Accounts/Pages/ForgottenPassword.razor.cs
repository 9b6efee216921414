using Microsoft.AspNetCore.Components;
using Postmaster.Fbl.Names;

namespace Postmaster.Web.Features.Accounts.Pages;

/// <summary>Asks for a new password. The answer is the same for every address.</summary>
public sealed partial class ForgottenPassword
{
    [Inject]
    private AccountStore Accounts { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [CascadingParameter]
    private HttpContext Http { get; set; } = default!;

    [SupplyParameterFromForm]
    private EmailInput Input { get; set; } = default!;

    private string? Problem { get; set; }

    protected override void OnInitialized() => Input ??= new EmailInput();

    private async Task SubmitAsync()
    {
        if (!MailAddress.TryParse(Input.Email.Trim(), out MailAddress? address, out _))
        {
            Problem = EmailInput.NoAddress;
            return;
        }

        await EvenAnswers.WithFloorAsync(Accounts.AskForPasswordAsync(address, RequestOrigin.Of(Http), Http.RequestAborted), Http.RequestAborted);
        Navigation.NavigateTo("/check-mail?for=password");
    }
}
