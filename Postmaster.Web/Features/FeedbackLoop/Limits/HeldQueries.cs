using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Limits;

/// <summary>Reports of a claim that wait for the same limit.</summary>
/// <param name="Count">Complaints that they tell of.</param>
/// <param name="Oldest">Since when the oldest waits.</param>
/// <param name="NextLook">When the limit is looked at again for the first of them.</param>
public sealed record HeldReports(OutboxHold By, int Count, DateTimeOffset Oldest, DateTimeOffset NextLook)
{
    /// <summary>Why, in the words of a sentence that goes on after "because".</summary>
    public string Why => By switch
    {
        OutboxHold.AddressDay => "the address got as many reports in the last 24 hours as one address may. Alike ones that wait for longer become one report that tells of all; the others go out one by one as room comes",
        OutboxHold.AddressMinute => "the address got as many reports in the last minute as one address may",
        OutboxHold.AllMinute => "as many reports left in the last minute as may, to all addresses together",
        OutboxHold.RollUpDay => "the address got as many reports that tell of many complaints in the last 24 hours as one address may",
        _ => "reports to the address came back. They go out when it is confirmed again",
    };
}

/// <summary>What limits keep back. The caller has checked that the visitor may see the claim.</summary>
public sealed class HeldQueries(IDbContextFactory<PostmasterDb> databases)
{
    /// <summary>One row for each limit that keeps something back; empty when nothing is kept back.</summary>
    public async Task<IReadOnlyList<HeldReports>> FindAsync(Guid claimId, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        var groups = await (
            from delivery in db.ReportDeliveries
            join address in db.FeedbackAddresses on delivery.FeedbackAddressId equals address.Id
            where address.ClaimId == claimId
            join mail in db.Outbox on delivery.OutboxId equals mail.Id
            where mail.State == OutboxState.Queued && mail.HeldBy != null
            group mail by mail.HeldBy into held
            select new { By = held.Key, Count = held.Count(), Oldest = held.Min(m => m.CreatedAt), Next = held.Min(m => m.DueAt) }).ToListAsync(ct);
        return [.. groups.Select(g => new HeldReports(g.By!.Value, g.Count, g.Oldest, g.Next)).OrderBy(h => h.By)];
    }
}
