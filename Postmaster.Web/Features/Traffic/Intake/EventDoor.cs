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

    private static readonly string[] MediaTypes = ["application/x-ndjson", "application/ndjson", "application/jsonl"];

    public async Task<IResult> PostAsync(HttpContext context, CancellationToken ct)
    {
        try
        {
            if (await feeders.FindAsync(context.Request, ct) is not { } feeder)
            {
                log.EventsRefused("wrong or missing token");
                return DoorAnswers.Unauthorized(context, limits);
            }

            return Refuse(context.Request) ?? await AcceptAsync(context, feeder, ct);
        }
        catch (InvalidDataException)
        {
            return DoorAnswers.Problem(StatusCodes.Status400BadRequest, "The body is not what Content-Encoding: gzip says, or it was cut off. Nothing was counted; send it again.");
        }
        catch (BadHttpRequestException broken)
        {
            return DoorAnswers.Problem(broken.StatusCode, "The body did not come through whole. Nothing was counted; send it again.");
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            log.EventsFault(fault);
            return DoorAnswers.OwnFault(context);
        }
    }

    private async Task<IResult> AcceptAsync(HttpContext context, KnownFeeder feeder, CancellationToken ct)
    {
        // Counted while reading, unpacked, so that the answer can say what the limit is.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        string key = context.Request.Headers["Idempotency-Key"].ToString();
        await using Stream body = IsGzip(context.Request) ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body;
        return DoorAnswers.Of(context, await intake.AcceptAsync(feeder.Id, key.Length > 0 ? key : null, body, ct));
    }

    private static ProblemHttpResult? Refuse(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type) || !MediaTypes.Contains(type.MediaType.ToString(), StringComparer.OrdinalIgnoreCase))
            return DoorAnswers.Problem(StatusCodes.Status415UnsupportedMediaType, "Send one event a line with the header \"Content-Type: application/x-ndjson\".");
        string encoding = request.Headers.ContentEncoding.ToString().Trim();
        if (encoding.Length > 0 && !IsGzip(request) && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            return DoorAnswers.Problem(StatusCodes.Status415UnsupportedMediaType, "The header Content-Encoding may be gzip or absent.");
        string key = request.Headers["Idempotency-Key"].ToString();
        return key.Length > 0 && !ComplaintId.IsKey(key)
            ? DoorAnswers.Problem(StatusCodes.Status400BadRequest, $"The header Idempotency-Key may have up to {ComplaintId.MaxKeyLength} visible ASCII characters without spaces.")
            : null;
    }

    private static bool IsGzip(HttpRequest request) => request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant() is "gzip" or "x-gzip";
}
