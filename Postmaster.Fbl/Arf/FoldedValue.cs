using System.Buffers;

namespace Postmaster.Fbl.Arf;

/// <summary>The value of a field without its folding, and where each piece of it stands.</summary>
internal sealed class FoldedValue
{
    /// <summary>RFC 5322 §2.1.1</summary>
    private const int PreferredLine = 76;

    private readonly List<(int Joined, int Raw)> pieces = [];
    private readonly byte[] text;
    private readonly int length;
    private readonly byte[] fold;

    public FoldedValue(ReadOnlySpan<byte> value)
    {
        text = new byte[value.Length];
        fold = "\r\n "u8.ToArray();
        for (var at = 0; at < value.Length;)
        {
            var feed = value[at..].IndexOf((byte)'\n');
            var end = feed < 0 ? value.Length : at + feed;
            var line = end > at && feed >= 0 && value[end - 1] == '\r' ? end - 1 : end;
            pieces.Add((length, at));
            value[at..line].CopyTo(text.AsSpan(length));
            length += line - at;
            var white = feed < 0 ? -1 : value[line..].IndexOfAnyExcept(" \t\r\n"u8);
            if (white > 0)
                fold = value.Slice(line, white).ToArray();
            at = white < 0 ? value.Length : line + white;
        }
    }

    public ReadOnlySpan<byte> Text => text.AsSpan(0, length);

    /// <summary>Whether a fold stands between two octets that may belong together.</summary>
    public static bool Cuts(ReadOnlySpan<byte> value)
    {
        for (var feed = value.IndexOf((byte)'\n'); feed >= 0;)
        {
            var before = value[..feed].TrimEnd("\r"u8);
            var rest = value[feed..].TrimStart(" \t\r\n"u8);
            if (!before.IsEmpty && !rest.IsEmpty && Joins(before[^1]) && Joins(rest[0]))
                return true;
            value = value[(feed + 1)..];
            feed = value.IndexOf((byte)'\n');
        }
        return false;
    }

    /// <param name="edits">Places in <see cref="Text"/>.</param>
    public byte[] Apply(ReadOnlySpan<byte> value, List<TextEdit> edits)
    {
        var output = new ArrayBufferWriter<byte>(value.Length + (edits.Count * 64));
        var copied = 0;
        foreach (var edit in edits)
        {
            var start = PlaceOf(edit.Start);
            var end = edit.Length == 0 ? start : PlaceOf(edit.End - 1) + 1;
            output.Write(value[copied..start]);
            Put(output, edit.Replacement, value[start..end].Contains((byte)'\n'));
            copied = end;
        }
        output.Write(value[copied..]);
        return output.WrittenSpan.ToArray();
    }

    private void Put(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> replacement, bool folded)
    {
        var column = output.WrittenCount - output.WrittenSpan.LastIndexOf((byte)'\n') - 1;
        while (folded && column + replacement.Length > PreferredLine && !replacement.IsEmpty)
        {
            var piece = replacement[..Math.Clamp(PreferredLine - column, 1, replacement.Length)];
            output.Write(piece);
            replacement = replacement[piece.Length..];
            if (replacement.IsEmpty)
                return;
            output.Write(fold);
            column = fold.Length - fold.AsSpan().LastIndexOf((byte)'\n') - 1;
        }
        output.Write(replacement);
    }

    private int PlaceOf(int joined)
    {
        var piece = pieces.FindLastIndex(one => one.Joined <= joined);
        return pieces[piece].Raw + joined - pieces[piece].Joined;
    }

    private static bool Joins(byte octet) => octet > 32 && octet is not ((byte)';' or (byte)',' or (byte)'>' or (byte)')');
}
