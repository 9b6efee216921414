using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Webhooks;

/// <summary>
/// The endpoints that an event is due for. An endpoint is leased, not an event: one request at a time goes to each, and the one that was asked longest
/// ago comes first, so that a slow one with a long queue takes one place and no more.
/// </summary>
internal sealed class WebhookLeases(IDbContextFactory<PostmasterDb> databases, TimeProvider time) : LeasedQueue<WebhookEndpoint>(databases, time)
{
    protected override IQueryable<WebhookEndpoint> Open(PostmasterDb db, DateTimeOffset now) => db.WebhookEndpoints
        .Where(e => e.State == WebhookState.On && e.EndedAt == null && db.WebhookDeliveries.Any(d => d.EndpointId == e.Id && d.State == WebhookDeliveryState.Queued && d.DueAt <= now));

    protected override bool IsOpen(WebhookEndpoint row, DateTimeOffset now) => row.State is WebhookState.On && row.EndedAt is null;
}
