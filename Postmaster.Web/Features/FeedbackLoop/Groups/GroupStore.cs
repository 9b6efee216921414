using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Groups;

/// <summary>What became of one address that was to be invited.</summary>
internal enum GroupInvite
{
    Sent,
    BadAddress,
    NotAscii,

    /// <summary>At the portal's own domain.</summary>
    WouldLoop,
    Same,

    /// <summary>The group has as many members as it may.</summary>
    Full,

    /// <summary>The domain is not proved, or there is no group.</summary>
    NotInForce,

    /// <summary>Too many mails with a link to this mailbox, or of this domain; later.</summary>
    TooMany,

    /// <summary>Whoever holds the mailbox said no lately.</summary>
    Declined,
}

/// <summary>An owner's changes to the group behind a claim's feedback address. The caller has checked that the visitor owns the claim.</summary>
internal sealed class GroupStore(
    IDbContextFactory<PostmasterDb> databases, OneTimeLinks links, LeaveTokens leaving, GroupMails mails, AuditTrail audit, OutboxSignal outbox, IOptions<ProviderOptions> provider, TimeProvider time)
{
    /// <summary>RFC 5321 §4.5.3.1.8: so many recipients every server takes in one transaction.</summary>
    public const int MostMembers = 100;

    /// <summary>Mails with a link for the groups of a claim in 24 hours: a full group, and some of it again.</summary>
    public const int MostMailsPerClaim = 150;

    public static readonly TimeSpan LinkLifetime = FeedbackAddressStore.LinkLifetime;

    /// <summary>Puts a group in the place of the claim's feedback address, if there is one; an address that takes reports becomes its first member.</summary>
    /// <returns>False: the domain is not proved, or there is a group.</returns>
    public async Task<bool> CreateAsync(Guid claimId, Guid by, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        DomainClaim? claim = await db.Claims.AsNoTracking().FirstOrDefaultAsync(c => c.Id == claimId, ct);
        FeedbackAddress? before = await db.FeedbackAddresses.FirstOrDefaultAsync(a => a.ClaimId == claimId && a.EndedAt == null, ct);
        if (claim is not { IsInForce: true } || before is { IsGroup: true })
            return false;
        // It has agreed to these very reports.
        MailAddress? first = before is { TakesReports: true, IsPaused: false } && MailAddress.TryParse(before.Address, out MailAddress? agreed, out _) ? agreed : null;
        if (before is not null)
        {
            await QueuedReports.CancelAsync(db, claimId, "The feedback address was changed.", now, ct);
            await OneTimeLinks.RevokeAsync(db, LinkPurpose.ConfirmFeedbackAddress, before.Id, ct);
            before.EndedAt = now;
            await db.SaveChangesAsync(ct);
        }

        string token = NoticeOutbox.NewBounceToken(), address = GroupAddress.Of(token, provider.Value.Domain);
        var standing = new FeedbackAddress { ClaimId = claimId, Address = address, RequestedBy = by, RequestedAt = now, RateKey = address, IsGroup = true };
        var group = new FeedbackGroup { FeedbackAddressId = standing.Id, ClaimId = claimId, Token = token, CreatedBy = by, CreatedAt = now };
        db.AddRange(standing, group);
        if (first is not null)
        {
            GroupMember member = NewMember(group, first, by, now);
            member.Confirm(now);
            db.GroupMembers.Add(member);
            mails.Welcome(db, member, claim.Domain);
        }

        await audit.AddAsync(db, claimId, claim.Domain, by, "made a group for reports", before is null ? null : $"in the place of {before.Address}", ct);
        await GroupStanding.FollowAsync(db, group, now, ct);
        await transaction.CommitAsync(ct);
        outbox.Wake();
        return true;
    }

    /// <summary>Invites an address, or sends the mail again to one that was not confirmed yet or is paused; links sent before stop working.</summary>
    public async Task<GroupInvite> InviteAsync(Guid claimId, Guid by, string? text, CancellationToken ct)
    {
        if (!MailAddress.TryParse(text?.Trim(), out MailAddress? address, out _) || address.Domain.LabelCount < 2)
            return GroupInvite.BadAddress;
        if (!Ascii.IsValid(address.LocalPart))
            return GroupInvite.NotAscii;
        if (DomainName.TryParse(provider.Value.Domain, out DomainName? own, out _) && address.Domain.IsEqualOrSubdomainOf(own))
            return GroupInvite.WouldLoop;
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        DomainClaim? claim = await db.Claims.AsNoTracking().FirstOrDefaultAsync(c => c.Id == claimId, ct);
        FeedbackGroup? group = await db.Standing().AsNoTracking().FirstOrDefaultAsync(g => g.ClaimId == claimId, ct);
        if (claim is not { IsInForce: true } || group is null)
            return GroupInvite.NotInForce;
        List<GroupMember> members = await db.GroupMembers.Where(m => m.GroupId == group.Id && m.EndedAt == null).ToListAsync(ct);
        GroupMember? member = members.Find(m => m.Address.Equals(address.ToString(), StringComparison.OrdinalIgnoreCase));
        if (member is { TakesReports: true })
            return GroupInvite.Same;
        if (member is null && members.Count >= MostMembers)
            return GroupInvite.Full;
        if (await RefusalAsync(db, claimId, member, MailboxRate.KeyOf(address), now, ct) is { } refusal)
            return refusal;
        bool again = member is not null;
        if (member is null)
            db.GroupMembers.Add(member = NewMember(group, address, by, now));
        await OneTimeLinks.RevokeAsync(db, LinkPurpose.JoinGroup, member.Id, ct);
        string token = links.Issue(db, LinkPurpose.JoinGroup, member.Id, LinkLifetime);
        mails.Invite(db, member, claim.Domain, await db.Users.Where(u => u.Id == by).Select(u => u.Email).FirstOrDefaultAsync(ct), token, now + LinkLifetime);
        member.MailsSent++;
        member.LastMailAt = now;
        if (!again)
            await audit.AddAsync(db, claimId, claim.Domain, by, "invited a member to the group", member.Address, ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        outbox.Wake();
        return GroupInvite.Sent;
    }

    /// <returns>False: there is no such member of this claim's group.</returns>
    public async Task<bool> RemoveAsync(Guid claimId, Guid memberId, Guid by, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        FeedbackGroup? group = await db.Standing().AsNoTracking().FirstOrDefaultAsync(g => g.ClaimId == claimId, ct);
        GroupMember? member = group is null ? null : await db.GroupMembers.FirstOrDefaultAsync(m => m.Id == memberId && m.GroupId == group.Id && m.EndedAt == null, ct);
        if (member is null)
            return false;
        member.EndedAt = now;
        await OneTimeLinks.RevokeAsync(db, LinkPurpose.JoinGroup, member.Id, ct);
        await GroupStanding.DropAsync(db, member.Id, "The member was removed.", now, ct);
        await audit.AddAsync(db, claimId, await db.Claims.Where(c => c.Id == claimId).Select(c => c.Domain).FirstAsync(ct), by, "removed a member of the group", member.Address, ct);
        await GroupStanding.FollowAsync(db, group!, now, ct);
        await transaction.CommitAsync(ct);
        outbox.Wake();
        return true;
    }

    /// <returns>False: there is no group.</returns>
    public async Task<bool> SetPersonalCopiesAsync(Guid claimId, Guid by, bool personal, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        FeedbackGroup? group = await db.Standing().FirstOrDefaultAsync(g => g.ClaimId == claimId, ct);
        if (group is null)
            return false;
        if (group.PersonalCopies != personal)
        {
            group.PersonalCopies = personal;
            string domain = await db.Claims.Where(c => c.Id == claimId).Select(c => c.Domain).FirstAsync(ct);
            await audit.AddAsync(db, claimId, domain, by, "changed how the group gets reports", personal ? "a copy of its own for each member" : "one message for all members", ct);
        }

        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    private GroupMember NewMember(FeedbackGroup group, MailAddress address, Guid by, DateTimeOffset now)
    {
        (byte[] hash, byte[] sealedToken) = leaving.Make();
        return new GroupMember
        {
            GroupId = group.Id, Address = address.ToString(), InvitedBy = by, InvitedAt = now, RateKey = MailboxRate.KeyOf(address), LeaveHash = hash, SealedLeaveToken = sealedToken,
        };
    }

    private static async Task<GroupInvite?> RefusalAsync(PostmasterDb db, Guid claimId, GroupMember? member, string rateKey, DateTimeOffset now, CancellationToken ct)
    {
        DateTimeOffset since = now - FeedbackAddressStore.Window;
        if (member?.LastMailAt > now - FeedbackAddressStore.Pause)
            return GroupInvite.TooMany;
        if (await MailboxAsking.RefusalAsync(db, claimId, rateKey, now, ct) is { } refusal)
            return refusal is AskRefusal.Declined ? GroupInvite.Declined : GroupInvite.TooMany;
        IQueryable<Guid> ours = db.FeedbackGroups.Where(g => g.ClaimId == claimId).Select(g => g.Id);
        int ofClaim = await db.GroupMembers.Where(m => ours.Contains(m.GroupId) && m.LastMailAt > since).SumAsync(m => m.MailsSent, ct);
        return ofClaim >= MostMailsPerClaim ? GroupInvite.TooMany : null;
    }
}
