using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Postmaster.Fbl.Names;
using Postmaster.Web.Features.Traffic.Intake;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Intake;

/// <summary>
/// <c>POST /api/intake/complaints</c>: the raw message as message/rfc822, the mailbox in <c>X-Mailbox</c>, a feeder's token as bearer.
/// 202 is answered after the commit; every refusal is problem details (RFC 9457) that say what to do.
/// </summary>
internal sealed class HttpDoor(
    IntakeStore store, HttpDoorLimits limits, IOptions<IntakeOptions> intake, FeederQueries feeders, ILogger<HttpDoor> log)
{
    public const string Route = "/api/intake/complaints";
    private static readonly TimeSpan OwnFault = TimeSpan.FromSeconds(30);

    public async Task<IResult> PostAsync(HttpContext context, CancellationToken ct)
    {
        try
        {
            if (await feeders.FindAsync(context.Request, ct) is null)
                return Unauthorized(context);
            if (limits.Request(context) is { } wait)
                return Later(context, StatusCodes.Status429TooManyRequests, wait, "Too many complaints a minute from this address. Send the rest after the pause that Retry-After names.");
            if (Refuse(context.Request, out PressedButton button) is { } refusal)
                return refusal;
            // Counted here, so that the answer can say what the limit is; and whoever sends more is read out for a few seconds, or the answer would
            // go down with the connection.
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
                size.MaxRequestBodySize = null;
            if (context.Request.ContentLength > intake.Value.MaxMessageBytes)
                return TooLarge();

            using var body = new BoundedBody(limits);
            switch (await body.ReadAsync(context.Request.BodyReader, intake.Value.MaxMessageBytes, ct))
            {
                case BodyRead.TooLarge:
                    context.Response.Headers.Connection = "close";
                    return TooLarge();
                case BodyRead.NoMemory:
                    context.Response.Headers.Connection = "close";
                    return Later(context, StatusCodes.Status503ServiceUnavailable, OwnFault, "Too many large messages are being received at once. Send this one again later.");
            }

            if (body.Octets.IsEmpty)
                return Problem(StatusCodes.Status400BadRequest, "The body is empty. Send the raw message that was complained about.");
            KeepOutcome outcome = await store.KeepAsync(Request(context.Request, button, body.Octets), ct);
            return outcome is KeepOutcome.Kept kept
                ? TypedResults.Json(new Accepted(kept.Id, "kept"), statusCode: StatusCodes.Status202Accepted)
                : Later(context, StatusCodes.Status503ServiceUnavailable, OwnFault, "There is no room on the server's disk. Nothing was kept; send it again later.");
        }
        catch (BadHttpRequestException broken)
        {
            return Problem(broken.StatusCode, "The body did not come through whole. Send it again.");
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            log.HttpFault(fault);
            return Later(context, StatusCodes.Status503ServiceUnavailable, OwnFault, "The server could not keep the complaint. Nothing was kept; send it again later.");
        }
    }

    private static KeepRequest Request(HttpRequest request, PressedButton button, ReadOnlyMemory<byte> message) => new()
    {
        Id = request.Headers["Idempotency-Key"].ToString() is { Length: > 0 } key ? ComplaintId.FromKey(key) : Guid.CreateVersion7(),
        Door = IntakeDoor.Http,
        Press = button.Press,
        Mailbox = button.Mailbox,
        MailboxSince = button.MailboxSince,
        PressedAt = button.PressedAt,
        Raw = message,
        Message = Range.All,
    };

    private ProblemHttpResult Unauthorized(HttpContext context)
    {
        log.HttpRefused("wrong or missing token");
        if (limits.WrongToken(context) is { } wait)
            return Later(context, StatusCodes.Status429TooManyRequests, wait, "Too many requests without the right token.");
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Problem(StatusCodes.Status401Unauthorized, "Send the header \"Authorization: Bearer TOKEN\" with a feeder's token or with the value of Ingest:Token on the server.");
    }

    /// <summary>Null when the header fields are in order.</summary>
    private static ProblemHttpResult? Refuse(HttpRequest request, out PressedButton button)
    {
        button = default;
        Press press = Press.Spam;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? content)
            || !content.MediaType.Equals("message/rfc822", StringComparison.OrdinalIgnoreCase))
            return Problem(StatusCodes.Status415UnsupportedMediaType, "Send the raw message with the header \"Content-Type: message/rfc822\".");
        if (!MailAddress.TryParse(request.Headers["X-Mailbox"].ToString(), out MailAddress? mailbox, out _))
            return Problem(StatusCodes.Status400BadRequest, "The header X-Mailbox must hold the address of the mailbox whose user complains, such as alice@provider.example.");
        if (request.Headers["X-Feedback-Type"].ToString() is { Length: > 0 } type && !PressWords.TryParse(type, out press))
            return Problem(StatusCodes.Status400BadRequest, "The header X-Feedback-Type may be abuse, fraud, virus or not-spam; without it the complaint is abuse.");

        if (!TryReadTime(request, "X-Pressed-At", out DateTimeOffset? pressedAt) || !TryReadTime(request, "X-Mailbox-Since", out DateTimeOffset? mailboxSince))
            return Problem(StatusCodes.Status400BadRequest, "The headers X-Pressed-At and X-Mailbox-Since must be times such as 2026-11-21T10:00:00Z.");

        button = new PressedButton(press, mailbox, pressedAt, mailboxSince);
        string key = request.Headers["Idempotency-Key"].ToString();
        return key.Length > 0 && !ComplaintId.IsKey(key)
            ? Problem(StatusCodes.Status400BadRequest, $"The header Idempotency-Key may have up to {ComplaintId.MaxKeyLength} visible ASCII characters without spaces.")
            : null;
    }

    /// <summary>True with null when the header is not there.</summary>
    private static bool TryReadTime(HttpRequest request, string header, out DateTimeOffset? time)
    {
        time = null;
        if (request.Headers[header].ToString() is not { Length: > 0 } text)
            return true;
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at))
            return false;
        time = at;
        return true;
    }

    private ProblemHttpResult TooLarge() => Problem(
        StatusCodes.Status413PayloadTooLarge,
        string.Create(CultureInfo.InvariantCulture, $"A message may have {intake.Value.MaxMessageBytes} octets here (Intake:MaxMessageBytes)."));

    private static ProblemHttpResult Later(HttpContext context, int status, TimeSpan wait, string detail)
    {
        context.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return Problem(status, detail);
    }

    private static ProblemHttpResult Problem(int status, string detail) => TypedResults.Problem(detail, statusCode: status);

    /// <summary>What the header fields say of a press.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct PressedButton(Press Press, MailAddress Mailbox, DateTimeOffset? PressedAt, DateTimeOffset? MailboxSince);

    private sealed record Accepted(Guid Id, string State);
}
