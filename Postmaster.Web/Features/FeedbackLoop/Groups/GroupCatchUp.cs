using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Groups;

/// <summary>
/// What a member missed while it was paused: reports that others of the group have, or that came back from it. Its owner may have them sent to that member alone,
/// or let them be. Whether somebody wants a week of reports at once is not the portal's to decide, so nothing is sent unasked.
/// </summary>
internal sealed class GroupCatchUp(IDbContextFactory<PostmasterDb> databases, AuditTrail audit, OutboxSignal outbox, IOptions<ProviderOptions> provider, TimeProvider time)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>How many reports may be sent to each member that is back; members that missed none are left out.</summary>
    public static async Task<Dictionary<Guid, int>> CountAsync(PostmasterDb db, string groupAddress, IEnumerable<GroupMember> members, DateTimeOffset now, CancellationToken ct)
    {
        var missed = new Dictionary<Guid, int>();
        foreach (GroupMember member in members.Where(m => m is { TakesReports: true, MissedSince: not null }))
        {
            if (await Missed(db, groupAddress, member, now).CountAsync(ct) is > 0 and var count)
                missed.Add(member.Id, count);
        }

        return missed;
    }

    /// <summary>Queues what the member missed, the oldest first, as far as reports of the claim may be sent again.</summary>
    /// <returns>How many; the rest stays to be asked for.</returns>
    public async Task<int> SendAsync(Guid claimId, Guid memberId, Guid by, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow(), dayAgo = now - Day;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        if (await FindAsync(db, claimId, memberId, ct) is not { } found)
            return 0;
        (GroupMember member, FeedbackGroup group, string address, string domain) = found;
        int sentAgain = await db.Outbox.CountAsync(m => m.IsReplay && m.CreatedAt > dayAgo && db.ReportDeliveries.Any(d => d.OutboxId == m.Id && d.FeedbackAddressId == group.FeedbackAddressId), ct);
        int room = Math.Min(ReplayStore.MostAtOnce, ReplayStore.MostPerDay - sentAgain);
        List<OutboxMessage> missed = room <= 0 ? [] : await Missed(db, address, member, now).OrderBy(m => m.CreatedAt).ThenBy(m => m.Id).Take(room + 1).ToListAsync(ct);
        foreach (OutboxMessage report in missed.Take(room))
            await QueueAsync(db, report, member, now, ct);
        if (room > 0)
            member.MissedSince = missed.Count > room ? missed[room].CreatedAt : null;
        int queued = Math.Min(Math.Max(room, 0), missed.Count);
        if (queued > 0)
            await audit.AddAsync(db, claimId, domain, by, "had a member of the group sent what it missed", $"{member.Address}, {(queued == 1 ? "one report" : $"{queued} reports")}", ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        outbox.Wake();
        return queued;
    }

    /// <summary>Nobody wants what the member missed.</summary>
    public async Task LeaveAsync(Guid claimId, Guid memberId, Guid by, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        if (await FindAsync(db, claimId, memberId, ct) is not { } found)
            return;
        found.Member.MissedSince = null;
        await audit.AddAsync(db, claimId, found.Domain, by, "left a member of the group without what it missed", found.Member.Address, ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }

    private static async Task<(GroupMember Member, FeedbackGroup Group, string Address, string Domain)?> FindAsync(PostmasterDb db, Guid claimId, Guid memberId, CancellationToken ct)
    {
        var found = await (
            from member in db.GroupMembers
            where member.Id == memberId && member.EndedAt == null && member.ConfirmedAt != null && member.PausedAt == null && member.MissedSince != null
            join g in db.Standing() on member.GroupId equals g.Id
            join claim in db.Claims on g.ClaimId equals claim.Id
            where claim.Id == claimId && (claim.State == ClaimState.Proved || claim.State == ClaimState.Warned)
            join address in db.FeedbackAddresses on g.FeedbackAddressId equals address.Id
            select new { member, g, address.Address, claim.Domain }).FirstOrDefaultAsync(ct);
        return found is null ? null : (found.member, found.g, found.Address, found.Domain);
    }

    /// <summary>Reports that have left, that the member does not have, and whose messages are still kept.</summary>
    private static IQueryable<OutboxMessage> Missed(PostmasterDb db, string groupAddress, GroupMember member, DateTimeOffset now)
    {
        DateTimeOffset since = member.MissedSince!.Value > now - ReplayStore.Window ? member.MissedSince.Value : now - ReplayStore.Window;
        return db.Outbox.Where(m => m.To == groupAddress && !m.IsReplay && (m.Kind == OutboxKind.FeedbackReport || m.Kind == OutboxKind.NotSpamReport)
            && (m.State == OutboxState.Sent || m.State == OutboxState.Failed) && (m.EndedAt ?? m.CreatedAt) >= since && db.KeptBodies.Any(b => b.KeptId == m.KeptId)
            && !db.GroupDeliveries.Any(d => d.OutboxId == m.Id && d.MemberId == member.Id && (d.State == GroupDeliveryState.Accepted || d.State == GroupDeliveryState.Open)));
    }

    /// <summary>The report once more, for this member alone: it is written down as the only one that it is for.</summary>
    private async Task QueueAsync(PostmasterDb db, OutboxMessage report, GroupMember member, DateTimeOffset now, CancellationToken ct)
    {
        Guid id = Guid.CreateVersion7(now);
        db.Outbox.Add(new OutboxMessage
        {
            Id = id, Kind = report.Kind, To = report.To, KeptId = report.KeptId, IsReplay = true, Incidents = report.Incidents, MessageId = $"{id:N}@{provider.Value.Domain}",
            BounceToken = NoticeOutbox.NewBounceToken(), CreatedAt = now, DueAt = now,
        });
        foreach (ReportDelivery told in await db.ReportDeliveries.AsNoTracking().Where(d => d.OutboxId == report.Id).ToListAsync(ct))
            db.ReportDeliveries.Add(new ReportDelivery { ComplaintId = told.ComplaintId, OutboxId = id, FeedbackAddressId = told.FeedbackAddressId });
        db.GroupDeliveries.Add(new GroupDelivery { OutboxId = id, MemberId = member.Id, At = now });
    }
}
