using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Postmaster.Fbl.Text;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting.Outward;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Webhooks;

/// <summary>What became of a request to a webhook.</summary>
/// <param name="Status">Null: there was no answer.</param>
/// <param name="Words">The beginning of the answer, or why there was none; one line.</param>
/// <param name="RetryAfter">How long the endpoint wants to be left alone; null: it did not say, or what it said does not count.</param>
internal sealed record WebhookAnswer(int? Status, string Words, TimeSpan? RetryAfter, ReadOnlyMemory<byte> Body)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>It asks never to be called again.</summary>
    public bool IsGone => Status == 410;
}

/// <summary>Posts one signed event. Everything that a stranger's server may do is met by <see cref="OutwardHttps"/>.</summary>
internal sealed class WebhookPost(OutwardHttps https, Sealer sealer, TimeProvider time)
{
    /// <summary>Octets of an answer that are read: its beginning is shown to the owner, a challenge fits in.</summary>
    private const int MaxAnswer = 4096;

    /// <param name="id">Of the event; the same at every attempt.</param>
    public async Task<WebhookAnswer> SendAsync(WebhookEndpoint endpoint, Guid id, byte[] body, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        string name = $"msg_{id:N}";
        long timestamp = now.ToUnixTimeSeconds();
        List<string> signatures = [WebhookSecret.Sign(sealer.Open(endpoint.SealedSecret), name, timestamp, body)];
        if (endpoint.SealedFormer is { } former && endpoint.FormerUntil > now)
            signatures.Add(WebhookSecret.Sign(sealer.Open(former), name, timestamp, body));
        var request = new OutwardRequest(HttpMethod.Post, new Uri(endpoint.Url))
        {
            Body = body,
            ContentType = "application/json",
            MaxBody = MaxAnswer,
            Fields =
            [
                new("webhook-id", name),
                new("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture)),
                new("webhook-signature", string.Join(' ', signatures)),
            ],
        };
        return await https.SendAsync(request, ct) switch
        {
            OutwardOutcome.Answered answered => new WebhookAnswer(answered.Status, Words(answered), RetryAfter(answered), answered.Body),
            OutwardOutcome.Refused refused => new WebhookAnswer(null, Cut($"Not asked: {refused.Text}"), null, default),
            OutwardOutcome.Failed failed => new WebhookAnswer(null, Cut($"No answer: {failed.Text}"), null, default),
            _ => throw new InvalidOperationException("There is no other outcome."),
        };
    }

    /// <summary>RFC 9110 §10.2.3: heard where it says that there is too much, or that nothing works for now (RFC 6585 §4).</summary>
    private TimeSpan? RetryAfter(OutwardOutcome.Answered answered)
    {
        if (answered is not { Status: 429 or 503, RetryAfter: { } asked })
            return null;
        return (asked.Delta ?? (asked.Date is { } date ? date - time.GetUtcNow() : null)) is { } wait ? WebhookRetry.Bounded(wait) : null;
    }

    private static string Words(OutwardOutcome.Answered answered) => answered.IsRedirect && answered.Body.Length == 0
        ? "It redirects elsewhere; redirects are not followed."
        : Cut(HeaderWriter.Clean(Encoding.UTF8.GetString(answered.Body.Span)).Trim());

    private static string Cut(string text) => text.Length > WebhookConfiguration.AnswerLength ? text[..WebhookConfiguration.AnswerLength] : text;
}
