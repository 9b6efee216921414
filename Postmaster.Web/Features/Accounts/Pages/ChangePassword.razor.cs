using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Accounts.Pages;

/// <summary>A new password for who is signed in and knows the old one.</summary>
public sealed partial class ChangePassword
{
    [Inject]
    private UserManager<PortalUser> Users { get; set; } = default!;

    [Inject]
    private SignInManager<PortalUser> SignIn { get; set; } = default!;

    [Inject]
    private AccountStore Accounts { get; set; } = default!;

    [SupplyParameterFromForm]
    private ChangePasswordInput Input { get; set; } = default!;

    private IReadOnlyList<string> Problems { get; set; } = [];

    protected override void OnInitialized() => Input ??= new ChangePasswordInput();

    private async Task SubmitAsync()
    {
        PortalUser user = (await Users.GetUserAsync(Http.User))!;
        switch (await Accounts.ChangePasswordAsync(user, Input.Current, Input.Password, RequestOrigin.Of(Http), Aborted))
        {
            case PasswordOutcome.Done done:
                await SignIn.RefreshSignInAsync(done.User);
                Navigation.NavigateTo("/account?done=password");
                break;
            case PasswordOutcome.Refused refused:
                Problems = refused.Problems;
                break;
        }
    }
}

public sealed class ChangePasswordInput
{
    public string Current { get; set; } = "";
    public string Password { get; set; } = "";
}
