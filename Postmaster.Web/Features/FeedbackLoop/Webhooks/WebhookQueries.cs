using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Webhooks;

/// <summary>A webhook as its owners see it; the secret is not among it.</summary>
/// <param name="FormerUntil">Until when the secret before signs as well; null: only the present one does.</param>
public sealed record WebhookRow(
    Guid Id, string Url, WebhookFormat Format, WebhookState State, DateTimeOffset CreatedAt, string? CreatedBy, DateTimeOffset? ProvedAt, DateTimeOffset? FormerUntil,
    DateTimeOffset? FailingSince, DateTimeOffset? LastDeliveredAt, string? DisabledWhy, int Waiting, int Failed);

/// <summary>One event. <paramref name="LastAnswer"/> is outside text.</summary>
/// <param name="ComplaintId">Null: a test event.</param>
/// <param name="NextTryAt">Null unless it waits.</param>
public sealed record WebhookDeliveryRow(
    Guid Id, Guid EndpointId, string Url, Guid? ComplaintId, WebhookDeliveryState State, DateTimeOffset CreatedAt, DateTimeOffset? LastTryAt, DateTimeOffset? NextTryAt,
    int Attempts, int? LastStatus, string? LastAnswer, bool CanBeSentAgain)
{
    public WebhookEvent Event { get; init; }
}

/// <summary>The webhooks of a claim. The caller has checked that the visitor may see it.</summary>
public sealed class WebhookQueries(IDbContextFactory<PostmasterDb> databases, TimeProvider time)
{
    private const int Listed = 50;

    public async Task<IReadOnlyList<WebhookRow>> ListAsync(Guid claimId, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await db.WebhookEndpoints.Where(e => e.ClaimId == claimId && e.EndedAt == null).OrderBy(e => e.CreatedAt).ThenBy(e => e.Id)
            .Select(e => new WebhookRow(
                e.Id, e.Url, e.Format, e.State, e.CreatedAt, db.Users.Where(u => u.Id == e.CreatedBy).Select(u => u.Email).FirstOrDefault(), e.ProvedAt,
                e.FormerUntil > now ? e.FormerUntil : null, e.FailingSince, e.LastDeliveredAt, e.DisabledWhy,
                db.WebhookDeliveries.Count(d => d.EndpointId == e.Id && d.State == WebhookDeliveryState.Queued),
                db.WebhookDeliveries.Count(d => d.EndpointId == e.Id && d.State == WebhookDeliveryState.Failed && d.ComplaintId != null)))
            .ToListAsync(ct);
    }

    /// <summary>The last 50 of all webhooks that stand, newest first.</summary>
    public async Task<IReadOnlyList<WebhookDeliveryRow>> DeliveriesAsync(Guid claimId, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await (
            from endpoint in db.WebhookEndpoints
            where endpoint.ClaimId == claimId && endpoint.EndedAt == null
            join d in db.WebhookDeliveries on endpoint.Id equals d.EndpointId
            orderby d.CreatedAt descending, d.Id descending
            select new WebhookDeliveryRow(
                d.Id, endpoint.Id, endpoint.Url, d.ComplaintId, d.State, d.CreatedAt, d.LastTryAt,
                d.State == WebhookDeliveryState.Queued && d.ComplaintId != null ? (d.DueAt > endpoint.DueAt ? d.DueAt : endpoint.DueAt) : null, d.Attempts, d.LastStatus, d.LastAnswer,
                d.State != WebhookDeliveryState.Queued && d.ComplaintId != null && endpoint.State == WebhookState.On) { Event = d.Event }).Take(Listed).ToListAsync(ct);
    }
}
