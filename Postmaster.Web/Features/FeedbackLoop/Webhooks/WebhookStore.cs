using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Hosting;
using Postmaster.Web.Hosting.Outward;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Webhooks;

/// <summary>What became of adding a webhook.</summary>
public abstract record AddWebhookResult
{
    private AddWebhookResult()
    {
    }

    /// <param name="Secret">In clear, for the only time.</param>
    public sealed record Added(Guid Id, string Secret) : AddWebhookResult;

    public sealed record Refused(AddWebhookProblem Problem) : AddWebhookResult;
}

public enum AddWebhookProblem
{
    /// <summary>No absolute https address, or too long.</summary>
    NotHttps,
    Port,
    UserInTarget,

    /// <summary>An IP address, or no name of the public DNS.</summary>
    NoHostName,

    /// <summary>The portal itself.</summary>
    WouldLoop,
    Same,
    TooMany,
    NotInForce,
}

/// <summary>What owners do to webhooks. Every change is in the audit trail. The caller has checked that the visitor may change the claim.</summary>
internal sealed class WebhookStore(
    IDbContextFactory<PostmasterDb> databases, Sealer sealer, AuditTrail audit, PortalUrl portal, WebhookSignal signal, IOptions<WebhooksOptions> options, TimeProvider time)
{
    /// <summary>How long the secret before signs as well.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    public async Task<AddWebhookResult> AddAsync(Guid claimId, Guid userId, string? text, WebhookFormat format, CancellationToken ct)
    {
        if (Judge(text, out Uri? target) is { } problem)
            return new AddWebhookResult.Refused(problem);
        string url = target!.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        DomainClaim? claim = await db.Claims.AsNoTracking().FirstOrDefaultAsync(c => c.Id == claimId, ct);
        if (claim is not { IsInForce: true })
            return new AddWebhookResult.Refused(AddWebhookProblem.NotInForce);
        List<string> standing = await db.WebhookEndpoints.Where(e => e.ClaimId == claimId && e.EndedAt == null).Select(e => e.Url).ToListAsync(ct);
        if (standing.Contains(url, StringComparer.Ordinal))
            return new AddWebhookResult.Refused(AddWebhookProblem.Same);
        if (standing.Count >= options.Value.MaxPerClaim)
            return new AddWebhookResult.Refused(AddWebhookProblem.TooMany);
        byte[] secret = WebhookSecret.New();
        DateTimeOffset now = time.GetUtcNow();
        var endpoint = new WebhookEndpoint { ClaimId = claimId, Url = url, Format = format, SealedSecret = sealer.Seal(secret), CreatedBy = userId, CreatedAt = now, DueAt = now };
        db.WebhookEndpoints.Add(endpoint);
        await TellAsync(db, claim, userId, "added a webhook", url, ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return new AddWebhookResult.Added(endpoint.Id, WebhookSecret.Text(secret));
    }

    /// <summary>A new secret, in clear for the only time; the one before signs as well for <see cref="Overlap"/>. Null: there is no such webhook.</summary>
    public async Task<string?> RotateAsync(Guid claimId, Guid userId, Guid id, CancellationToken ct)
    {
        byte[] secret = WebhookSecret.New(), fresh = sealer.Seal(secret);
        DateTimeOffset until = time.GetUtcNow() + Overlap;
        bool done = await ChangeAsync(claimId, userId, id, "changed the secret of a webhook", (_, found) => found.ExecuteUpdateAsync(set => set
            .SetProperty(e => e.SealedFormer, e => e.SealedSecret).SetProperty(e => e.FormerUntil, until).SetProperty(e => e.SealedSecret, fresh), ct), ct);
        return done ? WebhookSecret.Text(secret) : null;
    }

    public Task<bool> SetFormatAsync(Guid claimId, Guid userId, Guid id, WebhookFormat format, CancellationToken ct) =>
        ChangeAsync(claimId, userId, id, format is WebhookFormat.Xarf ? "made a webhook send XARF" : "made a webhook send events", (_, found) =>
            found.ExecuteUpdateAsync(set => set.SetProperty(e => e.Format, format), ct), ct);

    /// <summary>At once; what waits has failed, and can be sent again.</summary>
    public Task<bool> SwitchOffAsync(Guid claimId, Guid userId, Guid id, CancellationToken ct) => ChangeAsync(claimId, userId, id, "switched a webhook off", async (db, found) =>
    {
        await EndWaitingAsync(db, id, WebhookDeliveryState.Failed, "The webhook was switched off.", ct);
        return await found.Where(e => e.State == WebhookState.On).ExecuteUpdateAsync(set => set.SetProperty(e => e.State, WebhookState.Off), ct);
    }, ct);

    /// <summary>At once and for good; what waits is cancelled.</summary>
    public Task<bool> RemoveAsync(Guid claimId, Guid userId, Guid id, CancellationToken ct) => ChangeAsync(claimId, userId, id, "removed a webhook", async (db, found) =>
    {
        DateTimeOffset now = time.GetUtcNow();
        await EndWaitingAsync(db, id, WebhookDeliveryState.Cancelled, "The webhook was removed.", ct);
        return await found.ExecuteUpdateAsync(set => set.SetProperty(e => e.EndedAt, now).SetProperty(e => e.State, WebhookState.Off), ct);
    }, ct);

    /// <summary>Sends one ended event of a complaint again, under the same <c>webhook-id</c>; only to a webhook that is on.</summary>
    public Task<int> SendAgainAsync(Guid claimId, Guid userId, Guid deliveryId, CancellationToken ct) =>
        SendAgainAsync(claimId, userId, d => d.Where(one => one.Id == deliveryId && one.State != WebhookDeliveryState.Queued), "sent an event to a webhook again", ct);

    /// <summary>The same with all that failed at a webhook.</summary>
    public Task<int> SendFailedAgainAsync(Guid claimId, Guid userId, Guid id, CancellationToken ct) =>
        SendAgainAsync(claimId, userId, d => d.Where(one => one.EndpointId == id && one.State == WebhookDeliveryState.Failed), "sent the failed events of a webhook again", ct);

    private async Task<int> SendAgainAsync(Guid claimId, Guid userId, Func<IQueryable<WebhookDelivery>, IQueryable<WebhookDelivery>> which, string what, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        DomainClaim? claim = await db.Claims.AsNoTracking().FirstOrDefaultAsync(c => c.Id == claimId, ct);
        if (claim is not { IsInForce: true })
            return 0;
        // Somebody says that it works: no waiting for what was set down after failures.
        IQueryable<Guid> asked = which(db.WebhookDeliveries).Select(d => d.EndpointId);
        await db.WebhookEndpoints.Where(e => e.ClaimId == claimId && asked.Contains(e.Id) && e.DueAt > now)
            .ExecuteUpdateAsync(set => set.SetProperty(e => e.DueAt, now), ct);
        int again = await which(db.WebhookDeliveries)
            .Where(d => d.ComplaintId != null && db.WebhookEndpoints.Any(e => e.Id == d.EndpointId && e.ClaimId == claimId && e.EndedAt == null && e.State == WebhookState.On))
            .ExecuteUpdateAsync(set => set
                .SetProperty(d => d.State, WebhookDeliveryState.Queued).SetProperty(d => d.DueAt, now).SetProperty(d => d.Attempts, 0).SetProperty(d => d.EndedAt, (DateTimeOffset?)null), ct);
        if (again > 0)
            await TellAsync(db, claim, userId, what, again == 1 ? null : $"{again} events", ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        signal.Wake();
        return again;
    }

    private async Task<bool> ChangeAsync(Guid claimId, Guid userId, Guid id, string what, Func<PostmasterDb, IQueryable<WebhookEndpoint>, Task<int>> change, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        IQueryable<WebhookEndpoint> found = db.WebhookEndpoints.Where(e => e.Id == id && e.ClaimId == claimId && e.EndedAt == null);
        DomainClaim? claim = await db.Claims.AsNoTracking().FirstOrDefaultAsync(c => c.Id == claimId, ct);
        string? url = await found.Select(e => e.Url).FirstOrDefaultAsync(ct);
        if (claim is null || url is null || await change(db, found) == 0)
            return false;
        await TellAsync(db, claim, userId, what, url, ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    private Task<int> EndWaitingAsync(PostmasterDb db, Guid id, WebhookDeliveryState state, string why, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        return db.WebhookDeliveries.Where(d => d.EndpointId == id && d.State == WebhookDeliveryState.Queued).ExecuteUpdateAsync(set => set
            .SetProperty(d => d.State, state).SetProperty(d => d.EndedAt, now).SetProperty(d => d.LastAnswer, why), ct);
    }

    private async Task TellAsync(PostmasterDb db, DomainClaim claim, Guid userId, string what, string? detail, CancellationToken ct) => audit.Add(
        db, claim.Id, claim.Domain, userId, await db.Users.Where(u => u.Id == userId).Select(u => u.Email).FirstOrDefaultAsync(ct) ?? "an account that is gone", what, detail);

    private AddWebhookProblem? Judge(string? text, out Uri? target)
    {
        if (!Uri.TryCreate(text?.Trim(), UriKind.Absolute, out target) || target.AbsoluteUri.Length > WebhookConfiguration.UrlLength)
            return AddWebhookProblem.NotHttps;
        if (OutwardTarget.TryRead(target, out _, out OutwardOutcome.Refused? refused))
            return Uri.TryCreate(portal.Root, UriKind.Absolute, out Uri? own) && string.Equals(own.IdnHost, target.IdnHost, StringComparison.OrdinalIgnoreCase) ? AddWebhookProblem.WouldLoop : null;
        return refused.Reason switch
        {
            OutwardRefusal.Port => AddWebhookProblem.Port,
            OutwardRefusal.UserInTarget => AddWebhookProblem.UserInTarget,
            OutwardRefusal.NoHostName => AddWebhookProblem.NoHostName,
            _ => AddWebhookProblem.NotHttps,
        };
    }
}
