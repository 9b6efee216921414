using System.Net;
using System.Net.Sockets;

namespace Postmaster.Fbl.Smtp;

/// <summary>The usual way to the relay: looks the host up and tries its addresses in turn. Its <see cref="ConnectAsync"/> is what <see cref="SmtpClient"/> takes.</summary>
public sealed class SmtpTcpConnector(string host, int port, TimeProvider time)
{
    // A name with more addresses than this has others to fail with.
    private const int MaxAddresses = 8;

    /// <summary>Each address gets so long before the next one is tried.</summary>
    public TimeSpan AddressTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Host name to addresses, in the order to try them; null asks the system. An empty answer is a failed look-up.</summary>
    public Func<string, CancellationToken, ValueTask<IReadOnlyList<IPAddress>>>? Resolve { get; init; }

    /// <summary>False forbids an address, after the look-up, so that a name cannot lead somewhere else; null allows all.</summary>
    public Func<IPAddress, bool>? Allow { get; init; }

    /// <exception cref="SmtpConnectException">No address, none allowed, or none that answered; the message tells each one's error.</exception>
    public async ValueTask<Stream> ConnectAsync(CancellationToken ct)
    {
        var addresses = await AddressesAsync(ct);
        var allowed = addresses.Where(a => Allow?.Invoke(a) ?? true).Take(MaxAddresses).ToList();
        if (allowed.Count == 0)
            throw new SmtpConnectException(SmtpProblem.ConnectRefusedByPolicy, $"no address of {host} may be connected to");
        var errors = new List<string>();
        foreach (var address in allowed)
        {
            var (stream, error) = await TryConnectAsync(address, ct);
            if (stream is not null)
                return stream;
            errors.Add($"{address}: {error}");
        }

        throw new SmtpConnectException(SmtpProblem.ConnectFailed, $"no connection to {host}:{port} ({string.Join("; ", errors)})");
    }

    private async Task<IReadOnlyList<IPAddress>> AddressesAsync(CancellationToken ct)
    {
        if (IPAddress.TryParse(host, out var literal))
            return [literal];
        var addresses = Resolve is null ? await System.Net.Dns.GetHostAddressesAsync(host, ct) : await Resolve(host, ct);
        return addresses.Count > 0 ? addresses : throw new SmtpConnectException(SmtpProblem.DnsFailure, $"{host} has no address");
    }

    private async Task<(Stream? Stream, string? Error)> TryConnectAsync(IPAddress address, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(AddressTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, port), either.Token);
            return (new NetworkStream(socket, ownsSocket: true), null);
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            socket.Dispose();
            return (null, e is SocketException ? e.Message : "no answer in time");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>Why a connector has no stream to give; always a temporary failure of the message.</summary>
public sealed class SmtpConnectException(string problem, string message) : IOException(message)
{
    /// <summary>One of <see cref="SmtpProblem"/>'s codes.</summary>
    public string Problem { get; } = problem;
}
