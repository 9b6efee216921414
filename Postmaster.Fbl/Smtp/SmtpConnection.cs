using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Postmaster.Fbl.Smtp;

/// <summary>One connection to the relay: commands out, replies in, each within its time-out. What breaks it is an <see cref="SmtpBrokenException"/>.</summary>
internal sealed class SmtpConnection(Stream stream, TimeProvider time) : IAsyncDisposable
{
    private readonly byte[] input = new byte[SmtpReplyReader.MaxLineOctets + 2];
    private Stream stream = stream;
    private int inputStart;
    private int inputEnd;

    public bool Encrypted { get; private set; }

    /// <summary>The other side is this machine: nothing that goes over the connection can be overheard elsewhere.</summary>
    public bool Loopback { get; } = IsLoopback(stream);

    public SmtpCapabilities Capabilities { get; set; } = SmtpCapabilities.None;

    public int MessageCount { get; set; }

    public async ValueTask<SmtpReply> CommandAsync(string command, TimeSpan timeout, CancellationToken ct)
    {
        await WriteCommandsAsync([command], timeout, ct);
        return await ReadReplyAsync(timeout, ct);
    }

    public ValueTask WriteCommandsAsync(IEnumerable<string> commands, TimeSpan timeout, CancellationToken ct)
    {
        var text = new StringBuilder();
        foreach (var command in commands)
        {
            // The last guard against commands smuggled in by a name, a password or an address; all of them are checked before, so this is a bug.
            if (command.Any(char.IsControl))
                throw new InvalidOperationException("A control character in an SMTP command.");
            text.Append(command).Append("\r\n");
        }

        return WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), timeout, ct);
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, TimeSpan timeout, CancellationToken ct) =>
        await WithinAsync(timeout, async limit =>
        {
            await stream.WriteAsync(bytes, limit);
            await stream.FlushAsync(limit);
            return true;
        }, ct);

    /// <summary>The next reply, whole, within the time-out. 421 means that the peer closes (RFC 5321 §3.8) and is thrown.</summary>
    public async ValueTask<SmtpReply> ReadReplyAsync(TimeSpan timeout, CancellationToken ct)
    {
        var reply = await WithinAsync(timeout, ReadReplyAsync, ct);
        return reply.Code is 421 ? throw new SmtpBrokenException(SmtpProblem.Refused, reply.ToString(), reply) : reply;
    }

    public async ValueTask StartTlsAsync(SslClientAuthenticationOptions options, TimeSpan timeout, CancellationToken ct)
    {
        // Octets that came in the clear behind the reply to STARTTLS would be taken for the peer's encrypted words.
        if (inputStart < inputEnd)
            throw new SmtpBrokenException(SmtpProblem.TlsInjection, "the peer sent more in the clear after its answer to STARTTLS");
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        stream = tls;
        await WithinAsync(timeout, async limit =>
        {
            await tls.AuthenticateAsClientAsync(options, limit);
            return true;
        }, ct, onLost: SmtpProblem.TlsFailed);
        Encrypted = true;
        // RFC 3207 §4.2: what was learnt before is forgotten.
        Capabilities = SmtpCapabilities.None;
    }

    /// <summary>Says QUIT and closes; a peer that does not answer soon is left alone.</summary>
    public async ValueTask QuitAsync(TimeSpan timeout)
    {
        try
        {
            await CommandAsync("QUIT", timeout, CancellationToken.None);
        }
        catch (SmtpBrokenException)
        {
            // It is closed either way.
        }

        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await stream.DisposeAsync();
        }
        catch (IOException)
        {
            // TLS could not say goodbye.
        }
    }

    private async ValueTask<SmtpReply> ReadReplyAsync(CancellationToken ct)
    {
        var reader = new SmtpReplyReader();
        while (true)
        {
            var line = await ReadLineAsync(ct);
            if (!reader.TryAddLine(line.Span, out var reply))
                throw new SmtpBrokenException(SmtpProblem.MalformedReply, "the peer's answer was no SMTP reply");
            if (reply is not null)
                return reply;
        }
    }

    /// <summary>A line without its end, valid until the next call.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> ReadLineAsync(CancellationToken ct)
    {
        while (true)
        {
            var length = input.AsSpan(inputStart..inputEnd).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var line = input.AsMemory(inputStart, length);
                inputStart += length + 1;
                return line.Span is [.., (byte)'\r'] ? line[..^1] : line;
            }

            input.AsSpan(inputStart..inputEnd).CopyTo(input);
            (inputStart, inputEnd) = (0, inputEnd - inputStart);
            if (inputEnd == input.Length)
                throw new SmtpBrokenException(SmtpProblem.MalformedReply, "a line of the peer's answer was too long");
            var count = await stream.ReadAsync(input.AsMemory(inputEnd), ct);
            if (count == 0)
                throw new SmtpBrokenException(SmtpProblem.ConnectionLost, "the peer closed the connection");
            inputEnd += count;
        }
    }

    private async ValueTask<T> WithinAsync<T>(
        TimeSpan timeout, Func<CancellationToken, ValueTask<T>> work, CancellationToken ct, string onLost = SmtpProblem.ConnectionLost)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            return await work(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new SmtpBrokenException(SmtpProblem.TimedOut, "the peer did not answer in time");
        }
        catch (Exception e) when (e is AuthenticationException or IOException or SocketException or ObjectDisposedException && e is not SmtpBrokenException)
        {
            throw new SmtpBrokenException(onLost, e is AuthenticationException ? $"TLS failed: {e.Message}" : $"the connection broke: {e.Message}");
        }
    }

    private static bool IsLoopback(Stream stream) => stream is NetworkStream network && network.Socket.RemoteEndPoint switch
    {
        IPEndPoint ip => IPAddress.IsLoopback(ip.Address.IsIPv4MappedToIPv6 ? ip.Address.MapToIPv4() : ip.Address),
        UnixDomainSocketEndPoint => true,
        _ => false,
    };
}

/// <summary>The connection is of no more use; caught in <see cref="SmtpClient"/> and <see cref="SmtpTransaction"/>, where it becomes a temporary failure.</summary>
internal sealed class SmtpBrokenException(string problem, string reason, SmtpReply? reply = null) : IOException(reason)
{
    public string Problem { get; } = problem;

    public SmtpReply? Reply { get; } = reply;
}
