using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Arf;

/// <summary>
/// A part in quoted-printable (RFC 2045 §6.7), whose text is changed where it stands: all that is not changed keeps its encoding and its lines.
/// White space at the end of a line is transport's; "=" before no hex digits stands for itself.
/// </summary>
internal ref struct QuotedPrintableText : IDisposable
{
    /// <summary>RFC 2045 §6.7 (5), the "=" of a soft line break included.</summary>
    private const int MaxLine = 76;

    private readonly ReadOnlySpan<byte> raw;
    private readonly byte[] decoded;
    private int length;

    /// <summary>Where decoded and raw text drift apart: from the one place on the text is what stands from the other place on.</summary>
    private (int Decoded, int Raw)[] joints;
    private int jointCount;

    public QuotedPrintableText(ReadOnlySpan<byte> raw)
    {
        this.raw = raw;
        decoded = ArrayPool<byte>.Shared.Rent(raw.Length);
        joints = ArrayPool<(int, int)>.Shared.Rent(256 + (raw.Length / 32));
        Decode();
    }

    public readonly ReadOnlySpan<byte> Text => decoded.AsSpan(0, length);

    public readonly void Dispose()
    {
        ArrayPool<byte>.Shared.Return(decoded);
        ArrayPool<(int, int)>.Shared.Return(joints);
    }

    /// <summary>The raw text with these edits of <see cref="Text"/>.</summary>
    public readonly void Apply(List<TextEdit> edits, OctetWriter output)
    {
        var lineEnd = raw.Contains((byte)'\n') && raw.IndexOf("\r\n"u8) < 0 ? "=\n"u8 : "=\r\n"u8;
        var (copied, begin) = (0, output.WrittenCount);
        for (var i = 0; i < edits.Count; i++)
        {
            var start = PlaceOf(edits[i].Start);
            output.Write(raw[copied..start]);
            copied = edits[i].Length == 0 ? start : EndOf(PlaceOf(edits[i].End - 1));
            var next = i + 1 < edits.Count ? PlaceOf(edits[i + 1].Start) : raw.Length;
            Put(output, begin, edits[i].Replacement, raw[copied..Math.Max(copied, next)], LineLength(start) <= MaxLine ? MaxLine : int.MaxValue, lineEnd);
        }
        output.Write(raw[copied..]);
    }

    /// <param name="begin">Where the part begins in the output.</param>
    /// <param name="rest">What follows unchanged.</param>
    private static void Put(OctetWriter output, int begin, ReadOnlySpan<byte> replacement, ReadOnlySpan<byte> rest, int most, ReadOnlySpan<byte> lineEnd)
    {
        var column = output.WrittenCount - begin - output.WrittenSpan[begin..].LastIndexOf((byte)'\n') - 1;
        // A word is kept together where a line can hold it.
        var width = replacement.Length + (replacement.Count((byte)'=') * 2);
        if (column > 0 && column + width > most - 1 && width <= most - 1)
        {
            output.Write(lineEnd);
            column = 0;
        }
        foreach (var octet in replacement)
        {
            var plain = octet is > 32 and < 127 and not (byte)'=';
            if (column + (plain ? 1 : 3) > most - 1)
            {
                output.Write(lineEnd);
                column = 0;
            }
            if (plain)
                output.Write(octet);
            else
                output.Write([(byte)'=', (byte)"0123456789ABCDEF"[octet >> 4], (byte)"0123456789ABCDEF"[octet & 15]]);
            column += plain ? 1 : 3;
        }
        var toEnd = rest.IndexOf((byte)'\n') is var feed and >= 0 ? rest[..feed].TrimEnd((byte)'\r').Length : rest.Length;
        if (toEnd > 0 && column + toEnd > most && !rest.StartsWith("=\r\n"u8) && !rest.StartsWith("=\n"u8))
            output.Write(lineEnd);
    }

    private readonly int LineLength(int place)
    {
        var start = raw[..place].LastIndexOf((byte)'\n') + 1;
        var feed = raw[place..].IndexOf((byte)'\n');
        return raw[start..(feed < 0 ? raw.Length : place + feed)].TrimEnd((byte)'\r').Length;
    }

    /// <summary>Where an octet of the text stands, or begins when it is an escape.</summary>
    private readonly int PlaceOf(int octet)
    {
        int low = 0, high = jointCount;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (joints[middle].Decoded <= octet)
                low = middle + 1;
            else
                high = middle;
        }
        return low == 0 ? octet : joints[low - 1].Raw + octet - joints[low - 1].Decoded;
    }

    private readonly int EndOf(int place) => IsEscape(place) ? place + 3 : place + 1;

    private readonly bool IsEscape(int place) => raw[place] == '=' && place + 2 < raw.Length && TransferDecoder.HexValue(raw[place + 1]) >= 0 && TransferDecoder.HexValue(raw[place + 2]) >= 0;

    private void Decode()
    {
        var done = 0;
        ulong stops = 0;
        for (var block = 0; block < raw.Length; block += 64)
        {
            for (stops = StopsIn(block); stops != 0; stops &= stops - 1)
            {
                var stop = block + BitOperations.TrailingZeroCount(stops);
                if (stop >= done)
                    done = raw[stop] == '=' ? Escape(done, stop) : TrailingSpace(done, stop);
            }
        }
        Copy(done, raw.Length);
    }

    /// <summary>A bit for each of the next 64 octets that is "=", or white space before a line end.</summary>
    private readonly ulong StopsIn(int block)
    {
        if (block + 65 <= raw.Length)
            return StopsIn(ref MemoryMarshal.GetReference(raw), block);
        Span<byte> tail = stackalloc byte[65];
        raw[block..].CopyTo(tail);
        return StopsIn(ref MemoryMarshal.GetReference(tail), 0);
    }

    private static ulong StopsIn(ref byte octets, int at)
    {
        var current = Vector512.LoadUnsafe(ref octets, (nuint)at);
        var next = Vector512.LoadUnsafe(ref octets, (nuint)at + 1);
        var white = Vector512.Equals(current, Vector512.Create((byte)' ')) | Vector512.Equals(current, Vector512.Create((byte)'\t'));
        var lineEnd = Vector512.Equals(next, Vector512.Create((byte)'\r')) | Vector512.Equals(next, Vector512.Create((byte)'\n'));
        return (Vector512.Equals(current, Vector512.Create((byte)'=')) | (white & lineEnd)).ExtractMostSignificantBits();
    }

    /// <returns>Where the raw text goes on.</returns>
    private int Escape(int done, int stop)
    {
        Copy(done, stop);
        if (stop + 2 < raw.Length)
        {
            var (second, third) = (raw[stop + 1], raw[stop + 2]);
            if (second == '\r' && third == '\n')
                return Join(stop + 3);
            var (high, low) = (TransferDecoder.HexValue(second), TransferDecoder.HexValue(third));
            if (high >= 0 && low >= 0)
            {
                decoded[length++] = (byte)((high << 4) | low);
                return Join(stop + 3);
            }
        }
        var white = raw[(stop + 1)..].IndexOfAnyExcept(" \t\r"u8);
        if (white < 0)
            return Join(raw.Length);
        if (raw[stop + 1 + white] == '\n')
            return Join(stop + 2 + white);
        decoded[length++] = (byte)'=';
        return stop + 1;
    }

    /// <returns>Where the raw text goes on.</returns>
    private int TrailingSpace(int done, int stop)
    {
        var end = stop + 1;
        if (raw[end] == '\r' && (end + 1 == raw.Length || raw[end + 1] != '\n'))
            return done;
        Copy(done, done + raw[done..end].TrimEnd(" \t"u8).Length);
        return Join(end);
    }

    private void Copy(int from, int to)
    {
        // Whole vectors where there is room: most pieces are shorter than a line.
        if (to - from <= 2 * Vector256<byte>.Count && from + (2 * Vector256<byte>.Count) <= raw.Length && length + (2 * Vector256<byte>.Count) <= decoded.Length)
        {
            ref var source = ref Unsafe.Add(ref MemoryMarshal.GetReference(raw), from);
            ref var target = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(decoded), length);
            Vector256.LoadUnsafe(ref source).StoreUnsafe(ref target);
            Vector256.LoadUnsafe(ref source, (nuint)Vector256<byte>.Count).StoreUnsafe(ref target, (nuint)Vector256<byte>.Count);
        }
        else
        {
            raw[from..to].CopyTo(decoded.AsSpan(length));
        }
        length += to - from;
    }

    private int Join(int place)
    {
        if (jointCount == joints.Length)
        {
            var larger = ArrayPool<(int, int)>.Shared.Rent(jointCount * 2);
            joints.CopyTo(larger, 0);
            ArrayPool<(int, int)>.Shared.Return(joints);
            joints = larger;
        }
        joints[jointCount++] = (length, place);
        return place;
    }
}
