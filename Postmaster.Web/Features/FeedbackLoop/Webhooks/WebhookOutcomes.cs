using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Webhooks;

/// <summary>Writes down what became of an attempt: of the event, of its endpoint, and of the endpoint's other events when it is switched off.</summary>
internal sealed class WebhookOutcomes(
    IDbContextFactory<PostmasterDb> databases, WebhookNotices notices, AuditTrail audit, OutboxSignal outbox, IOptions<WebhooksOptions> options,
    TimeProvider time, ILogger<WebhookOutcomes> log)
{
    /// <summary>An endpoint that is back after having failed for so long gets at once what waits for it.</summary>
    private static readonly TimeSpan LongFailure = TimeSpan.FromMinutes(10);

    /// <returns>Whether the same endpoint may be asked again right now.</returns>
    public async Task<bool> WriteAsync(Leased<WebhookEndpoint> lease, WebhookDelivery delivery, WebhookAnswer answer, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        int attempts = delivery.Attempts + 1;
        DateTimeOffset? next = answer.IsSuccess ? null : NextTry(attempts, answer, now);
        await WriteAsync(db, delivery.Id, attempts, answer, next, now, ct);
        WebhookEndpoint? endpoint = await db.WebhookEndpoints.AsNoTracking().HeldBy(lease).FirstOrDefaultAsync(e => e.State == WebhookState.On && e.EndedAt == null, ct);
        bool goesOn = endpoint is not null && (answer.IsSuccess ? await SucceededAsync(db, endpoint, now, ct) : await FailedAsync(db, endpoint, answer, now, ct));
        await transaction.CommitAsync(ct);
        outbox.Wake();
        if (answer.IsSuccess)
            log.WebhookDelivered(lease.Row.Id, delivery.Id, answer.Status, attempts);
        else
            log.WebhookDelayed(lease.Row.Id, delivery.Id, answer.Status, attempts, next);
        if (endpoint is null)
            log.WebhookLeaseLost(lease.Row.Id);
        return goesOn;
    }

    /// <summary>Lets others have the endpoint; it is not asked before <paramref name="pause"/> is over, nor before what was set down already.</summary>
    public async Task ReleaseAsync(Leased<WebhookEndpoint> lease, TimeSpan pause, CancellationToken ct)
    {
        DateTimeOffset due = time.GetUtcNow() + pause;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await db.WebhookEndpoints.HeldBy(lease).Where(e => e.DueAt < due).ExecuteUpdateAsync(set => set.SetProperty(e => e.DueAt, due), ct);
        await db.WebhookEndpoints.HeldBy(lease).ExecuteUpdateAsync(set => set.SetProperty(e => e.LeaseUntil, (DateTimeOffset?)null).SetProperty(e => e.Attempts, 0), ct);
    }

    private static Task<int> WriteAsync(PostmasterDb db, Guid id, int attempts, WebhookAnswer answer, DateTimeOffset? next, DateTimeOffset now, CancellationToken ct)
    {
        WebhookDeliveryState state = answer.IsSuccess ? WebhookDeliveryState.Delivered : next is null ? WebhookDeliveryState.Failed : WebhookDeliveryState.Queued;
        DateTimeOffset due = next ?? now;
        DateTimeOffset? ended = state is WebhookDeliveryState.Queued ? null : now;
        return db.WebhookDeliveries.Where(d => d.Id == id).ExecuteUpdateAsync(set => set
            .SetProperty(d => d.State, state).SetProperty(d => d.Attempts, attempts).SetProperty(d => d.LastTryAt, now).SetProperty(d => d.LastStatus, answer.Status)
            .SetProperty(d => d.LastAnswer, answer.Words).SetProperty(d => d.DueAt, due).SetProperty(d => d.EndedAt, ended), ct);
    }

    private static DateTimeOffset? NextTry(int attempts, WebhookAnswer answer, DateTimeOffset now) => WebhookRetry.After(attempts) switch
    {
        null => null,
        { } wait when answer.RetryAfter > wait => now + answer.RetryAfter,
        { } wait => now + wait,
    };

    private static async Task<bool> SucceededAsync(PostmasterDb db, WebhookEndpoint endpoint, DateTimeOffset now, CancellationToken ct)
    {
        await db.WebhookEndpoints.Where(e => e.Id == endpoint.Id).ExecuteUpdateAsync(set => set
            .SetProperty(e => e.FailingSince, (DateTimeOffset?)null).SetProperty(e => e.LastDeliveredAt, now), ct);
        if (now - endpoint.FailingSince >= LongFailure)
        {
            await db.WebhookDeliveries.Where(d => d.EndpointId == endpoint.Id && d.State == WebhookDeliveryState.Queued && d.DueAt > now)
                .ExecuteUpdateAsync(set => set.SetProperty(d => d.DueAt, now), ct);
        }

        return true;
    }

    private async Task<bool> FailedAsync(PostmasterDb db, WebhookEndpoint endpoint, WebhookAnswer answer, DateTimeOffset now, CancellationToken ct)
    {
        DateTimeOffset since = endpoint.FailingSince ?? now;
        if (answer.IsGone)
        {
            await DisableAsync(db, endpoint, "It answered 410 Gone: it wants no events any more.", now, ct);
        }
        else if (now - since >= options.Value.DisableAfter)
        {
            string days = (now - since).TotalDays.ToString("0.#", CultureInfo.InvariantCulture);
            await DisableAsync(db, endpoint, $"Every attempt failed for {days} days. The last one: {(answer.Status is { } status ? $"status {status}" : answer.Words)}", now, ct);
        }
        else
        {
            DateTimeOffset due = now + (answer.RetryAfter ?? WebhookRetry.Pause(now - since));
            await db.WebhookEndpoints.Where(e => e.Id == endpoint.Id).ExecuteUpdateAsync(set => set
                .SetProperty(e => e.FailingSince, since).SetProperty(e => e.DueAt, due), ct);
        }

        return false;
    }

    private async Task DisableAsync(PostmasterDb db, WebhookEndpoint endpoint, string why, DateTimeOffset now, CancellationToken ct)
    {
        await db.WebhookEndpoints.Where(e => e.Id == endpoint.Id).ExecuteUpdateAsync(set => set
            .SetProperty(e => e.State, WebhookState.Disabled).SetProperty(e => e.DisabledWhy, why).SetProperty(e => e.FailingSince, (DateTimeOffset?)null), ct);
        int waiting = await db.WebhookDeliveries.Where(d => d.EndpointId == endpoint.Id && d.State == WebhookDeliveryState.Queued).ExecuteUpdateAsync(set => set
            .SetProperty(d => d.State, WebhookDeliveryState.Failed).SetProperty(d => d.EndedAt, now), ct);
        DomainClaim? claim = await db.Claims.AsNoTracking().FirstOrDefaultAsync(c => c.Id == endpoint.ClaimId, ct);
        if (claim is not null)
        {
            await notices.DisabledAsync(db, claim, endpoint, why, waiting, ct);
            audit.Add(db, claim.Id, claim.Domain, null, AuditTrail.ByPortal, "switched a webhook off", $"{endpoint.Url}: {why}");
        }

        await db.SaveChangesAsync(ct);
        log.WebhookDisabled(endpoint.Id, why);
    }
}
