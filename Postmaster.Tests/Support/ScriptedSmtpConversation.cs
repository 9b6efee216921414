using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Postmaster.Tests.Support;

/// <summary>One connection of a <see cref="ScriptedSmtpPeer"/>: raw sending, reading by line, TLS at any moment.</summary>
public sealed class ScriptedSmtpConversation : IAsyncDisposable
{
    private readonly ScriptedSmtpPeer peer;
    private readonly CancellationToken ct;
    private Stream stream;

    internal ScriptedSmtpConversation(ScriptedSmtpPeer peer, Stream stream, CancellationToken ct)
    {
        this.peer = peer;
        this.stream = stream;
        this.ct = ct;
    }

    /// <summary>Cancelled when the peer is disposed: await it to stay silent with the connection open.</summary>
    public CancellationToken Disposed => ct;

    /// <summary>Sends exactly this, as Latin-1.</summary>
    public async Task SendAsync(string text)
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text), ct);
        await stream.FlushAsync(ct);
    }

    /// <summary>The next line without its line end; null when the client closed.</summary>
    public async Task<string?> ReadLineAsync()
    {
        var bytes = await ReadToAsync((byte)'\n');
        if (bytes.Length == 0)
            return null;
        var line = Encoding.UTF8.GetString(bytes).TrimEnd('\r', '\n');
        peer.Lines.Enqueue(line);
        return line;
    }

    /// <summary>Reads a line and fails the script when it does not begin so.</summary>
    public async Task<string> ExpectAsync(string prefix)
    {
        var line = await ReadLineAsync();
        return line is not null && line.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
            ? line
            : throw new InvalidOperationException($"expected {prefix}, the client sent {line ?? "its end"}");
    }

    /// <summary>Reads a line that must begin so, then answers.</summary>
    public async Task ExpectAsync(string prefix, string reply)
    {
        await ExpectAsync(prefix);
        await SendAsync(reply);
    }

    /// <summary>Message data up to the CRLF.CRLF, exactly as on the wire without the final ".CRLF".</summary>
    public async Task<byte[]> ReadDataAsync()
    {
        using var data = new MemoryStream();
        while (true)
        {
            var line = await ReadToAsync((byte)'\n');
            if (line.Length == 0)
                throw new EndOfStreamException("the client closed inside the message");
            if (line is [(byte)'.', (byte)'\r', (byte)'\n'])
                return data.ToArray();
            data.Write(line);
        }
    }

    public async Task StartTlsAsync(X509Certificate2 certificate)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, ct);
        stream = tls;
    }

    /// <summary>Plays a whole server; see <see cref="ScriptedSmtpPeer.Accepting"/>.</summary>
    public async Task ServeAsync(Func<string, string?>? answer = null, X509Certificate2? certificate = null)
    {
        string? from = null;
        List<string> recipients = [];
        await SendAsync(answer?.Invoke("") ?? "220 relay.test ESMTP\r\n");
        while (await ReadLineAsync() is { } line)
        {
            var reply = answer?.Invoke(line) ?? OutOfOrder(line, from, recipients) ?? UsualReply(line, certificate is not null);
            await SendAsync(reply);
            if (line.StartsWith("MAIL", StringComparison.OrdinalIgnoreCase))
                (from, recipients) = (reply.StartsWith('2') ? line : null, []);
            else if (line.StartsWith("RCPT", StringComparison.OrdinalIgnoreCase) && reply.StartsWith('2'))
                recipients.Add(line);
            else if (line.StartsWith("STARTTLS", StringComparison.OrdinalIgnoreCase) && reply.StartsWith('2') && certificate is not null)
                await StartTlsAsync(certificate);
            else if (line.StartsWith("QUIT", StringComparison.OrdinalIgnoreCase))
                return;
            else if (line.StartsWith("DATA", StringComparison.OrdinalIgnoreCase) && reply.StartsWith('3'))
            {
                var data = Unstuff(await ReadDataAsync());
                var final = answer?.Invoke(".") ?? "250 2.0.0 taken\r\n";
                if (final.StartsWith('2'))
                    peer.Messages.Enqueue(new ReceivedMessage(from ?? "", recipients, data));
                await SendAsync(final);
            }
        }
    }

    public async ValueTask DisposeAsync() => await stream.DisposeAsync();

    private static string? OutOfOrder(string line, string? from, List<string> recipients) => line.Split(' ')[0].ToUpperInvariant() switch
    {
        "RCPT" when from is null => "503 5.5.1 no MAIL\r\n",
        "DATA" when recipients.Count == 0 => "554 5.5.1 no valid recipients\r\n",
        _ => null,
    };

    private static string UsualReply(string line, bool tls) => line.Split(' ')[0].ToUpperInvariant() switch
    {
        "EHLO" => $"250-relay.test\r\n250-PIPELINING\r\n250-SIZE 10485760\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n{(tls ? "250-STARTTLS\r\n" : "")}250 ENHANCEDSTATUSCODES\r\n",
        "HELO" => "250 relay.test\r\n",
        "DATA" => "354 go on\r\n",
        "QUIT" => "221 2.0.0 bye\r\n",
        "STARTTLS" => tls ? "220 2.0.0 ready\r\n" : "502 5.5.1 no\r\n",
        _ => "250 2.0.0 ok\r\n",
    };

    private static byte[] Unstuff(byte[] data)
    {
        var result = new List<byte>(data.Length);
        for (var i = 0; i < data.Length; i++)
        {
            if (data[i] == (byte)'.' && (i == 0 || data[i - 1] == (byte)'\n'))
                continue;
            result.Add(data[i]);
        }

        return [.. result];
    }

    private async Task<byte[]> ReadToAsync(byte end)
    {
        var bytes = new List<byte>();
        var one = new byte[1];
        while (await stream.ReadAsync(one, ct) > 0)
        {
            bytes.Add(one[0]);
            if (one[0] == end)
                break;
        }

        return [.. bytes];
    }
}
