using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Milter;
using Postmaster.Fbl.Smtp;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.Milter;

/// <summary>Listens for the mail server. Whatever goes wrong here, the mail goes its way: nothing is ever answered but "continue".</summary>
internal sealed class MilterListener : BackgroundService
{
    private readonly MilterDoor _observer;
    private readonly MilterOptions _options;
    private readonly MilterSessionOptions _session;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SocketDoor _door;

    public MilterListener(MilterDoor observer, IOptions<MilterOptions> options, TimeProvider time, ILoggerFactory loggers)
    {
        (_observer, _options, _time) = (observer, options.Value, time);
        _log = loggers.CreateLogger<MilterListener>();
        _session = new MilterSessionOptions { MaxMessageBytes = _options.MaxMessageBytes, MemoryBudget = new SmtpMemoryBudget(_options.MaxInFlightBytes) };
        _door = new SocketDoor("Milter:Listen", _options.Listen, _options.MaxConnections, ServeAsync, TurnAwayAsync, loggers);
    }

    /// <summary>Where it really listens, with the port that was free; null when the milter is off.</summary>
    public EndPoint? EndPoint => _door.EndPoint;

    /// <exception cref="IOException">The place to listen on is taken or not allowed; the server does not start.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await _door.OpenAsync(cancellationToken);
        if (_door.EndPoint is { } endPoint)
            _log.MilterListens(endPoint.ToString() ?? "");
        await base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _door.AcceptAsync(stoppingToken);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _door.UnbindAsync(cancellationToken);
        await base.StopAsync(cancellationToken);
        await _door.CloseAsync(_time);
    }

    private async Task ServeAsync(ConnectionContext connection, CancellationToken ct)
    {
        try
        {
            IDuplexPipe pipe = PromptAcknowledgement.Over(connection.Transport, connection.Features.Get<IConnectionSocketFeature>()?.Socket);
            MilterSessionResult result = await new MilterSession(pipe, _session, _observer, _time).RunAsync(ct);
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

    private Task TurnAwayAsync(ConnectionContext connection)
    {
        _log.MilterTooManyConnections(_options.MaxConnections);
        return Task.CompletedTask;
    }
}
