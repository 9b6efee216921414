using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postmaster.Benchmarks;

/// <summary>A relay on loopback that takes every mail and keeps nothing but its Message-ID.</summary>
internal sealed class MailSink : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<string, bool> _ids = new(StringComparer.Ordinal);
    private int _taken;

    public MailSink()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Mails that were answered with 250.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>Of those, different ones.</summary>
    public int Different => _ids.Count;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = TalkAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                client.NoDelay = true;
                await using var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.Latin1);
                await stream.WriteAsync("220 sink\r\n"u8.ToArray());
                while (await reader.ReadLineAsync() is { } line)
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(await AnswerAsync(line, reader, stream) + "\r\n"));
            }
            catch (IOException)
            {
                // The product was ended.
            }
        }
    }

    private async Task<string> AnswerAsync(string line, StreamReader reader, NetworkStream stream)
    {
        if (line.StartsWith("EHLO", StringComparison.OrdinalIgnoreCase))
            return "250-sink\r\n250-PIPELINING\r\n250 8BITMIME";
        if (!line.StartsWith("DATA", StringComparison.OrdinalIgnoreCase))
            return "250 2.0.0 Ok";
        await stream.WriteAsync("354 go on\r\n"u8.ToArray());
        string? id = null;
        while (await reader.ReadLineAsync() is { } text && text is not ".")
            id ??= text.StartsWith("Message-ID:", StringComparison.OrdinalIgnoreCase) ? text : null;
        _ids.TryAdd(id ?? "", true);
        Interlocked.Increment(ref _taken);
        return "250 2.0.0 taken";
    }
}
