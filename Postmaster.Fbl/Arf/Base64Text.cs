using System.Buffers;
using System.Buffers.Text;

namespace Postmaster.Fbl.Arf;

/// <summary>A part in base64 (RFC 2045 §6.8) with lines as every program writes them. It is encoded again from the group of letters that changes first.</summary>
internal static class Base64Text
{
    /// <param name="output">As long as <paramref name="raw"/>.</param>
    /// <returns>The octets written; -1 when there is anything but letters, white space and the padding at the end.</returns>
    public static int Decode(ReadOnlySpan<byte> raw, Span<byte> output)
    {
        var length = DecodeLines(raw, output);
        return length >= 0 ? length : DecodeLetters(raw, output);
    }

    /// <summary>As every program writes it: lines of whole groups.</summary>
    private static int DecodeLines(ReadOnlySpan<byte> raw, Span<byte> output)
    {
        var length = 0;
        var ended = false;
        while (!raw.IsEmpty)
        {
            var line = NextLine(ref raw);
            if (line.IsEmpty)
                continue;
            if (ended || line.Length % 4 != 0 || line.Contains((byte)' ') || Base64.DecodeFromUtf8(line, output[length..], out var read, out var written) != OperationStatus.Done || read != line.Length)
                return -1;
            ended = line[^1] == '=';
            length += written;
        }
        return length;
    }

    private static int DecodeLetters(ReadOnlySpan<byte> raw, Span<byte> output)
    {
        var letters = 0;
        foreach (var octet in raw)
        {
            if (!IsWhite(octet))
                output[letters++] = octet;
        }
        while (letters % 4 != 0 && letters < output.Length)
            output[letters++] = (byte)'=';
        return Base64.DecodeFromUtf8InPlace(output[..letters], out var written) == OperationStatus.Done ? written : -1;
    }

    /// <param name="decoded">What <see cref="Decode"/> made of <paramref name="raw"/>.</param>
    public static void Apply(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> decoded, List<TextEdit> edits, OctetWriter output)
    {
        var (place, octet, column) = GroupOf(raw, edits[0].Start);
        var changed = FoundEdits.Apply(decoded[octet..], [.. edits.Select(edit => edit with { Start = edit.Start - octet })]);
        var rest = raw;
        var width = Math.Max(4, NextLine(ref rest).Length);
        var lineEnd = raw.IndexOf((byte)'\n') is var feed and > 0 && raw[feed - 1] != '\r' ? "\n"u8 : "\r\n"u8;
        output.Write(raw[..place]);
        for (var letters = Letters(changed); !letters.IsEmpty; column = 0)
        {
            if (column >= width)
            {
                output.Write(lineEnd);
                column = 0;
            }
            var piece = letters[..Math.Min(width - column, letters.Length)];
            output.Write(piece);
            letters = letters[piece.Length..];
            if (!letters.IsEmpty)
                output.Write(lineEnd);
        }
        output.Write(raw[raw.TrimEnd(" \t\r\n"u8).Length..]);
    }

    private static (int Place, int Octet, int Column) GroupOf(ReadOnlySpan<byte> raw, int wanted)
    {
        var group = wanted / 3;
        int letters = 0, column = 0;
        for (var at = 0; at < raw.Length; at++)
        {
            if (IsWhite(raw[at]))
            {
                column = raw[at] == '\n' ? 0 : column;
                continue;
            }
            if (letters == group * 4)
                return (at, group * 3, column);
            letters++;
            column++;
        }
        return (raw.Length, group * 3, column);
    }

    private static bool IsWhite(byte octet) => octet is (byte)'\r' or (byte)'\n' or (byte)' ' or (byte)'\t';

    private static ReadOnlySpan<byte> NextLine(ref ReadOnlySpan<byte> raw)
    {
        var feed = raw.IndexOf((byte)'\n');
        var line = feed < 0 ? raw : raw[..feed];
        raw = feed < 0 ? default : raw[(feed + 1)..];
        return line.EndsWith("\r"u8) ? line[..^1] : line;
    }

    private static ReadOnlySpan<byte> Letters(byte[] octets)
    {
        var letters = new byte[Base64.GetMaxEncodedToUtf8Length(octets.Length)];
        Base64.EncodeToUtf8(octets, letters, out _, out var written);
        return letters.AsSpan(0, written);
    }
}
