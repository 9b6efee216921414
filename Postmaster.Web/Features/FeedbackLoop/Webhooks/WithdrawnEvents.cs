using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Webhooks;

/// <summary>
/// Tells the webhooks that were told of a complaint that its mailbox took it back, where the owner asks for not-spam reports. Whether reports go out by mail
/// as well does not matter.
/// </summary>
internal sealed class WithdrawnEvents(WebhookSignal signal)
{
    /// <summary>Adds the events; the caller saves and commits, and then wakes.</summary>
    /// <param name="complaints">All taken back just now.</param>
    /// <returns>How many were queued.</returns>
    public static async Task<int> QueueAsync(PostmasterDb db, IReadOnlyList<Complaint> complaints, DateTimeOffset now, CancellationToken ct)
    {
        List<Guid> ids = [.. complaints.Select(c => c.Id)];
        var told = await (
            from delivery in db.WebhookDeliveries
            where delivery.ComplaintId != null && ids.Contains(delivery.ComplaintId.Value) && delivery.Event == WebhookEvent.Created
            join endpoint in db.WebhookEndpoints on delivery.EndpointId equals endpoint.Id
            where endpoint.EndedAt == null && endpoint.State == WebhookState.On
            join claim in db.Claims on endpoint.ClaimId equals claim.Id
            where (claim.State == ClaimState.Proved || claim.State == ClaimState.Warned) && db.FeedbackSettings.Any(s => s.ClaimId == claim.Id && s.WantsNotSpam)
            select new { delivery.ComplaintId, delivery.EndpointId }).ToListAsync(ct);
        foreach (var one in told)
        {
            db.WebhookDeliveries.Add(new WebhookDelivery
            {
                Id = Guid.CreateVersion7(now), EndpointId = one.EndpointId, ComplaintId = one.ComplaintId, Event = WebhookEvent.Withdrawn, CreatedAt = now, DueAt = now,
            });
        }

        return told.Count;
    }

    public void Wake() => signal.Wake();
}
