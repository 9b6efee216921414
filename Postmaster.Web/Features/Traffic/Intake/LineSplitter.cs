using System.Buffers;
using System.Security.Cryptography;
using Postmaster.Web.Features.Traffic.Events;

namespace Postmaster.Web.Features.Traffic.Intake;

/// <summary>How reading a body ended.</summary>
internal enum BatchEnd
{
    Complete,

    /// <summary>More octets, unpacked, than allowed.</summary>
    TooManyOctets,
    TooManyLines,
}

/// <summary>Cuts a body into lines and hands each to the tally; holds a piece of the body at a time.</summary>
internal sealed class LineSplitter(TrafficOptions options)
{
    /// <summary>Room for the longest line twice, and a good piece at a time.</summary>
    private const int Room = 4 * EventLimits.Line;

    /// <summary>Lines seen, empty ones too.</summary>
    public int Lines { get; private set; }

    /// <param name="hash">Takes the octets as they come; null: nobody asks for it.</param>
    public async Task<BatchEnd> ReadAsync(Stream body, EventTally tally, IncrementalHash? hash, CancellationToken ct)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Room);
        try
        {
            int held = 0;
            long total = 0;
            bool skipping = false;
            while (true)
            {
                int read = await body.ReadAsync(buffer.AsMemory(held), ct);
                if ((total += read) > options.MaxBatchBytes)
                    return BatchEnd.TooManyOctets;
                hash?.AppendData(buffer, held, read);
                int end = held + read;
                int used = Take(buffer, end, isLast: read == 0, tally, ref skipping);
                if (Lines > options.MaxBatchLines)
                    return BatchEnd.TooManyLines;
                if (read == 0)
                    return BatchEnd.Complete;
                buffer.AsSpan(used, end - used).CopyTo(buffer);
                held = end - used;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <param name="skipping">Whether the line at the start is the rest of one that is too long and was refused.</param>
    /// <returns>How many octets are done with.</returns>
    private int Take(byte[] buffer, int end, bool isLast, EventTally tally, ref bool skipping)
    {
        int start = 0;
        while (start < end && Lines <= options.MaxBatchLines)
        {
            int length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length < 0)
                break;
            TakeLine(buffer, start, length, tally, ref skipping);
            start += length + 1;
        }

        if (start == end || Lines > options.MaxBatchLines)
            return end;
        if (isLast)
        {
            TakeLine(buffer, start, end - start, tally, ref skipping);
            return end;
        }

        // A line end may be CR LF, which is not part of the line.
        if (skipping || end - start > EventLimits.Line + 1)
        {
            if (!skipping)
                TakeLine(buffer, start, end - start, tally, ref skipping);
            skipping = true;
            return end;
        }

        return start;
    }

    private void TakeLine(byte[] buffer, int start, int length, EventTally tally, ref bool skipping)
    {
        if (skipping)
        {
            skipping = false;
            return;
        }

        Lines++;
        if (Lines == 1 && buffer.AsSpan(start, length).StartsWith("\uFEFF"u8))
            (start, length) = (start + 3, length - 3);
        if (length > 0 && buffer[start + length - 1] == '\r')
            length--;
        if (Lines <= options.MaxBatchLines && buffer.AsSpan(start, length).ContainsAnyExcept(" \t"u8))
            tally.Take(Lines, buffer, start, length);
    }
}
