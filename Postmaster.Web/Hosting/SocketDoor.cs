using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Postmaster.Web.Hosting;

/// <summary>
/// Listens on a port or a Unix socket over Kestrel's socket transport, beside the web server, so that neither's addresses override the other's.
/// Bounds the connections, and knows those that are open.
/// </summary>
/// <param name="setting">The key of the address, such as <c>Lmtp:Listen</c>, for the words of exceptions.</param>
internal abstract class SocketDoor(string setting, string listen, int maxConnections, TimeProvider time, ILoggerFactory loggers) : BackgroundService
{
    /// <summary>How long a host that stops waits for sessions to say goodbye.</summary>
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(5);

    private readonly HashSet<Task> _sessions = [];
    private IConnectionListener? _listener;
    private int _open;

    protected TimeProvider Time => time;

    /// <summary>Where it really listens, with the port that was free; null when the door is off, or not open yet.</summary>
    public EndPoint? EndPoint => _listener?.EndPoint;

    /// <exception cref="IOException">The place to listen on is taken or not allowed; the server does not start.</exception>
    public sealed override async Task StartAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        if (EndPoint is { } endPoint)
            TellListening(endPoint.ToString() ?? "");
        await base.StartAsync(cancellationToken);
    }

    public sealed override async Task StopAsync(CancellationToken cancellationToken)
    {
        // First no more connections, then the open ones are cancelled, then they have a moment to say goodbye.
        if (_listener is not null)
            await _listener.UnbindAsync(cancellationToken);
        await base.StopAsync(cancellationToken);
        await CloseAsync();
    }

    /// <summary>Talks over one connection, which is closed afterwards; does not throw.</summary>
    protected abstract Task ServeAsync(ConnectionContext connection, CancellationToken ct);

    /// <summary>The same for a connection beyond the limit.</summary>
    protected abstract Task TurnAwayAsync(ConnectionContext connection);

    /// <summary>For the log: the door is open.</summary>
    protected abstract void TellListening(string endPoint);

    /// <summary>Takes connections until the host stops; returns at once when the door is off.</summary>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_listener is null)
            return;
        try
        {
            while (await _listener.AcceptAsync(stoppingToken) is { } connection)
                Track(HandleAsync(connection, Interlocked.Increment(ref _open) > maxConnections, stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task OpenAsync(CancellationToken ct)
    {
        if (!ListenAddress.TryParse(listen, out EndPoint? endPoint) || endPoint is null)
            return;
        if (endPoint is UnixDomainSocketEndPoint stale)
            await UnixSocketFile.RemoveStaleAsync(stale, setting, ct);
        var sockets = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers);
        try
        {
            _listener = await sockets.BindAsync(endPoint, ct);
        }
        catch (Exception refused) when (refused is SocketException or AddressInUseException)
        {
            throw new IOException($"{setting}: cannot listen on {listen}: {refused.Message}", refused);
        }

        if (endPoint is UnixDomainSocketEndPoint socket)
            UnixSocketFile.Share(socket);
    }

    private async Task CloseAsync()
    {
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

    private async Task HandleAsync(ConnectionContext connection, bool tooMany, CancellationToken ct)
    {
        await Task.Yield();
        try
        {
            await (tooMany ? TurnAwayAsync(connection) : ServeAsync(connection, ct));
        }
        finally
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
}
