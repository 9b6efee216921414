using System.Net.Http.Headers;
using Microsoft.Extensions.Options;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Intake;

/// <summary>What became of a complaint that <c>postmaster complaint</c> handed in.</summary>
public abstract record SubmitOutcome
{
    private SubmitOutcome()
    {
    }

    /// <summary>The server has it.</summary>
    public sealed record Kept(Guid Id) : SubmitOutcome;

    /// <summary>The server is away or cannot take it now; it will take it up from the spool.</summary>
    public sealed record Spooled(string Path, string Reason) : SubmitOutcome;

    /// <summary>The complaint itself is wrong: trying again will not help.</summary>
    public sealed record Refused(string Reason) : SubmitOutcome;
}

/// <summary>Hands a complaint to the server, or to the spool when the server cannot take it: nothing is lost.</summary>
/// <param name="http">A client with a short time-out; the button's user waits.</param>
/// <param name="spoolDirectory">Created when missing.</param>
public sealed class ComplaintClient(HttpClient http, IOptions<IngestOptions> ingest, IOptions<IntakeOptions> intake, string spoolDirectory)
{
    /// <exception cref="IOException">Neither the server nor the spool took it: the caller must not report success.</exception>
    public async Task<SubmitOutcome> SubmitAsync(SpoolEntry entry, ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        if (message.Length > intake.Value.MaxMessageBytes)
            return new SubmitOutcome.Refused($"The message is larger than Intake:MaxMessageBytes ({intake.Value.MaxMessageBytes} octets).");
        if (message.IsEmpty)
            return new SubmitOutcome.Refused("There is no message.");
        string reason;
        try
        {
            using HttpRequestMessage request = Request(entry, message);
            using HttpResponseMessage response = await http.SendAsync(request, ct);
            if (response.IsSuccessStatusCode)
                return new SubmitOutcome.Kept(ComplaintId.FromKey(entry.Id));
            reason = $"The server answered {(int)response.StatusCode}.";
            // A wrong token is the operator's to mend, not a reason to lose a complaint; so is anything between here and the server.
            if ((int)response.StatusCode is 400 or 413 or 415)
                return new SubmitOutcome.Refused($"{reason} {await DetailAsync(response, ct)}".TrimEnd());
        }
        catch (Exception away) when (away is HttpRequestException or UriFormatException or IOException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            reason = "The server did not answer.";
        }

        Directory.CreateDirectory(spoolDirectory);
        using var content = new MemoryStream(message.ToArray(), writable: false);
        return new SubmitOutcome.Spooled(await SpoolWriter.WriteAsync(spoolDirectory, entry, content, ct), reason);
    }

    private HttpRequestMessage Request(SpoolEntry entry, ReadOnlyMemory<byte> message)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, ingest.Value.Url.TrimEnd('/') + HttpDoor.Route) { Content = new ReadOnlyMemoryContent(message) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("message/rfc822");
        if (ingest.Value.Token.Length > 0)
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + ingest.Value.Token);
        request.Headers.TryAddWithoutValidation("X-Mailbox", entry.Mailbox);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", entry.Id);
        request.Headers.TryAddWithoutValidation("X-Pressed-At", entry.PressedAt.ToUniversalTime().ToString("O", System.Globalization.CultureInfo.InvariantCulture));
        if (entry.MailboxSince is { } since)
            request.Headers.TryAddWithoutValidation("X-Mailbox-Since", since.ToUniversalTime().ToString("O", System.Globalization.CultureInfo.InvariantCulture));
        if (entry.Press is not Press.Spam)
            request.Headers.TryAddWithoutValidation("X-Feedback-Type", entry.Press.ReportedAs());
        return request;
    }

    private static async Task<string?> DetailAsync(HttpResponseMessage response, CancellationToken ct)
    {
        if (response.Content.Headers.ContentType?.MediaType is not "application/problem+json")
            return null;
        try
        {
            using var document = await System.Text.Json.JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(ct), default, ct);
            return document.RootElement.TryGetProperty("detail", out System.Text.Json.JsonElement detail) ? detail.GetString() : null;
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }
}
