using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Smtp;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Intake;

/// <summary>
/// Listens for LMTP over Kestrel's socket transport, beside the web server, so that neither's addresses override the other's.
/// Bounds the connections and the octets that all of them hold.
/// </summary>
internal sealed class LmtpListener(
    LmtpDoor door, IOptions<LmtpOptions> options, IOptions<ProviderOptions> provider, TimeProvider time, ILoggerFactory loggers) : BackgroundService
{
    /// <summary>How long a host that stops waits for sessions to say goodbye.</summary>
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(5);

    private static readonly byte[] TooMany = "421 4.3.2 Too many connections, try again later\r\n"u8.ToArray();
    private readonly ILogger _log = loggers.CreateLogger<LmtpListener>();
    private readonly SmtpMemoryBudget _memory = new(options.Value.MaxInFlightBytes);
    private readonly HashSet<Task> _sessions = [];
    private IConnectionListener? _listener;
    private int _open;

    /// <summary>Where it really listens, with the port that was free; null when the door is off.</summary>
    public EndPoint? EndPoint => _listener?.EndPoint;

    /// <exception cref="IOException">The place to listen on is taken or not allowed; the server does not start.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (LmtpEndPoint.TryParse(options.Value.Listen, out EndPoint? endPoint) && endPoint is not null)
        {
            if (endPoint is UnixDomainSocketEndPoint stale)
                await UnixSocketFile.RemoveStaleAsync(stale, cancellationToken);
            var sockets = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers);
            try
            {
                _listener = await sockets.BindAsync(endPoint, cancellationToken);
            }
            catch (Exception refused) when (refused is SocketException or AddressInUseException)
            {
                throw new IOException($"Lmtp:Listen: cannot listen on {options.Value.Listen}: {refused.Message}", refused);
            }

            if (endPoint is UnixDomainSocketEndPoint socket)
                UnixSocketFile.Share(socket);
            _log.LmtpListens(_listener.EndPoint.ToString() ?? "");
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_listener is null)
            return;
        try
        {
            while (await _listener.AcceptAsync(stoppingToken) is { } connection)
                Track(Interlocked.Increment(ref _open) > options.Value.MaxConnections
                    ? TurnAwayAsync(connection)
                    : ServeAsync(connection, stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_listener is not null)
            await _listener.UnbindAsync(cancellationToken);
        await base.StopAsync(cancellationToken);
        Task[] sessions;
        lock (_sessions)
            sessions = [.. _sessions];
        await Task.WhenAny(Task.WhenAll(sessions), Task.Delay(Goodbye, time, CancellationToken.None));
        if (_listener is { } listener)
        {
            await listener.DisposeAsync();
            if (listener.EndPoint is UnixDomainSocketEndPoint socket)
                UnixSocketFile.Remove(socket);
        }
    }

    private async Task ServeAsync(ConnectionContext connection, CancellationToken ct)
    {
        await Task.Yield();
        try
        {
            LmtpSessionResult result = await new LmtpSession(connection.Transport, SessionOptions(), door, time).RunAsync(ct);
            foreach (Exception failure in result.HandlerFailures)
                _log.LmtpFault(failure);
            _log.LmtpSessionEnded(result.End.ToString(), result.MessagesAccepted, result.MessagesRefused, result.RecipientsRefused, result.CommandErrors);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            _log.LmtpFault(fault);
        }
        finally
        {
            await CloseAsync(connection);
        }
    }

    private async Task TurnAwayAsync(ConnectionContext connection)
    {
        await Task.Yield();
        _log.LmtpTooManyConnections(options.Value.MaxConnections);
        try
        {
            await connection.Transport.Output.WriteAsync(TooMany);
        }
        finally
        {
            await CloseAsync(connection);
        }
    }

    private async Task CloseAsync(ConnectionContext connection)
    {
        try
        {
            await connection.Transport.Output.CompleteAsync();
            await connection.Transport.Input.CompleteAsync();
            await connection.DisposeAsync();
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private void Track(Task session)
    {
        lock (_sessions)
            _sessions.Add(session);
        _ = session.ContinueWith(
            done =>
            {
                lock (_sessions)
                    _sessions.Remove(done);
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private LmtpSessionOptions SessionOptions() => new()
    {
        HostName = provider.Value.Domain,
        MaxMessageBytes = options.Value.MaxMessageBytes,
        IdleTimeout = options.Value.IdleTimeout,
        DataTimeout = options.Value.DataTimeout,
        MemoryBudget = _memory,
    };
}
