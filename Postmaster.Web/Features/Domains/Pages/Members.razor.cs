using Microsoft.AspNetCore.Components;
using Postmaster.Fbl.Names;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains.Pages;

/// <summary>Who may see and change the domain, and who is invited.</summary>
public sealed partial class Members
{
    private const string LastOwnerWords =
        "A domain always keeps an owner who can hold the claim. Make somebody else an owner first, or remove the domain on its ownership page.";

    [SupplyParameterFromForm(FormName = "invite")]
    public string? Email { get; set; }

    [SupplyParameterFromForm(FormName = "invite")]
    public string? Role { get; set; }

    [Inject]
    private MemberQueries Queries { get; set; } = default!;

    [Inject]
    private MemberStore Store { get; set; } = default!;

    [Inject]
    private InvitationStore Invites { get; set; } = default!;

    private IReadOnlyList<MemberRow> List { get; set; } = [];
    private IReadOnlyList<InvitationRow> Invitations { get; set; } = [];
    private string? Problem { get; set; }
    private Guid? Self => Http.User.PortalId();
    private Tone DoneTone => Done is "last" or "gone" ? Tone.Warn : Tone.Ok;

    private string? DoneWords => Done switch
    {
        "invited" => "The invitation is on its way.",
        "revoked" => "The invitation was revoked. Its link no longer works.",
        "role" => "The role was changed.",
        "removed" => "The person was removed and no longer sees the domain.",
        "last" => LastOwnerWords,
        "gone" => "That had been changed already. The list below is how it stands now.",
        _ => null,
    };

    protected override async Task LoadAsync(AccessedDomain access)
    {
        List = await Queries.ListAsync(access.ClaimId, Aborted);
        Invitations = await Queries.OpenInvitationsAsync(access.ClaimId, Aborted);
    }

    private async Task InviteAsync()
    {
        MemberRole role = string.Equals(Role, nameof(MemberRole.Owner), StringComparison.Ordinal) ? MemberRole.Owner : MemberRole.Reader;
        InviteResult result = await Invites.InviteAsync(Access!.ClaimId, Self!.Value, Email, role, Aborted);
        if (result == InviteResult.Sent)
            Leave("members", "invited");
        else
            Problem = ClaimWords.Of(result, MailAddress.TryParse(Email?.Trim(), out MailAddress? address, out _) ? address.ToString() : "This address");
    }

    private async Task RevokeAsync(InvitationRow invitation) =>
        Leave("members", await Invites.RevokeAsync(Access!.ClaimId, invitation.Id, Self!.Value, Aborted) ? "revoked" : "gone");

    private async Task SetRoleAsync(MemberRow member)
    {
        MemberRole other = member.Role == MemberRole.Owner ? MemberRole.Reader : MemberRole.Owner;
        MemberChange change = await Store.SetRoleAsync(Access!.ClaimId, member.UserId, other, Self!.Value, Aborted);
        // Who is no longer an owner may not see this page again.
        bool lostThePage = change == MemberChange.Done && member.UserId == Self;
        Leave(lostThePage ? "" : "members", lostThePage ? null : Code(change, "role"));
    }

    private async Task RemoveAsync(MemberRow member)
    {
        MemberChange change = await Store.RemoveAsync(Access!.ClaimId, member.UserId, Self!.Value, Aborted);
        if (change == MemberChange.Done && member.UserId == Self)
            Navigation.NavigateTo("/domains?done=left");
        else
            Leave("members", Code(change, "removed"));
    }

    private static string Code(MemberChange change, string done) => change switch
    {
        MemberChange.Done => done,
        MemberChange.LastOwner => "last",
        _ => "gone",
    };
}
