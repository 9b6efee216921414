using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Text;

namespace Postmaster.Fbl.Smtp;

/// <summary>
/// The connection of one LMTP session: command lines and message data in, replies out, every wait with a deadline.
/// A connection that ends, for whatever reason, is a <see cref="LmtpEndedException"/>, which only <see cref="LmtpSession"/> catches.
/// </summary>
internal sealed class LmtpChannel(IDuplexPipe pipe, LmtpSessionOptions options, TimeProvider time, CancellationToken stopping)
{
    // RFC 5321 §4.5.3.1.4 says 512; the extensions add to it (RFC 1870 §3, 6152 §2, 6531 §3.4), and long SMTPUTF8 paths do, too.
    public const int MaxCommandOctets = 2048;

    // A "line" that goes on for longer is no client's mistake but a flood.
    private const int MaxDiscardedOctets = 64 * 1024;

    // Replies to pipelined commands go out together (RFC 2920 §3.2), but not more of them than this.
    private const int MaxUnflushedOctets = 16 * 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly TimeSpan LastWordsTimeout = TimeSpan.FromSeconds(2);

    private readonly long started = time.GetTimestamp();

    public LmtpLine LastProblem { get; private set; }

    /// <summary>The next command without its CRLF; null when it was not a line of a command, and <see cref="LastProblem"/> tells why.</summary>
    public async ValueTask<string?> ReadCommandAsync()
    {
        var discarded = 0L;
        while (true)
        {
            var result = await ReadAsync();
            var buffer = result.Buffer;
            var end = buffer.PositionOf((byte)'\n');
            if (end is null && result.IsCompleted)
                throw new LmtpEndedException(LmtpSessionEnd.ClientClosed);
            if (end is null && discarded + buffer.Length <= MaxCommandOctets)
            {
                pipe.Input.AdvanceTo(buffer.Start, buffer.End);
                continue;
            }

            var rest = end is null ? buffer.End : buffer.GetPosition(1, end.Value);
            var line = buffer.Slice(0, rest);
            discarded += line.Length;
            var command = end is not null && discarded <= MaxCommandOctets ? Decode(line) : null;
            pipe.Input.AdvanceTo(rest);
            if (discarded > MaxDiscardedOctets)
                throw new LmtpEndedException(LmtpSessionEnd.Flooded);
            if (end is null)
                continue;
            if (discarded > MaxCommandOctets)
                LastProblem = LmtpLine.TooLong;
            return command;
        }
    }

    /// <summary>Reads message data through its terminator. False when more than the drain limit came: the client has to go.</summary>
    public async ValueTask<bool> ReadDataAsync(SmtpMessageBuffer message, Action<long> count)
    {
        var decoder = new LmtpDataDecoder();
        var deadline = new Deadline(time.GetTimestamp(), options.DataTimeout, LmtpSessionEnd.DataTimeout);
        var total = 0L;
        while (!decoder.Ended)
        {
            var result = await ReadAsync(deadline);
            var buffer = result.Buffer;
            var used = 0L;
            foreach (var segment in buffer)
            {
                used += decoder.Decode(segment.Span, message);
                if (decoder.Ended)
                    break;
            }

            pipe.Input.AdvanceTo(buffer.GetPosition(used));
            count(used);
            total += used;
            if (result.IsCompleted && !decoder.Ended)
                throw new LmtpEndedException(LmtpSessionEnd.ClientClosedInData);
            if (total > options.MaxDrainedBytes && !decoder.Ended)
                return false;
        }

        return true;
    }

    /// <summary>Queues a reply. It goes out when the client's next octets are waited for.</summary>
    public async ValueTask WriteAsync(SmtpReply reply)
    {
        pipe.Output.Write(Encoding.ASCII.GetBytes(reply.ToWire()));
        if (pipe.Output.CanGetUnflushedBytes && pipe.Output.UnflushedBytes > MaxUnflushedOctets)
            await FlushAsync();
    }

