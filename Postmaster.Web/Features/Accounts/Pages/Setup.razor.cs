using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Accounts.Pages;

/// <summary>Behind the link that the first start prints.</summary>
public sealed partial class Setup
{
    [Parameter]
    public string Token { get; set; } = "";

    [Inject]
    private SetupLink Link { get; set; } = default!;

    [Inject]
    private AccountStore Accounts { get; set; } = default!;

    [Inject]
    private IOptions<ProviderOptions> Provider { get; set; } = default!;

    [Inject]
    private SignInManager<PortalUser> SignIn { get; set; } = default!;

    [SupplyParameterFromForm]
    private SignInInput Input { get; set; } = default!;

    private bool Works { get; set; }
    private IReadOnlyList<string> Problems { get; set; } = [];

    protected override async Task OnInitializedAsync()
    {
        Input ??= new SignInInput();
        Works = await Link.WorksAsync(Token, Aborted);
    }

    private async Task SubmitAsync()
    {
        if (!MailAddress.TryParse(Input.Email.Trim(), out MailAddress? address, out _))
        {
            Problems = [EmailInput.NoAddress];
            return;
        }

        switch (await Accounts.MakeFirstOperatorAsync(Token, address, Input.Password, Aborted))
        {
            case PasswordOutcome.Done done:
                await SignIn.SignInAsync(done.User, isPersistent: false);
                Navigation.NavigateTo("/operator");
                break;
            case PasswordOutcome.Refused refused:
                Problems = refused.Problems;
                break;
            default:
                Works = false;
                break;
        }
    }
}
