using Microsoft.AspNetCore.Http.Features;
using Postmaster.Web.Features.Intake;
using Postmaster.Web.Features.Traffic.Events;
using Postmaster.Web.Features.Traffic.Intake;

namespace Postmaster.Web.Features.Traffic.Rspamd;

/// <summary>
/// <c>POST /api/intake/rspamd</c>: what rspamd's metadata_exporter sends of each mail (deploy/rspamd), turned into events of the schema and counted.
/// rspamd can send a token only as the password of basic authentication, and what is not answered 200 it does not send again.
/// </summary>
internal sealed class RspamdDoor(EventIntake intake, FeederQueries feeders, HttpDoorLimits limits, TimeProvider time, ILogger<RspamdDoor> log)
{
    public const string Route = "/api/intake/rspamd";

    /// <summary>Octets of a report: the stock formatter lists all symbols and recipients.</summary>
    private const int MaxReportBytes = 2 * 1024 * 1024;

    /// <summary>A mail's verdict waits for us, so that this is short.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2), Pause = TimeSpan.FromMilliseconds(20);

    public async Task<IResult> PostAsync(HttpContext context, CancellationToken ct)
    {
        try
        {
            if (await feeders.FindAsync(context.Request, ct) is not { } feeder)
            {
                log.EventsRefused("wrong or missing token");
                return DoorAnswers.Unauthorized(context, limits);
            }

            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
                size.MaxRequestBodySize = MaxReportBytes;
            var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, ct);
            if (RspamdReport.Read(body.GetBuffer().AsMemory(0, (int)body.Length)) is not { } report)
                return DoorAnswers.Problem(StatusCodes.Status400BadRequest, "This is no JSON of rspamd's metadata_exporter. Its formatter has to be json or the one of deploy/rspamd.");
            IReadOnlyList<TrafficEvent> events = RspamdEvents.Of(report, time.GetUtcNow());
            return events.Count == 0
                ? DoorAnswers.Of(context, new IntakeOutcome.Counted(IngestAnswer.Nothing))
                : DoorAnswers.Of(context, await AcceptAsync(feeder.Id, TrafficEventWriter.Lines(events), ct));
        }
        catch (BadHttpRequestException broken)
        {
            return DoorAnswers.Problem(broken.StatusCode, $"The body did not come through whole, or has more than {MaxReportBytes} octets. Nothing was counted.");
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            log.EventsFault(fault);
            return DoorAnswers.OwnFault(context);
        }
    }

    private async Task<IntakeOutcome> AcceptAsync(int feeder, ReadOnlyMemory<byte> lines, CancellationToken ct)
    {
        DateTimeOffset until = time.GetUtcNow() + LongestWait;
        IntakeOutcome outcome;
        while ((outcome = await intake.AcceptAsync(feeder, idempotencyKey: null, lines, ct)) is IntakeOutcome.Busy && time.GetUtcNow() < until)
            await Task.Delay(Pause, time, ct);
        return outcome;
    }
}
