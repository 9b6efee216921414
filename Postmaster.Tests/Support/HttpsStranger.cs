using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Postmaster.Web.Hosting.Outward;

namespace Postmaster.Tests.Support;

/// <summary>A web server on loopback that answers each request with what a test tells it to, byte by byte if need be.</summary>
internal sealed class HttpsStranger : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly X509Certificate2 _certificate;
    private readonly SslStreamCertificateContext _context;
    private readonly Func<Stream, string, CancellationToken, Task> _answer;
    private readonly Task _accepting;
    private readonly ConcurrentBag<Task> _talks = [];
    private int _connections;

    /// <param name="answer">Gets the stream and the request as it came.</param>
    public HttpsStranger(Func<Stream, string, CancellationToken, Task> answer, X509Certificate2 certificate, IPAddress? at = null)
    {
        (_answer, _certificate) = (answer, certificate);
        _context = SslStreamCertificateContext.Create(certificate, null, offline: true);
        _listener = new TcpListener(at ?? IPAddress.Loopback, 0);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public HttpsStranger(string name, string answer)
        : this((stream, _, ct) => stream.WriteAsync(Encoding.Latin1.GetBytes(answer), ct).AsTask(), TestAuthority.For(name))
    {
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections that came, with or without TLS.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>The client's options for a test: 127.0.0.1 stands for the Internet, and this server for port 443 of all of it.</summary>
    public OutwardHttpsOptions Options => new() { ConnectPort = Port, IsAllowed = IPAddress.Loopback.Equals, TrustedRoots = TestAuthority.Roots, TotalTime = TimeSpan.FromSeconds(60) };

    public static string Ok(string body, string type = "text/plain") => $"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_talks);
        _stop.Dispose();
        _certificate.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                _talks.Add(TalkAsync(client));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = _context }, _stop.Token);
                string request = await ReadAsync(tls);
                if (request.Length == 0)
                    return;
                Requests.Enqueue(request);
                await _answer(tls, request, _stop.Token);
            }
        }
        catch (Exception ended) when (ended is IOException or AuthenticationException or OperationCanceledException or SocketException)
        {
            // The client went, as it may.
        }
    }

    private async Task<string> ReadAsync(Stream stream)
    {
        var text = new StringBuilder();
        byte[] octets = new byte[4096];
        while (!IsWhole(text.ToString()))
        {
            int read = await stream.ReadAsync(octets, _stop.Token);
            if (read == 0)
                break;
            text.Append(Encoding.Latin1.GetString(octets, 0, read));
        }

        return text.ToString();
    }

    private static bool IsWhole(string request)
    {
        int end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
            return false;
        string? length = request[..end].Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return length is null || request.Length >= end + 4 + int.Parse(length[15..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
