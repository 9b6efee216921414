using System.Buffers;

namespace Postmaster.Fbl.Arf;

/// <summary>Files in uuencode (POSIX uuencode) as text: "begin 644 name", lines of 45 octets, "end". What changes is encoded again from its line to the end.</summary>
internal sealed class UuencodedText(TextRedactor redactor)
{
    private const int MaxLine = 45;

    /// <summary>Null when there is nothing.</summary>
    public List<TextEdit>? Find(ReadOnlySpan<byte> text, int depth)
    {
        List<TextEdit>? edits = null;
        for (var at = text.IndexOf("begin "u8); at >= 0;)
        {
            var data = (at == 0 || text[at - 1] == '\n') && IsMode(text[(at + 6)..]) && text[at..].IndexOf((byte)'\n') is var feed and > 0 ? at + feed + 1 : -1;
            var end = at + 6;
            if (data > 0 && InFile(text, data, depth, ref end) is { } edit)
                (edits ??= []).Add(edit);
            at = text[end..].IndexOf("begin "u8) is var next and >= 0 ? end + next : -1;
        }
        return edits;
    }

    private static bool IsMode(ReadOnlySpan<byte> rest) => rest.Length > 4 && !rest[..3].ContainsAnyExceptInRange((byte)'0', (byte)'7') && (rest[3] == ' ' || rest[4] == ' ');

    private TextEdit? InFile(ReadOnlySpan<byte> text, int data, int depth, ref int end)
    {
        var octets = new ArrayBufferWriter<byte>();
        var lines = new List<(int Octet, int Place)>();
        var at = data;
        while (at < text.Length && Decode(text[at..], octets) is var length and > 0)
        {
            lines.Add((octets.WrittenCount, at));
            at += length;
        }
        end = at;
        if (lines.Count == 0 || redactor.Find(octets.WrittenSpan, TextKind.Plain, depth + 1).Edits is not { } found)
            return null;
        var lineEnd = text[at - 1] == '\n' && text[at - 2] == '\r' ? "\r\n"u8 : "\n"u8;
        // The count that is kept with a line is that behind it.
        var line = lines.FindIndex(one => one.Octet > found[0].Start);
        var from = line == 0 ? 0 : lines[line - 1].Octet;
        var changed = FoundEdits.Apply(octets.WrittenSpan[from..], [.. found.Select(edit => edit with { Start = edit.Start - from })]);
        var zero = text[data..at].Contains((byte)'`') ? (byte)'`' : (byte)' ';
        return new TextEdit(lines[line].Place, at - lines[line].Place, Encode(changed, zero, lineEnd));
    }

    /// <returns>Octets of the line with its end; 0 when it is none or the last.</returns>
    private static int Decode(ReadOnlySpan<byte> text, ArrayBufferWriter<byte> output)
    {
        var feed = text.IndexOf((byte)'\n');
        var line = (feed < 0 ? text : text[..feed]).TrimEnd("\r"u8);
        var count = line.IsEmpty ? 0 : ValueOf(line[0]);
        if (count is <= 0 or > MaxLine)
            return 0;
        var groups = (count + 2) / 3;
        // Programs of transport drop spaces at the end of lines, which stand for zeros.
        if (line.Length > 1 + (groups * 4) + 1 || line[1..].ContainsAnyExceptInRange((byte)' ', (byte)'`'))
            return 0;
        Span<byte> octets = stackalloc byte[groups * 3];
        for (var i = 0; i < groups; i++)
        {
            var bits = 0;
            for (var j = 1 + (i * 4); j < 5 + (i * 4); j++)
                bits = (bits << 6) | (j < line.Length ? ValueOf(line[j]) : 0);
            (octets[i * 3], octets[(i * 3) + 1], octets[(i * 3) + 2]) = ((byte)(bits >> 16), (byte)(bits >> 8), (byte)bits);
        }
        output.Write(octets[..count]);
        return feed < 0 ? text.Length : feed + 1;
    }

    private static int ValueOf(byte letter) => letter is >= (byte)' ' and <= (byte)'`' ? (letter - ' ') & 63 : -1;

    /// <summary>Whole lines.</summary>
    private static byte[] Encode(ReadOnlySpan<byte> octets, byte zero, ReadOnlySpan<byte> lineEnd)
    {
        var output = new ArrayBufferWriter<byte>();
        for (; !octets.IsEmpty; octets = octets[Math.Min(MaxLine, octets.Length)..])
        {
            output.Write(Line(octets[..Math.Min(MaxLine, octets.Length)], zero));
            output.Write(lineEnd);
        }
        return output.WrittenSpan.ToArray();
    }

    /// <summary>One line without its end.</summary>
    public static byte[] Line(ReadOnlySpan<byte> octets, byte zero)
    {
        var line = new byte[1 + ((octets.Length + 2) / 3 * 4)];
        line[0] = Letter(octets.Length, zero);
        for (int i = 0, at = 1; i < octets.Length; i += 3, at += 4)
        {
            var bits = (octets[i] << 16) | ((i + 1 < octets.Length ? octets[i + 1] : 0) << 8) | (i + 2 < octets.Length ? octets[i + 2] : 0);
            for (var j = 0; j < 4; j++)
                line[at + j] = Letter((bits >> (18 - (j * 6))) & 63, zero);
        }
        return line;
    }

    private static byte Letter(int value, byte zero) => value == 0 ? zero : (byte)(' ' + value);
}
