using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Groups;

/// <summary>What a link to join asks for.</summary>
internal sealed record JoinView(string Domain, string Address, string? InvitedBy, bool Again);

/// <summary>What a member's own link ends.</summary>
/// <param name="Stands">False: it has ended.</param>
internal sealed record MembershipView(string Domain, string Address, bool Stands);

/// <summary>What whoever holds a member's mailbox says: yes, no, and no longer. The link in a mail is all that it needs.</summary>
internal sealed class GroupAnswers(
    IDbContextFactory<PostmasterDb> databases, OneTimeLinks links, GroupMails mails, AuditTrail audit, OutboxSignal outbox, TimeProvider time)
{
    /// <summary>Between two mails with a member's own link that somebody asked for.</summary>
    public static readonly TimeSpan LeaveMailPause = TimeSpan.FromDays(1);

    private const string LeftWords = "The member has left the group.";

    /// <summary>What a link asks for, without using it up; null when it is used, replaced, too old or never ours.</summary>
    public async Task<JoinView?> PeekAsync(string? token, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        if (await links.PeekAsync(db, LinkPurpose.JoinGroup, token, ct) is not { } id)
            return null;
        return await (
            from member in db.GroupMembers
            join g in db.Standing() on member.GroupId equals g.Id
            join claim in db.Claims on g.ClaimId equals claim.Id
            where member.Id == id && member.EndedAt == null && (member.ConfirmedAt == null || member.PausedAt != null)
            select new JoinView(claim.Domain, member.Address, db.Users.Where(u => u.Id == member.InvitedBy).Select(u => u.Email).FirstOrDefault(), member.ConfirmedAt != null))
            .FirstOrDefaultAsync(ct);
    }

    /// <summary>Whoever holds the mailbox agrees, for the first time or after a pause. Null: the link is used, replaced or too old.</summary>
    public Task<FeedbackAnswer?> ConfirmAsync(string? token, CancellationToken ct) => AnswerAsync(token, async (db, group, member, domain, now) =>
    {
        bool first = member.ConfirmedAt is null;
        member.Confirm(now);
        await OneTimeLinks.RevokeAsync(db, LinkPurpose.JoinGroup, member.Id, ct);
        audit.Add(db, group.ClaimId, domain, null, AuditTrail.ByLink, first ? "joined the group" : "confirmed a paused member of the group", member.Address);
        if (first)
            mails.Welcome(db, member, domain);
        await GroupStanding.FollowAsync(db, group, now, ct);
    }, ct);

    /// <summary>Whoever holds the mailbox did not ask for it.</summary>
    public Task<FeedbackAnswer?> DeclineAsync(string? token, CancellationToken ct) =>
        AnswerAsync(token, (db, group, member, domain, now) => EndAsync(db, group, member, domain, AuditTrail.ByLink, now, ct), ct);

    /// <summary>What a member's own link would end, without ending it; null when it is none of ours.</summary>
    public async Task<MembershipView?> MembershipAsync(string? token, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await LeaveTokens.FindAsync(db, token, ct) is { } member ? await ViewAsync(db, member, ct) : null;
    }

    /// <summary>Ends the membership at once; a second time changes nothing. Null when the link is none of ours.</summary>
    public async Task<MembershipView?> LeaveAsync(string? token, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        // A guess does not keep the counting of complaints waiting.
        if (!await LeaveTokens.IsAnyAsync(db, token, ct))
            return null;
        await using var transaction = await db.BeginExclusiveAsync(ct);
        if (await LeaveTokens.FindAsync(db, token, ct) is not { } member)
            return null;
        MembershipView view = await ViewAsync(db, member, ct);
        if (member.EndedAt is null)
            await EndAsync(db, await db.FeedbackGroups.FirstAsync(g => g.Id == member.GroupId, ct), member, view.Domain, AuditTrail.ByLink, time.GetUtcNow(), ct);
        await transaction.CommitAsync(ct);
        outbox.Wake();
        return view with { Stands = false };
    }

    /// <summary>Ends every membership of a mailbox, in the caller's exclusive transaction: it wants no reports at all.</summary>
    /// <returns>The domains that it was for.</returns>
    public async Task<IReadOnlyList<string>> LeaveAllAsync(PostmasterDb db, string address, DateTimeOffset now, CancellationToken ct)
    {
        var domains = new List<string>();
        foreach (GroupMember member in await db.GroupMembers.Where(m => m.Address == address && m.EndedAt == null).ToListAsync(ct))
        {
            MembershipView view = await ViewAsync(db, member, ct);
            domains.Add(view.Domain);
            await EndAsync(db, await db.FeedbackGroups.FirstAsync(g => g.Id == member.GroupId, ct), member, view.Domain, AuditTrail.ByLink, now, ct);
        }

        return domains;
    }

    /// <summary>
    /// Somebody wants an address out of a group. Where it is known that the member wrote it, the membership ends; else the member is sent its own link, once a
    /// day. Whether the address is in the group is told to nobody.
    /// </summary>
    /// <param name="groupToken">From the address or the link that all members share.</param>
    /// <param name="proved">The mail is known to come from the address.</param>
    public async Task AskedAsync(string groupToken, MailAddress address, bool proved, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        if (!await db.Standing().AnyAsync(g => g.Token == groupToken, ct))
            return;
        await using var transaction = await db.BeginExclusiveAsync(ct);
        FeedbackGroup? group = await db.Standing().FirstOrDefaultAsync(g => g.Token == groupToken, ct);
        if (group is null)
            return;
        GroupMember? member = (await db.GroupMembers.Where(m => m.GroupId == group.Id && m.EndedAt == null).ToListAsync(ct)).Find(m => IsSame(m.Address, address));
        string domain = await db.Claims.Where(c => c.Id == group.ClaimId).Select(c => c.Domain).FirstAsync(ct);
        if (member is null)
            return;
        if (proved)
        {
            await EndAsync(db, group, member, domain, "a mail of the member's own", now, ct);
        }
        else if (member.LeaveMailAt is null || now - member.LeaveMailAt >= LeaveMailPause)
        {
            member.LeaveMailAt = now;
            mails.LeaveLink(db, member, domain);
            await db.SaveChangesAsync(ct);
        }

        await transaction.CommitAsync(ct);
        outbox.Wake();
    }

    private async Task<FeedbackAnswer?> AnswerAsync(string? token, Func<PostmasterDb, FeedbackGroup, GroupMember, string, DateTimeOffset, Task> answer, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        // A guess does not keep the counting of complaints waiting.
        if (await links.PeekAsync(db, LinkPurpose.JoinGroup, token, ct) is null)
            return null;
        await using var transaction = await db.BeginExclusiveAsync(ct);
        if (await links.RedeemAsync(db, LinkPurpose.JoinGroup, token, ct) is not { } id)
            return null;
        GroupMember? member = await db.GroupMembers.FirstOrDefaultAsync(m => m.Id == id && m.EndedAt == null && (m.ConfirmedAt == null || m.PausedAt != null), ct);
        FeedbackGroup? group = member is null ? null : await db.Standing().FirstOrDefaultAsync(g => g.Id == member.GroupId, ct);
        if (member is null || group is null)
            return null;
        string domain = await db.Claims.Where(c => c.Id == group.ClaimId).Select(c => c.Domain).FirstAsync(ct);
        await answer(db, group, member, domain, time.GetUtcNow());
        await transaction.CommitAsync(ct);
        outbox.Wake();
        return new FeedbackAnswer(domain, member.Address);
    }

    private async Task EndAsync(PostmasterDb db, FeedbackGroup group, GroupMember member, string domain, string by, DateTimeOffset now, CancellationToken ct)
    {
        string what = member.ConfirmedAt is null ? "declined to join the group" : "left the group";
        member.Leave(now);
        await OneTimeLinks.RevokeAsync(db, LinkPurpose.JoinGroup, member.Id, ct);
        await GroupStanding.DropAsync(db, member.Id, LeftWords, now, ct);
        audit.Add(db, group.ClaimId, domain, null, by, what, member.Address);
        if (!await GroupStanding.FollowAsync(db, group, now, ct))
            return;
        await mails.EmptiedAsync(db, group, member, domain, ct);
        await db.SaveChangesAsync(ct);
    }

    private static async Task<MembershipView> ViewAsync(PostmasterDb db, GroupMember member, CancellationToken ct)
    {
        string domain = await (
            from g in db.FeedbackGroups
            join claim in db.Claims.IgnoreQueryFilters() on g.ClaimId equals claim.Id
            where g.Id == member.GroupId
            select claim.Domain).FirstAsync(ct);
        return new MembershipView(domain, member.Address, member.EndedAt is null && await db.Standing().AnyAsync(g => g.Id == member.GroupId, ct));
    }

    /// <summary>Local-parts are folded on the way.</summary>
    private static bool IsSame(string text, MailAddress address) =>
        MailAddress.TryParse(text, out MailAddress? theirs, out _) && theirs.Domain.Equals(address.Domain) && string.Equals(theirs.LocalPart, address.LocalPart, StringComparison.OrdinalIgnoreCase);
}