    public async ValueTask FlushAsync()
    {
        if (stopping.IsCancellationRequested)
            throw new LmtpEndedException(LmtpSessionEnd.HostStopping);
        var flush = new Deadline(time.GetTimestamp(), options.IdleTimeout, LmtpSessionEnd.IdleTimeout);
        if (!await WithinAsync(async ct => (await pipe.Output.FlushAsync(ct)).IsCompleted, flush))
            return;
        throw new LmtpEndedException(LmtpSessionEnd.ClientClosed);
    }

    /// <summary>The reply that closes the channel (RFC 5321 §3.8). A client that does not take it at once goes without.</summary>
    public async ValueTask WriteLastAsync(SmtpReply? reply)
    {
        using var limit = new CancellationTokenSource(LastWordsTimeout, time);
        try
        {
            if (reply is not null)
                pipe.Output.Write(Encoding.ASCII.GetBytes(reply.ToWire()));
            await pipe.Output.FlushAsync(limit.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The client is gone, or does not read.
        }
    }

    private async ValueTask<ReadResult> ReadAsync(Deadline? whole = null)
    {
        if (stopping.IsCancellationRequested)
            throw new LmtpEndedException(LmtpSessionEnd.HostStopping);
        if (pipe.Input.TryRead(out var result))
        {
            // A fast client may not outrun the deadlines.
            whole?.ThrowIfPassed(time);
            SessionDeadline.ThrowIfPassed(time);
            return result;
        }

        await FlushAsync();
        var idle = new Deadline(time.GetTimestamp(), options.IdleTimeout, LmtpSessionEnd.IdleTimeout);
        return await WithinAsync(pipe.Input.ReadAsync, whole is { } w ? w.Earlier(idle, time) : idle);
    }

    private Deadline SessionDeadline => new(started, options.SessionTimeout, LmtpSessionEnd.SessionTimeout);

    private async ValueTask<T> WithinAsync<T>(Func<CancellationToken, ValueTask<T>> wait, Deadline deadline)
    {
        var first = deadline.Earlier(SessionDeadline, time);
        first.ThrowIfPassed(time);
        using var limit = new CancellationTokenSource(first.Remaining(time), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            return await wait(either.Token);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            throw new LmtpEndedException(stopping.IsCancellationRequested ? LmtpSessionEnd.HostStopping : first.End);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // Reset by the client, or by the transport under us.
            throw new LmtpEndedException(LmtpSessionEnd.ClientClosed, e);
        }
    }

    private string? Decode(ReadOnlySequence<byte> line)
    {
        var bytes = line.ToArray();
        // Only CRLF ends a command (RFC 5321 §2.3.8), and neither CR nor NUL stands inside one.
        if (bytes is not [.., (byte)'\r', (byte)'\n'] || bytes.AsSpan(..^2).IndexOfAny((byte)'\r', (byte)0) >= 0)
        {
            LastProblem = LmtpLine.BadOctets;
            return null;
        }

        try
        {
            return StrictUtf8.GetString(bytes.AsSpan(..^2));
        }
        catch (DecoderFallbackException)
        {
            LastProblem = LmtpLine.BadOctets;
            return null;
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Deadline(long From, TimeSpan Length, LmtpSessionEnd End)
    {
        public TimeSpan Remaining(TimeProvider time) => Length - time.GetElapsedTime(From);

        public Deadline Earlier(Deadline other, TimeProvider time) => Remaining(time) <= other.Remaining(time) ? this : other;

        public void ThrowIfPassed(TimeProvider time)
        {
            if (Remaining(time) <= TimeSpan.Zero)
                throw new LmtpEndedException(End);
        }
    }
}

/// <summary>Why a line was no command.</summary>
internal enum LmtpLine
{
    TooLong,
    BadOctets,
}

/// <summary>The session is over; caught in <see cref="LmtpSession.RunAsync"/> and nowhere else.</summary>
internal sealed class LmtpEndedException(LmtpSessionEnd end, Exception? cause = null) : Exception(end.ToString(), cause)
{
    public LmtpSessionEnd End { get; } = end;
}
