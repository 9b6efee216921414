using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Webhooks;

/// <summary>An event was put into the queue of the webhooks.</summary>
public sealed class WebhookSignal(TimeProvider time) : WorkSignal(time);

/// <summary>Reports to the webhooks that are switched on: one event a complaint and webhook.</summary>
internal sealed class WebhookWay(WebhookSignal signal) : IReportWay
{
    public async Task<IReadOnlyList<int>> QueueAsync(PostmasterDb db, IReadOnlyList<CountedReport> reports, CancellationToken ct)
    {
        List<Guid> claims = [.. reports.SelectMany(r => r.Claims).Select(c => c.Claim.ClaimId).Distinct()];
        if (claims.Count == 0)
            return new int[reports.Count];
        var endpoints = (await db.WebhookEndpoints.Where(e => claims.Contains(e.ClaimId) && e.EndedAt == null && e.State == WebhookState.On)
            .Select(e => new { e.Id, e.ClaimId }).ToListAsync(ct)).ToLookup(e => e.ClaimId, e => e.Id);
        int[] queued = new int[reports.Count];
        for (int i = 0; i < reports.Count; i++)
        {
            foreach (CountedClaim counted in reports[i].Claims.DistinctBy(c => c.Claim.ClaimId))
            {
                foreach (Guid endpoint in endpoints[counted.Claim.ClaimId])
                {
                    db.WebhookDeliveries.Add(NewDelivery(endpoint, counted, reports[i].Now));
                    queued[i]++;
                }
            }
        }

        return queued;
    }

    private static WebhookDelivery NewDelivery(Guid endpoint, CountedClaim counted, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        EndpointId = endpoint,
        ComplaintId = counted.Complaint.Id,
        CreatedAt = now,
        DueAt = now,
    };

    public void Wake() => signal.Wake();
}
