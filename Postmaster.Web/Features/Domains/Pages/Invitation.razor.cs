using Microsoft.AspNetCore.Components;

namespace Postmaster.Web.Features.Domains.Pages;

/// <summary>The page of an invitation link: opening it changes nothing, the button accepts.</summary>
public sealed partial class Invitation
{
    [Parameter]
    public string Token { get; set; } = "";

    [Inject]
    private MemberQueries Queries { get; set; } = default!;

    [Inject]
    private InvitationStore Store { get; set; } = default!;

    private InvitationView? View { get; set; }
    private bool Gone { get; set; }
    private string Shown => ClaimNotices.Shown(View!.Domain);

    protected override async Task OnInitializedAsync()
    {
        LinkPage.Guard(Http);
        View = await Queries.PeekAsync(Token, Http.User.PortalId(), Aborted);
        Gone = View is null;
    }

    private async Task AcceptAsync()
    {
        switch (await Store.AcceptAsync(Token, Http.User.PortalId()!.Value, Aborted))
        {
            case AcceptResult.Accepted accepted:
                Navigation.NavigateTo($"/domains/{accepted.Domain}");
                break;
            case AcceptResult.Gone:
                Gone = true;
                break;
        }
    }
}
