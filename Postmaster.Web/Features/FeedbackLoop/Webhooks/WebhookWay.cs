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
    public async Task<int> QueueAsync(PostmasterDb db, CountedReport report, CancellationToken ct)
    {
        if (report.Claims.Count == 0)
            return 0;
        List<Guid> claims = [.. report.Claims.Select(c => c.Claim.ClaimId)];
        var endpoints = await db.WebhookEndpoints.Where(e => claims.Contains(e.ClaimId) && e.EndedAt == null && e.State == WebhookState.On)
            .Select(e => new { e.Id, e.ClaimId }).ToListAsync(ct);
        foreach (var endpoint in endpoints)
        {
            db.WebhookDeliveries.Add(new WebhookDelivery
            {
                Id = Guid.CreateVersion7(report.Now),
                EndpointId = endpoint.Id,
                ComplaintId = report.Claims.First(c => c.Claim.ClaimId == endpoint.ClaimId).Complaint.Id,
                CreatedAt = report.Now,
                DueAt = report.Now,
            });
        }

        return endpoints.Count;
    }

    public void Wake() => signal.Wake();
}
