using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Postmaster.Web.Features.Intake;

namespace Postmaster.Web.Features.Traffic.Intake;

/// <summary>What became of a batch that was sent.</summary>
public abstract record SendOutcome
{
    private SendOutcome()
    {
    }

    /// <summary>The server answered: taken, perhaps before, perhaps with lines refused, perhaps all of them.</summary>
    public sealed record Answered(IngestAnswer Answer) : SendOutcome;

    /// <summary>Trying again will not help before somebody mends something.</summary>
    public sealed record Refused(string Reason) : SendOutcome;

    /// <summary>The key of the batch stands for other lines at the server: sending it again changes nothing.</summary>
    public sealed record KeyTaken(string Reason) : SendOutcome;

    /// <summary>The server did not take it for as long as was waited.</summary>
    public sealed record GaveUp(string Reason) : SendOutcome;
}

/// <summary>Sends batches to the event door, again and again with pauses while the server is away or busy.</summary>
/// <param name="patience">How long one batch is tried.</param>
public sealed class EventClient(HttpClient http, IngestOptions ingest, TimeSpan patience, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250), LongestPause = TimeSpan.FromSeconds(30);

    public async Task<SendOutcome> SendAsync(EventBatch batch, CancellationToken ct)
    {
        long started = time.GetTimestamp();
        TimeSpan pause = FirstPause;
        while (true)
        {
            (SendOutcome outcome, TimeSpan? wanted) = await TryAsync(batch, ct);
            TimeSpan wait = wanted > pause ? wanted.Value : pause;
            if (outcome is not SendOutcome.GaveUp || time.GetElapsedTime(started) + wait > patience)
                return outcome;
            await Task.Delay(wait, time, ct);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task<(SendOutcome Outcome, TimeSpan? RetryAfter)> TryAsync(EventBatch batch, CancellationToken ct)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, ingest.Url.TrimEnd('/') + EventDoor.Route) { Content = new ReadOnlyMemoryContent(batch.Content) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + ingest.Token);
            request.Headers.TryAddWithoutValidation("Idempotency-Key", batch.Key);
            using HttpResponseMessage response = await http.SendAsync(request, ct);
            string body = await response.Content.ReadAsStringAsync(ct);
            if (response.IsSuccessStatusCode)
                return (IngestAnswer.FromJson(body) is { } answer ? new SendOutcome.Answered(answer) : new SendOutcome.Refused($"{ingest.Url} answered something that is not from Postmaster. Look at Ingest:Url."), null);
            string detail = Detail(body, out IngestAnswer? unreadable);
            if (response.StatusCode == HttpStatusCode.BadRequest && unreadable is not null)
                return (new SendOutcome.Answered(unreadable), null);
            string reason = $"The server answered {(int)response.StatusCode}. {detail}".TrimEnd();
            if (response.StatusCode == HttpStatusCode.UnprocessableEntity)
                return (new SendOutcome.KeyTaken($"The server has counted other lines under the key {batch.Key}. {detail}".TrimEnd()), null);
            if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)response.StatusCode >= 500)
                return (new SendOutcome.GaveUp(reason), RetryAfter(response));
            return (new SendOutcome.Refused(reason), null);
        }
        catch (Exception away) when (away is HttpRequestException or IOException || (away is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return (new SendOutcome.GaveUp($"The server at {ingest.Url} did not answer."), null);
        }
        catch (UriFormatException)
        {
            return (new SendOutcome.Refused($"Ingest:Url is {ingest.Url}, which is no address."), null);
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) =>
        response.Headers.RetryAfter is { } header ? header.Delta ?? header.Date - time.GetUtcNow() : null;

    /// <param name="unreadable">Set when the server could read no line, with what is wrong with them.</param>
    private static string Detail(string body, out IngestAnswer? unreadable)
    {
        unreadable = null;
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return "";
            if (document.RootElement.TryGetProperty("bad", out JsonElement bad) && bad.TryGetInt32(out int lines) && lines > 0)
                unreadable = new IngestAnswer(0, lines, false, 0, 0, IngestAnswer.FromJson(body)?.Problems ?? []);
            return document.RootElement.TryGetProperty("detail", out JsonElement detail) ? detail.GetString() ?? "" : "";
        }
        catch (JsonException)
        {
            return "";
        }
    }
}
