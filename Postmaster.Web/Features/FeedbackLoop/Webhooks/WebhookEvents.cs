using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Webhooks;

/// <summary>An event that is to be posted now.</summary>
internal sealed record DueEvent(WebhookDelivery Delivery, byte[] Body);

/// <summary>Makes the next event of an endpoint at the moment of sending, from what holds at that moment.</summary>
internal sealed class WebhookEvents(IDbContextFactory<PostmasterDb> databases, ReportRecords records, WebhookPayload payload, TimeProvider time)
{
    /// <summary>Null: nothing is due, or nobody may be told any more; then what waits is cancelled.</summary>
    public async Task<DueEvent?> NextAsync(WebhookEndpoint endpoint, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        DomainClaim? claim = await db.Claims.AsNoTracking().FirstOrDefaultAsync(c => c.Id == endpoint.ClaimId, ct);
        if (claim is not { IsInForce: true })
        {
            await CancelAsync(db.WebhookDeliveries.Where(d => d.EndpointId == endpoint.Id), "The domain is no longer proved, or was removed.", ct);
            return null;
        }

        while (true)
        {
            DateTimeOffset now = time.GetUtcNow();
            WebhookDelivery? due = await db.WebhookDeliveries.AsNoTracking()
                .Where(d => d.EndpointId == endpoint.Id && d.State == WebhookDeliveryState.Queued && d.DueAt <= now).OrderBy(d => d.DueAt).FirstOrDefaultAsync(ct);
            if (due is null)
                return null;
            if (due.ComplaintId is { } complaint && await records.FindAsync(db, claim, complaint, ct) is { } report)
                return new DueEvent(due, due.Event is WebhookEvent.Withdrawn
                    ? WebhookPayload.Withdrawn(report.Record, due.CreatedAt)
                    : payload.Complaint(endpoint.Format, report, due.CreatedAt));
            await CancelAsync(db.WebhookDeliveries.Where(d => d.Id == due.Id), due.ComplaintId is null ? "The portal was stopped during this test." : "The complaint is no longer kept.", ct);
        }
    }

    private Task<int> CancelAsync(IQueryable<WebhookDelivery> deliveries, string why, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        return deliveries.Where(d => d.State == WebhookDeliveryState.Queued).ExecuteUpdateAsync(set => set
            .SetProperty(d => d.State, WebhookDeliveryState.Cancelled).SetProperty(d => d.EndedAt, now).SetProperty(d => d.LastAnswer, why), ct);
    }
}
