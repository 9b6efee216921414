using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Smtp;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Intake;

/// <summary>Listens for LMTP. Bounds the connections and the octets that all of them hold.</summary>
internal sealed class LmtpListener : BackgroundService
{
    private static readonly byte[] TooMany = "421 4.3.2 Too many connections, try again later\r\n"u8.ToArray();
    private readonly LmtpDoor _mailbox;
    private readonly LmtpOptions _options;
    private readonly ProviderOptions _provider;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SmtpMemoryBudget _memory;
    private readonly SocketDoor _door;

    public LmtpListener(LmtpDoor mailbox, IOptions<LmtpOptions> options, IOptions<ProviderOptions> provider, TimeProvider time, ILoggerFactory loggers)
    {
        (_mailbox, _options, _provider, _time) = (mailbox, options.Value, provider.Value, time);
        _log = loggers.CreateLogger<LmtpListener>();
        _memory = new SmtpMemoryBudget(_options.MaxInFlightBytes);
        _door = new SocketDoor("Lmtp:Listen", _options.Listen, _options.MaxConnections, ServeAsync, TurnAwayAsync, loggers);
    }

    /// <summary>Where it really listens, with the port that was free; null when the door is off.</summary>
    public EndPoint? EndPoint => _door.EndPoint;

    /// <exception cref="IOException">The place to listen on is taken or not allowed; the server does not start.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await _door.OpenAsync(cancellationToken);
        if (_door.EndPoint is { } endPoint)
            _log.LmtpListens(endPoint.ToString() ?? "");
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
            LmtpSessionResult result = await new LmtpSession(connection.Transport, SessionOptions(), _mailbox, _time).RunAsync(ct);
            foreach (Exception failure in result.HandlerFailures)
                _log.LmtpFault(failure);
            _log.LmtpSessionEnded(result.End.ToString(), result.MessagesAccepted, result.MessagesRefused, result.RecipientsRefused, result.CommandErrors);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            _log.LmtpFault(fault);
        }
    }

    private async Task TurnAwayAsync(ConnectionContext connection)
    {
        _log.LmtpTooManyConnections(_options.MaxConnections);
        await connection.Transport.Output.WriteAsync(TooMany);
    }

    private LmtpSessionOptions SessionOptions() => new()
    {
        HostName = _provider.Domain,
        MaxMessageBytes = _options.MaxMessageBytes,
        IdleTimeout = _options.IdleTimeout,
        DataTimeout = _options.DataTimeout,
        MemoryBudget = _memory,
    };
}
