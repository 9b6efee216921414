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
/// <param name="serve">Talks over one connection, which is closed afterwards; does not throw.</param>
/// <param name="turnAway">The same for a connection beyond the limit.</param>
internal sealed class SocketDoor(
    string setting, string listen, int maxConnections, Func<ConnectionContext, CancellationToken, Task> serve, Func<ConnectionContext, Task> turnAway, ILoggerFactory loggers)
{
    /// <summary>How long a host that stops waits for sessions to say goodbye.</summary>
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(5);

    private readonly HashSet<Task> _sessions = [];
    private IConnectionListener? _listener;
    private int _open;

    /// <summary>Where it really listens, with the port that was free; null when the door is off, or not open yet.</summary>
    public EndPoint? EndPoint => _listener?.EndPoint;

    /// <exception cref="IOException">The place to listen on is taken or not allowed; the server does not start.</exception>
    public async Task OpenAsync(CancellationToken ct)
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

    /// <summary>Takes connections until the host stops; returns at once when the door is off.</summary>
    public async Task AcceptAsync(CancellationToken ct)
    {
        if (_listener is null)
            return;
        try
        {
            while (await _listener.AcceptAsync(ct) is { } connection)
                Track(ServeAsync(connection, Interlocked.Increment(ref _open) > maxConnections, ct));
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    /// <summary>Takes no more connections. The caller cancels the sessions, then closes.</summary>
    public async Task UnbindAsync(CancellationToken ct)
    {
        if (_listener is not null)
            await _listener.UnbindAsync(ct);
    }

    public async Task CloseAsync(TimeProvider time)
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

    private async Task ServeAsync(ConnectionContext connection, bool tooMany, CancellationToken ct)
    {
        await Task.Yield();
        try
        {
            await (tooMany ? turnAway(connection) : serve(connection, ct));
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
