using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Leaving;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Groups;

/// <summary>The link by which one member leaves one group: made with the membership, the same in each mail that goes to the member alone.</summary>
internal sealed class LeaveTokens(Sealer sealer, PortalUrl portal)
{
    public const string Route = "/leave-group";

    public (byte[] Hash, byte[] Sealed) Make()
    {
        string token = LinkToken.New();
        return (LinkToken.HashOf(token)!, sealer.Seal(token));
    }

    /// <summary>The member's own link: one click ends the membership (RFC 8058).</summary>
    public string UrlOf(GroupMember member) => portal.To($"{Route}/{sealer.OpenText(member.SealedLeaveToken)}");

    /// <summary>The link that all members share: its page sends a member's own link to the member.</summary>
    public string UrlOf(FeedbackGroup group) => portal.To($"{Route}/{group.Token}");

    /// <summary>Whose link a token is, ended or not; null when it is none of ours.</summary>
    public static async Task<GroupMember?> FindAsync(PostmasterDb db, string? token, CancellationToken ct)
    {
        if (LinkToken.HashOf(token) is not { } hash)
            return null;
        return await db.GroupMembers.FirstOrDefaultAsync(m => m.LeaveHash == hash, ct);
    }

    /// <summary>Whether it is anybody's link, ended or not.</summary>
    public static async Task<bool> IsAnyAsync(PostmasterDb db, string? token, CancellationToken ct)
    {
        if (LinkToken.HashOf(token) is not { } hash)
            return false;
        return await db.GroupMembers.AnyAsync(m => m.LeaveHash == hash, ct);
    }
}
