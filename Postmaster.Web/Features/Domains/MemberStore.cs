using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains;

public enum MemberChange
{
    Done,

    /// <summary>A claim always keeps an owner.</summary>
    LastOwner,

    /// <summary>The person is no member (any more), or the claim is gone.</summary>
    Gone,
}

/// <summary>Changes roles and ends memberships. The last owner stays, whatever two people press at the same moment.</summary>
public sealed class MemberStore(IDbContextFactory<PostmasterDb> databases, AuditTrail audit, TimeProvider time)
{
    /// <param name="by">The account that does it.</param>
    public Task<MemberChange> SetRoleAsync(Guid claimId, Guid userId, MemberRole role, Guid by, CancellationToken ct) => ChangeAsync(claimId, userId, role, by, ct);

    /// <summary>Removes a member, or lets one leave; the invitations that the person sent and nobody accepted end too.</summary>
    /// <param name="by">The account that does it.</param>
    public Task<MemberChange> RemoveAsync(Guid claimId, Guid userId, Guid by, CancellationToken ct) => ChangeAsync(claimId, userId, null, by, ct);

    private async Task<MemberChange> ChangeAsync(Guid claimId, Guid userId, MemberRole? role, Guid by, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        DomainClaim? claim = await db.Claims.FirstOrDefaultAsync(c => c.Id == claimId, ct);
        DomainMember? member = await db.Members.FirstOrDefaultAsync(m => m.ClaimId == claimId && m.UserId == userId, ct);
        if (claim is null || member is null)
            return MemberChange.Gone;
        if (member.Role == MemberRole.Owner && role != MemberRole.Owner && !await HandOverAsync(db, claim, userId, ct))
            return MemberChange.LastOwner;
        DateTimeOffset now = time.GetUtcNow();
        await TellAsync(db, claim, member, role, by, ct);
        if (role is not null)
            member.Role = role.Value;
        else
            db.Members.Remove(member);
        if (role != MemberRole.Owner)
            await EndInvitationsOfAsync(db, claimId, userId, now, ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return MemberChange.Done;
    }

    private async Task TellAsync(PostmasterDb db, DomainClaim claim, DomainMember member, MemberRole? role, Guid by, CancellationToken ct)
    {
        string? email = await db.Users.Where(u => u.Id == member.UserId).Select(u => u.Email).FirstOrDefaultAsync(ct);
        string what = role switch
        {
            null when member.UserId == by => "left the domain",
            null => "removed a member",
            MemberRole.Owner => "made a member an owner",
            _ => "made a member a reader",
        };
        await audit.AddAsync(db, claim.Id, claim.Domain, by, what, email, ct);
    }

    /// <summary>Makes sure that an owner remains, and that the claim belongs to one. An owner who has a claim of their own to the same name cannot take it.</summary>
    private static async Task<bool> HandOverAsync(PostmasterDb db, DomainClaim claim, Guid leaving, CancellationToken ct)
    {
        var others = await db.Members
            .Where(m => m.ClaimId == claim.Id && m.UserId != leaving && m.Role == MemberRole.Owner)
            .OrderBy(m => m.CreatedAt).ThenBy(m => m.UserId)
            .Select(m => new { m.UserId, HasOwn = db.Claims.Any(c => c.Id != claim.Id && c.OwnerId == m.UserId && c.Domain == claim.Domain) })
            .ToListAsync(ct);
        if (claim.OwnerId != leaving)
            return others.Count > 0;
        if (others.Find(o => !o.HasOwn) is not { } heir)
            return false;
        claim.OwnerId = heir.UserId;
        return true;
    }

    private static Task<int> EndInvitationsOfAsync(PostmasterDb db, Guid claimId, Guid userId, DateTimeOffset now, CancellationToken ct) =>
        db.Invitations.Where(i => i.ClaimId == claimId && i.InvitedBy == userId && i.EndedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(i => i.EndedAt, now), ct);
}
