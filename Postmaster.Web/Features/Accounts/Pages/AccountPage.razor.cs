using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Accounts.Pages;

/// <summary>What is set for the account, and the way to each setting.</summary>
public sealed partial class AccountPage
{
    [Inject]
    private UserManager<PortalUser> Users { get; set; } = default!;

    [Inject]
    private SecondFactorStore Factors { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "done")]
    private string? DoneWord { get; set; }

    private PortalUser User { get; set; } = default!;
    private SecondFactorState Factor { get; set; } = default!;

    private string? Done => DoneWord switch
    {
        "password" => "The new password is saved. Everybody else who was signed in to this account is signed out.",
        "second-factor-off" => "The second factor is off.",
        _ => null,
    };

    protected override async Task OnInitializedAsync()
    {
        User = (await Users.GetUserAsync(Http.User))!;
        Factor = await Factors.StateAsync(User);
    }
}
