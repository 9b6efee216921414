using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Milter;
using Postmaster.Fbl.Smtp;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.Milter;

/// <summary>Listens for the mail server. Whatever goes wrong here, the mail goes its way: nothing is ever answered but "continue".</summary>
internal sealed class MilterListener(MilterDoor observer, IOptions<MilterOptions> options, TimeProvider time, ILoggerFactory loggers)
    : SocketDoor("Milter:Listen", options.Value.Listen, options.Value.MaxConnections, time, loggers)
{
    private readonly ILogger _log = loggers.CreateLogger<MilterListener>();
    private readonly MilterSessionOptions _session = new() { MaxMessageBytes = options.Value.MaxMessageBytes, MemoryBudget = new SmtpMemoryBudget(options.Value.MaxInFlightBytes) };

    protected override void TellListening(string endPoint) => _log.MilterListens(endPoint);

    protected override async Task ServeAsync(ConnectionContext connection, CancellationToken ct)
    {
        try
        {
            IDuplexPipe pipe = PromptAcknowledgement.Over(connection.Transport, connection.Features.Get<IConnectionSocketFeature>()?.Socket);
            MilterSessionResult result = await new MilterSession(pipe, _session, observer, Time).RunAsync(ct);
            foreach (Exception failure in result.HandlerFailures)
                _log.MilterFault(failure);
            if (result.End is MilterSessionEnd.ProtocolError)
                _log.MilterNotUnderstood(result.End.ToString(), result.Bytes);
            else
                _log.MilterSessionEnded(result.End.ToString(), result.Messages, result.MessagesLost, result.RecipientsRefused);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            _log.MilterFault(fault);
        }
    }

    protected override Task TurnAwayAsync(ConnectionContext connection)
    {
        _log.MilterTooManyConnections(options.Value.MaxConnections);
        return Task.CompletedTask;
    }
}
