using System.Globalization;
using System.IO.Compression;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Postmaster.Web.Features.Intake;

namespace Postmaster.Web.Features.Traffic.Intake;

/// <summary>
/// <c>POST /api/intake/events</c>: lines of the event schema as application/x-ndjson, gzip if the feeder likes, its token as bearer.
/// 200 is answered after the commit; every refusal is problem details (RFC 9457) that say what to do.
/// </summary>
internal sealed class EventDoor(EventIntake intake, FeederQueries feeders, HttpDoorLimits limits, ILogger<EventDoor> log)
{
    public const string Route = "/api/intake/events";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1), OwnFault = TimeSpan.FromSeconds(10);
    private static readonly string[] MediaTypes = ["application/x-ndjson", "application/ndjson", "application/jsonl"];

    public async Task<IResult> PostAsync(HttpContext context, CancellationToken ct)
    {
        try
        {
            if (await feeders.FindAsync(context.Request, ct) is not { } feeder)
                return Unauthorized(context);
            return Refuse(context.Request) ?? await AcceptAsync(context, feeder, ct);
        }
        catch (InvalidDataException)
        {
            return Problem(StatusCodes.Status400BadRequest, "The body is not what Content-Encoding: gzip says, or it was cut off. Nothing was counted; send it again.");
        }
        catch (BadHttpRequestException broken)
        {
            return Problem(broken.StatusCode, "The body did not come through whole. Nothing was counted; send it again.");
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            log.EventsFault(fault);
            return Later(context, StatusCodes.Status503ServiceUnavailable, OwnFault, "The server could not take the events. Nothing was counted; send them again later.");
        }
    }

    private async Task<IResult> AcceptAsync(HttpContext context, KnownFeeder feeder, CancellationToken ct)
    {
        // Counted while reading, unpacked, so that the answer can say what the limit is.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        string key = context.Request.Headers["Idempotency-Key"].ToString();
        await using Stream body = IsGzip(context.Request) ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body;
        switch (await intake.AcceptAsync(feeder.Id, key.Length > 0 ? key : null, body, ct))
        {
            case IntakeOutcome.Counted counted:
                return TypedResults.Content(counted.Answer.ToJson(), "application/json");
            case IntakeOutcome.Unreadable { Answer: var answer }:
                return TypedResults.Problem(
                    answer.Bad == 0 ? "The body is empty. Send one event a line." : "No line could be read. Nothing was counted; what is wrong stands in problems.",
                    statusCode: StatusCodes.Status400BadRequest,
                    extensions: [new("accepted", 0), new("bad", answer.Bad), new("problems", answer.Problems)]);
            case IntakeOutcome.TooLarge large:
                context.Response.Headers.Connection = "close";
                return Problem(StatusCodes.Status413PayloadTooLarge, large.Reason + " Nothing was counted; send smaller batches.");
            case IntakeOutcome.Busy:
                context.Response.Headers.Connection = "close";
                return Later(context, StatusCodes.Status503ServiceUnavailable, Soon, "As many batches as may be are being taken in. Send this one again after the pause that Retry-After names.");
            default:
                return Later(context, StatusCodes.Status503ServiceUnavailable, OwnFault, "The server could not store the events. Nothing was counted; send them again later.");
        }
    }

    private static ProblemHttpResult? Refuse(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type) || !MediaTypes.Contains(type.MediaType.ToString(), StringComparer.OrdinalIgnoreCase))
            return Problem(StatusCodes.Status415UnsupportedMediaType, "Send one event a line with the header \"Content-Type: application/x-ndjson\".");
        string encoding = request.Headers.ContentEncoding.ToString().Trim();
        if (encoding.Length > 0 && !IsGzip(request) && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            return Problem(StatusCodes.Status415UnsupportedMediaType, "The header Content-Encoding may be gzip or absent.");
        string key = request.Headers["Idempotency-Key"].ToString();
        return key.Length > 0 && !ComplaintId.IsKey(key)
            ? Problem(StatusCodes.Status400BadRequest, $"The header Idempotency-Key may have up to {ComplaintId.MaxKeyLength} visible ASCII characters without spaces.")
            : null;
    }

    private static bool IsGzip(HttpRequest request) => request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant() is "gzip" or "x-gzip";

    private ProblemHttpResult Unauthorized(HttpContext context)
    {
        log.EventsRefused("wrong or missing token");
        if (limits.WrongToken(context) is { } wait)
            return Later(context, StatusCodes.Status429TooManyRequests, wait, "Too many requests without the right token.");
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Problem(StatusCodes.Status401Unauthorized, "Send the header \"Authorization: Bearer TOKEN\" with the token that the operator gave this feeder, or with Ingest:Token.");
    }

    private static ProblemHttpResult Later(HttpContext context, int status, TimeSpan wait, string detail)
    {
        context.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return Problem(status, detail);
    }

    private static ProblemHttpResult Problem(int status, string detail) => TypedResults.Problem(detail, statusCode: status);
}
