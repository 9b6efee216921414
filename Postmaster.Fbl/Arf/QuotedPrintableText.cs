using System.Buffers;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Arf;

/// <summary>A part in quoted-printable (RFC 2045 §6.7), whose text is changed where it stands: all that is not changed keeps its encoding and its lines.</summary>
internal static class QuotedPrintableText
{
    /// <summary>RFC 2045 §6.7 (5), the "=" of a soft line break included.</summary>
    private const int MaxLine = 76;

    private static readonly SearchValues<byte> Stops = SearchValues.Create("=\n"u8);

    private interface ISink
    {
        void Literal(int start, int length);

        void Octet(int start, int length, byte value);
    }

    /// <param name="output">As long as <paramref name="raw"/>.</param>
    /// <returns>The octets written.</returns>
    public static int Decode(ReadOnlySpan<byte> raw, Span<byte> output)
    {
        var text = new Decoded(raw, output);
        Walk(raw, ref text);
        return text.Length;
    }

    /// <param name="edits">Places in the decoded text.</param>
    public static byte[] Apply(ReadOnlySpan<byte> raw, List<TextEdit> edits)
    {
        var places = new Places(edits);
        Walk(raw, ref places);
        var output = new ArrayBufferWriter<byte>(raw.Length + (edits.Count * 64));
        var lineEnd = raw.Contains((byte)'\n') && raw.IndexOf("\r\n"u8) < 0 ? "=\n"u8 : "=\r\n"u8;
        var copied = 0;
        for (var i = 0; i < edits.Count; i++)
        {
            output.Write(raw[copied..places.Starts[i]]);
            copied = places.Ends[i];
            var next = i + 1 < edits.Count ? places.Starts[i + 1] : raw.Length;
            Put(output, edits[i].Replacement, raw[copied..Math.Max(copied, next)], LineLength(raw, places.Starts[i]) <= MaxLine ? MaxLine : int.MaxValue, lineEnd);
        }
        output.Write(raw[copied..]);
        return output.WrittenSpan.ToArray();
    }

    /// <param name="rest">What follows unchanged.</param>
    private static void Put(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> replacement, ReadOnlySpan<byte> rest, int most, ReadOnlySpan<byte> lineEnd)
    {
        var column = output.WrittenCount - output.WrittenSpan.LastIndexOf((byte)'\n') - 1;
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
                output.Write([octet]);
            else
                output.Write([(byte)'=', (byte)"0123456789ABCDEF"[octet >> 4], (byte)"0123456789ABCDEF"[octet & 15]]);
            column += plain ? 1 : 3;
        }
        var toEnd = rest.IndexOf((byte)'\n') is var feed and >= 0 ? rest[..feed].TrimEnd((byte)'\r').Length : rest.Length;
        if (toEnd > 0 && column + toEnd > most && !rest.StartsWith("=\r\n"u8) && !rest.StartsWith("=\n"u8))
            output.Write(lineEnd);
    }

    private static int LineLength(ReadOnlySpan<byte> raw, int place)
    {
        var start = raw[..place].LastIndexOf((byte)'\n') + 1;
        var length = raw[place..].IndexOf((byte)'\n');
        return raw[start..(length < 0 ? raw.Length : place + length)].TrimEnd((byte)'\r').Length;
    }

    /// <summary>White space at the end of a line is transport's; "=" before no hex digits stands for itself.</summary>
    private static void Walk<T>(ReadOnlySpan<byte> raw, ref T sink)
        where T : struct, ISink, allows ref struct
    {
        var at = 0;
        while (at < raw.Length)
        {
            var run = raw[at..].IndexOfAny(Stops);
            if (run < 0)
            {
                sink.Literal(at, raw.Length - at);
                return;
            }
            var stop = at + run;
            if (raw[stop] == '\n')
            {
                var carriage = stop > at && raw[stop - 1] == '\r' ? 1 : 0;
                var end = stop - carriage;
                if (end > at && raw[end - 1] is (byte)' ' or (byte)'\t')
                    end = at + raw[at..end].TrimEnd(" \t"u8).Length;
                if (end == stop - carriage)
                {
                    sink.Literal(at, stop + 1 - at);
                }
                else
                {
                    sink.Literal(at, end - at);
                    sink.Literal(stop - carriage, carriage + 1);
                }
                at = stop + 1;
                continue;
            }
            if (run > 0)
                sink.Literal(at, run);
            at = stop + Escape(raw, stop, ref sink);
        }
    }

    private static int Escape<T>(ReadOnlySpan<byte> raw, int stop, ref T sink)
        where T : struct, ISink, allows ref struct
    {
        if (stop + 2 < raw.Length)
        {
            var high = TransferDecoder.HexValue(raw[stop + 1]);
            var low = TransferDecoder.HexValue(raw[stop + 2]);
            if (high >= 0 && low >= 0)
            {
                sink.Octet(stop, 3, (byte)((high << 4) | low));
                return 3;
            }
        }
        var white = raw[(stop + 1)..].IndexOfAnyExcept(" \t\r"u8);
        if (white < 0)
            return raw.Length - stop;
        if (raw[stop + 1 + white] == '\n')
            return white + 2;
        sink.Literal(stop, 1);
        return 1;
    }

    private ref struct Decoded(ReadOnlySpan<byte> raw, Span<byte> output) : ISink
    {
        private readonly ReadOnlySpan<byte> raw = raw;
        private readonly Span<byte> output = output;

        public int Length { get; private set; }

        public void Literal(int start, int length)
        {
            raw.Slice(start, length).CopyTo(output[Length..]);
            Length += length;
        }

        public void Octet(int start, int length, byte value) => output[Length++] = value;
    }

    /// <summary>Where the edits of the decoded text begin and end in the raw one.</summary>
    private struct Places(List<TextEdit> edits) : ISink
    {
        private int position;
        private int begun;
        private int ended;

        public int[] Starts { get; } = new int[edits.Count];

        public int[] Ends { get; } = new int[edits.Count];

        public void Literal(int start, int length) => Mark(start, length, length);

        public void Octet(int start, int length, byte value) => Mark(start, length, 1);

        private void Mark(int start, int length, int decoded)
        {
            while (begun < edits.Count && edits[begun].Start < position + decoded)
            {
                Starts[begun] = start + (edits[begun].Start - position);
                begun++;
            }
            while (ended < edits.Count && edits[ended].End <= position + decoded)
            {
                Ends[ended] = decoded == length ? start + (edits[ended].End - position) : start + length;
                ended++;
            }
            position += decoded;
        }
    }
}
