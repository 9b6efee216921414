using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Webhooks;

/// <summary>What became of a test event.</summary>
public enum PingResult
{
    /// <summary>It gave the challenge back: the webhook is on.</summary>
    Proved,

    /// <summary>It did not answer with 2xx; the list of deliveries says how.</summary>
    Failed,

    /// <summary>It answered 2xx without the challenge.</summary>
    NoChallenge,

    /// <summary>Too many test events of this owner lately.</summary>
    TooOften,

    /// <summary>There is no such webhook, or the domain is not proved.</summary>
    Nothing,
}

/// <summary>
/// The test event, sent while its owner waits. It holds a random challenge, and an endpoint is switched on only when it gives that back: any web server
/// answers 200 to anything, so a status alone would let complaints be pointed at strangers. "Standard Webhooks" has no rule for this.
/// </summary>
internal sealed class WebhookPing(
    IDbContextFactory<PostmasterDb> databases, WebhookPost post, AuditTrail audit, TimeProvider time, ILogger<WebhookPing> log)
{
    /// <summary>Test events of all of one account's domains in <see cref="Window"/>: nobody may use the portal to knock at strangers.</summary>
    public const int MostPerAccount = 20;

    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>A test that the portal was stopped during is not taken up again.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    public async Task<PingResult> SendAsync(Guid claimId, Guid userId, Guid id, CancellationToken ct)
    {
        (PingResult? refused, WebhookEndpoint? endpoint, string? domain, Guid delivery) = await BeginAsync(claimId, id, ct);
        if (refused is { } reason)
            return reason;
        string challenge = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        // Whoever closes the page meanwhile has pressed all the same: the result is wanted later.
        WebhookAnswer answer = await post.SendAsync(endpoint!, delivery, WebhookPayload.Test(endpoint!, domain!, challenge, time.GetUtcNow()), CancellationToken.None);
        bool proved = answer.IsSuccess && GivesBack(answer.Body.Span, challenge);
        await EndAsync(claimId, userId, endpoint!, delivery, answer, proved, CancellationToken.None);
        log.WebhookTested(id, answer.Status, proved);
        return proved ? PingResult.Proved : answer.IsSuccess ? PingResult.NoChallenge : PingResult.Failed;
    }

    /// <summary>The challenge alone, as text, or as the member "challenge" of a JSON object. A server that sends back all it got does not pass.</summary>
    internal static bool GivesBack(ReadOnlySpan<byte> body, string challenge)
    {
        string text = Encoding.UTF8.GetString(body).Trim();
        if (string.Equals(text, challenge, StringComparison.Ordinal))
            return true;
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind is JsonValueKind.Object && json.RootElement.TryGetProperty("challenge", out JsonElement given)
                && given.ValueKind is JsonValueKind.String && given.ValueEquals(challenge);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private async Task<(PingResult? Refused, WebhookEndpoint? Endpoint, string? Domain, Guid Delivery)> BeginAsync(Guid claimId, Guid id, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow(), since = now - Window;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        WebhookEndpoint? endpoint = await db.WebhookEndpoints.AsNoTracking().FirstOrDefaultAsync(e => e.Id == id && e.ClaimId == claimId && e.EndedAt == null, ct);
        DomainClaim? claim = await db.Claims.AsNoTracking().FirstOrDefaultAsync(c => c.Id == claimId, ct);
        if (endpoint is null || claim is not { IsInForce: true })
            return (PingResult.Nothing, null, null, default);
        IQueryable<Guid> ofAccount = db.WebhookEndpoints.Where(e => db.Claims.IgnoreQueryFilters().Any(c => c.Id == e.ClaimId && c.OwnerId == claim.OwnerId)).Select(e => e.Id);
        if (await db.WebhookDeliveries.CountAsync(d => d.ComplaintId == null && d.CreatedAt > since && ofAccount.Contains(d.EndpointId), ct) >= MostPerAccount)
            return (PingResult.TooOften, null, null, default);
        var delivery = new WebhookDelivery { Id = Guid.CreateVersion7(now), EndpointId = id, CreatedAt = now, DueAt = now + Longest };
        db.WebhookDeliveries.Add(delivery);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return (null, endpoint, claim.Domain, delivery.Id);
    }

    private async Task EndAsync(Guid claimId, Guid userId, WebhookEndpoint endpoint, Guid delivery, WebhookAnswer answer, bool proved, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        string words = answer.IsSuccess && !proved ? $"The challenge is missing in the answer: {answer.Words}" : answer.Words;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.WebhookDeliveries.Where(d => d.Id == delivery).ExecuteUpdateAsync(set => set
            .SetProperty(d => d.State, proved ? WebhookDeliveryState.Delivered : WebhookDeliveryState.Failed).SetProperty(d => d.Attempts, 1)
            .SetProperty(d => d.LastTryAt, now).SetProperty(d => d.EndedAt, now).SetProperty(d => d.LastStatus, answer.Status)
            .SetProperty(d => d.LastAnswer, words.Length > WebhookConfiguration.AnswerLength ? words[..WebhookConfiguration.AnswerLength] : words), ct);
        int switched = !proved ? 0 : await db.WebhookEndpoints.Where(e => e.Id == endpoint.Id && e.EndedAt == null && e.State != WebhookState.On).ExecuteUpdateAsync(set => set
            .SetProperty(e => e.State, WebhookState.On).SetProperty(e => e.ProvedAt, e => e.ProvedAt ?? now).SetProperty(e => e.DisabledWhy, (string?)null)
            .SetProperty(e => e.FailingSince, (DateTimeOffset?)null).SetProperty(e => e.DueAt, now), ct);
        DomainClaim? claim = await db.Claims.AsNoTracking().FirstOrDefaultAsync(c => c.Id == claimId, ct);
        if (switched == 1 && claim is not null)
        {
            string by = await db.Users.Where(u => u.Id == userId).Select(u => u.Email).FirstOrDefaultAsync(ct) ?? "an account that is gone";
            audit.Add(db, claimId, claim.Domain, userId, by, "switched a webhook on", endpoint.Url);
        }

        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }
}
