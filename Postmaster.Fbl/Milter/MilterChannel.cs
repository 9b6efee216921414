using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Runtime.InteropServices;

namespace Postmaster.Fbl.Milter;

/// <summary>One packet; its data is good until the next is read.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct MilterPacket(MilterCommand Command, ReadOnlySequence<byte> Data);

/// <summary>
/// The connection of one milter session: packets in (four octets of length, one of command, data), replies out, every wait with a deadline.
/// A connection that ends, for whatever reason, is a <see cref="MilterEndedException"/>, which only <see cref="MilterSession"/> catches.
/// </summary>
internal sealed class MilterChannel(IDuplexPipe pipe, MilterSessionOptions options, TimeProvider time, CancellationToken stopping)
{
    /// <summary>
    /// Body chunks have 65535 octets, headers in Postfix 102400 (header_size_limit); a Sendmail that was built for it uses up to 1 MB.
    /// Stops a peer of another protocol, whose first four letters would be a length of a gigabyte.
    /// </summary>
    public const int MaxPacketOctets = 1024 * 1024;

    private const int LengthOctets = 4;
    private static readonly TimeSpan LastWordsTimeout = TimeSpan.FromSeconds(2);
    private SequencePosition? next;
    private bool unflushed;

    public long BytesRead { get; private set; }

    public async ValueTask<MilterPacket> ReadAsync()
    {
        if (next is { } consumed)
            pipe.Input.AdvanceTo(consumed);
        next = null;
        while (true)
        {
            var result = await WaitAsync();
            var buffer = result.Buffer;
            if (TryTake(buffer, out var packet))
            {
                next = packet.Data.End;
                return packet;
            }

            pipe.Input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
                throw new MilterEndedException(MilterSessionEnd.Closed);
        }
    }

    /// <summary>Queues a reply. It goes out when the MTA's next octets are waited for.</summary>
    public void Write(byte reply, ReadOnlySpan<byte> data)
    {
        var packet = pipe.Output.GetSpan(LengthOctets + 1 + data.Length);
        BinaryPrimitives.WriteInt32BigEndian(packet, 1 + data.Length);
        packet[LengthOctets] = reply;
        data.CopyTo(packet[(LengthOctets + 1)..]);
        pipe.Output.Advance(LengthOctets + 1 + data.Length);
        unflushed = true;
    }

    public async ValueTask FlushAsync()
    {
        if (!unflushed)
            return;
        unflushed = false;
        if (await WithinAsync(async ct => (await pipe.Output.FlushAsync(ct)).IsCompleted))
            throw new MilterEndedException(MilterSessionEnd.Closed);
    }

    /// <summary>What was queued before the end. An MTA that does not take it at once goes without.</summary>
    public async ValueTask WriteLastAsync()
    {
        using var limit = new CancellationTokenSource(LastWordsTimeout, time);
        try
        {
            await pipe.Output.FlushAsync(limit.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The MTA is gone, or does not read.
        }
    }

    private bool TryTake(ReadOnlySequence<byte> buffer, out MilterPacket packet)
    {
        packet = default;
        if (buffer.Length < LengthOctets)
            return false;
        Span<byte> head = stackalloc byte[LengthOctets];
        buffer.Slice(0, LengthOctets).CopyTo(head);
        var length = BinaryPrimitives.ReadUInt32BigEndian(head);
        if (length is 0 or > MaxPacketOctets)
            throw new MilterEndedException(MilterSessionEnd.ProtocolError);
        if (buffer.Length < LengthOctets + length)
            return false;
        var content = buffer.Slice(LengthOctets, length);
        packet = new MilterPacket((MilterCommand)content.FirstSpan[0], content.Slice(1));
        BytesRead += LengthOctets + length;
        return true;
    }

    private async ValueTask<ReadResult> WaitAsync()
    {
        if (stopping.IsCancellationRequested)
            throw new MilterEndedException(MilterSessionEnd.HostStopping);
        if (pipe.Input.TryRead(out var result))
            return result;
        await FlushAsync();
        return await WithinAsync(pipe.Input.ReadAsync);
    }

    private async ValueTask<T> WithinAsync<T>(Func<CancellationToken, ValueTask<T>> wait)
    {
        using var limit = new CancellationTokenSource(options.IdleTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            return await wait(either.Token);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            throw new MilterEndedException(stopping.IsCancellationRequested ? MilterSessionEnd.HostStopping : MilterSessionEnd.IdleTimeout);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // Reset by the MTA, or by the transport under us.
            throw new MilterEndedException(MilterSessionEnd.Closed, e);
        }
    }
}

/// <summary>The session is over; caught in <see cref="MilterSession.RunAsync"/> and nowhere else.</summary>
internal sealed class MilterEndedException(MilterSessionEnd end, Exception? cause = null) : Exception(end.ToString(), cause)
{
    public MilterSessionEnd End { get; } = end;
}
