using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains;

/// <param name="IsClaimant">The claim is this account's.</param>
public sealed record MemberRow(Guid UserId, string Email, MemberRole Role, DateTimeOffset Since, bool IsClaimant);

/// <summary>An invitation that can be accepted.</summary>
public sealed record InvitationRow(Guid Id, string Email, MemberRole Role, string? InvitedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>What the page of an invitation link shows before anything is accepted.</summary>
/// <param name="MaskedEmail">The invited address for whoever holds the link: first letter and domain.</param>
/// <param name="IsForVisitor">The signed-in account has this address, confirmed.</param>
public sealed record InvitationView(string Domain, MemberRole Role, string? InvitedBy, string MaskedEmail, DateTimeOffset ExpiresAt, bool IsForVisitor);

/// <summary>Who may see a claim. The caller has checked that the visitor may.</summary>
public sealed class MemberQueries(IDbContextFactory<PostmasterDb> databases, OneTimeLinks links, TimeProvider time)
{
    public async Task<IReadOnlyList<MemberRow>> ListAsync(Guid claimId, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await (
            from m in db.Members
            join user in db.Users on m.UserId equals user.Id
            join claim in db.Claims on m.ClaimId equals claim.Id
            where m.ClaimId == claimId
            orderby m.CreatedAt, m.UserId
            select new MemberRow(user.Id, user.Email!, m.Role, m.CreatedAt, claim.OwnerId == user.Id)).ToListAsync(ct);
    }

    public async Task<IReadOnlyList<InvitationRow>> OpenInvitationsAsync(Guid claimId, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await db.Invitations.Where(i => i.ClaimId == claimId && i.EndedAt == null && i.ExpiresAt > now)
            .OrderBy(i => i.CreatedAt)
            .Select(i => new InvitationRow(i.Id, i.Email, i.Role, db.Users.Where(u => u.Id == i.InvitedBy).Select(u => u.Email).FirstOrDefault(), i.CreatedAt, i.ExpiresAt))
            .ToListAsync(ct);
    }

    /// <summary>What a link invites to, without using it up; null when it is used, revoked, too old or never ours.</summary>
    public async Task<InvitationView?> PeekAsync(string? token, Guid? visitor, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        if (await links.PeekAsync(db, LinkPurpose.AcceptInvitation, token, ct) is not { } id)
            return null;
        MemberInvitation? invitation = await db.Invitations.AsNoTracking().FirstOrDefaultAsync(i => i.Id == id && i.EndedAt == null, ct);
        string? domain = invitation is null ? null : await db.Claims.Where(c => c.Id == invitation.ClaimId).Select(c => c.Domain).FirstOrDefaultAsync(ct);
        if (invitation is null || domain is null)
            return null;
        PortalUser? user = visitor is null ? null : await db.Users.AsNoTracking().FirstOrDefaultAsync(u => u.Id == visitor, ct);
        string? inviter = await db.Users.Where(u => u.Id == invitation.InvitedBy).Select(u => u.Email).FirstOrDefaultAsync(ct);
        return new InvitationView(
            domain, invitation.Role, inviter, MailAddress.Parse(invitation.Email).Masked, invitation.ExpiresAt, user is not null && InvitationStore.IsInvited(invitation, user));
    }
}
