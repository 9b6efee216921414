using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Groups;

/// <summary>One member as the owners see it.</summary>
/// <param name="LinkEnds">When the last mail's link ends, while one is waited for; null: none is.</param>
/// <param name="PauseAnswer">Outside text.</param>
/// <param name="LastTakenAt">When the relay last took a report for it.</param>
/// <param name="Missed">Reports that it missed while it was paused and may still be sent.</param>
internal sealed record MemberView(
    Guid Id, string Address, DateTimeOffset InvitedAt, DateTimeOffset? ConfirmedAt, DateTimeOffset? LinkEnds, DateTimeOffset? PausedAt, string? PauseAnswer, DateTimeOffset? LastTakenAt, int Missed);

/// <summary>Who was in the group, or asked to be, and is no more.</summary>
internal sealed record FormerMember(string Address, DateTimeOffset EndedAt, bool Left, bool Declined);

/// <summary>What became of one report for one member. <paramref name="Answer"/> is outside text.</summary>
internal sealed record MemberDelivery(string Address, GroupDeliveryState State, DateTimeOffset At, string? Answer);

internal sealed record GroupReport(Guid OutboxId, OutboxKind Kind, bool IsReplay, OutboxState State, DateTimeOffset CreatedAt, Guid? ComplaintId, IReadOnlyList<MemberDelivery> Members);

/// <summary>A report came back that names no member.</summary>
/// <param name="Answer">Outside text.</param>
/// <param name="CopiesLeft">So many next reports go out as a copy for each member, to find out whose address it is.</param>
internal sealed record UnnamedBounce(DateTimeOffset At, string? Answer, int CopiesLeft);

internal sealed record GroupView(
    string Address, DateTimeOffset CreatedAt, string? CreatedBy, bool PersonalCopies, UnnamedBounce? Unnamed, IReadOnlyList<MemberView> Members, IReadOnlyList<FormerMember> Former, IReadOnlyList<GroupReport> Reports)
{
    public int Confirmed => Members.Count(m => m.ConfirmedAt is not null);
}

/// <summary>The page of a claim's group. The caller has checked that the visitor may see the claim.</summary>
internal sealed class GroupQueries(IDbContextFactory<PostmasterDb> databases, TimeProvider time)
{
    private const int ReportsShown = 20, FormerShown = 50;

    /// <summary>How long a bounce that names no member is shown.</summary>
    private static readonly TimeSpan UnnamedShown = TimeSpan.FromDays(30);

    /// <summary>Null: reports of this claim go to no group.</summary>
    public async Task<GroupView?> FindAsync(Guid claimId, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        FeedbackGroup? group = await db.Standing().AsNoTracking().FirstOrDefaultAsync(g => g.ClaimId == claimId, ct);
        if (group is null)
            return null;
        string address = await db.FeedbackAddresses.Where(a => a.Id == group.FeedbackAddressId).Select(a => a.Address).FirstAsync(ct);
        var members = await db.GroupMembers.AsNoTracking().Where(m => m.GroupId == group.Id && m.EndedAt == null).OrderBy(m => m.Address)
            .Select(m => new { Member = m, Taken = db.GroupDeliveries.Where(d => d.MemberId == m.Id && d.State == GroupDeliveryState.Accepted).Max(d => (DateTimeOffset?)d.At) }).ToListAsync(ct);
        List<FormerMember> former = await db.GroupMembers.AsNoTracking().Where(m => m.GroupId == group.Id && m.EndedAt != null).OrderByDescending(m => m.EndedAt).Take(FormerShown)
            .Select(m => new FormerMember(m.Address, m.EndedAt!.Value, m.LeftAt != null, m.DeclinedAt != null)).ToListAsync(ct);
        DateTimeOffset now = time.GetUtcNow();
        Dictionary<Guid, int> missed = await GroupCatchUp.CountAsync(db, address, members.Select(m => m.Member), now, ct);
        UnnamedBounce? unnamed = group.UnnamedAt is { } at && at > now - UnnamedShown ? new UnnamedBounce(at, group.UnnamedAnswer, group.CopiesLeft) : null;
        return new GroupView(
            address, group.CreatedAt, await db.Users.Where(u => u.Id == group.CreatedBy).Select(u => u.Email).FirstOrDefaultAsync(ct), group.PersonalCopies, unnamed,
            [.. members.Select(m => View(m.Member, m.Taken, missed.GetValueOrDefault(m.Member.Id)))], former, await ReportsAsync(db, address, ct));
    }

    private static MemberView View(GroupMember m, DateTimeOffset? taken, int missed) => new(
        m.Id, m.Address, m.InvitedAt, m.ConfirmedAt, m.ConfirmedAt is null || m.LastMailAt > m.PausedAt ? m.LastMailAt + GroupStore.LinkLifetime : null, m.PausedAt, m.PauseAnswer, taken, missed);

    private static async Task<List<GroupReport>> ReportsAsync(PostmasterDb db, string address, CancellationToken ct)
    {
        var rows = await db.Outbox.AsNoTracking().Where(m => m.To == address).OrderByDescending(m => m.CreatedAt).ThenByDescending(m => m.Id).Take(ReportsShown)
            .Select(m => new { m.Id, m.Kind, m.IsReplay, m.State, m.CreatedAt, ComplaintId = db.ReportDeliveries.Where(d => d.OutboxId == m.Id).Select(d => (Guid?)d.ComplaintId).FirstOrDefault() })
            .ToListAsync(ct);
        List<Guid> ids = [.. rows.Select(r => r.Id)];
        var deliveries = await (
            from delivery in db.GroupDeliveries.AsNoTracking()
            join member in db.GroupMembers on delivery.MemberId equals member.Id
            where ids.Contains(delivery.OutboxId)
            orderby member.Address
            select new { delivery.OutboxId, Row = new MemberDelivery(member.Address, delivery.State, delivery.At, delivery.Answer) }).ToListAsync(ct);
        ILookup<Guid, MemberDelivery> byReport = deliveries.ToLookup(d => d.OutboxId, d => d.Row);
        return [.. rows.Select(r => new GroupReport(r.Id, r.Kind, r.IsReplay, r.State, r.CreatedAt, r.ComplaintId, [.. byReport[r.Id]]))];
    }
}
