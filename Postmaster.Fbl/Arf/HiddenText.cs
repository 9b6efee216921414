using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Arf;

/// <summary>What may stand inside of a word and is not shown: folding, tags and comments of HTML, characters without width.</summary>
internal static class HiddenText
{
    /// <summary>Octets of white space of one fold, and of one tag, that are looked through.</summary>
    private const int MaxFold = 64, MaxTag = 512;

    /// <summary>Octets of the longest entity: &amp;ZeroWidthSpace;</summary>
    private const int MaxEntity = 16;

    /// <summary>Pieces in a row.</summary>
    private const int MaxPieces = 4;

    public static int Skip(ReadOnlySpan<byte> text, int position)
    {
        for (var i = 0; i < MaxPieces && position < text.Length; i++)
        {
            var next = text[position] switch
            {
                (byte)'\r' or (byte)'\n' => Fold(text, position),
                (byte)'=' => SoftBreak(text, position),
                (byte)'<' => Tag(text, position),
                (byte)'&' => Entity(text, position),
                0xC2 or 0xE2 or 0xEF => Character(text, position),
                _ => position,
            };
            if (next == position)
                break;
            position = next;
        }
        return position;
    }

    /// <summary>RFC 5322 §2.2.3: a line end and white space inside a field stand for nothing here.</summary>
    private static int Fold(ReadOnlySpan<byte> text, int position)
    {
        var white = position;
        if (text[white] == '\r')
            white++;
        if (white + 1 >= text.Length || text[white] != '\n' || text[white + 1] is not ((byte)' ' or (byte)'\t'))
            return position;
        var rest = text.Slice(white + 1, Math.Min(MaxFold, text.Length - white - 1));
        var length = rest.IndexOfAnyExcept((byte)' ', (byte)'\t');
        return white + 1 + (length < 0 ? rest.Length : length);
    }

    /// <summary>RFC 2045 §6.7 (5), in text that does not say that it is quoted-printable.</summary>
    private static int SoftBreak(ReadOnlySpan<byte> text, int position)
    {
        if (text[position..].StartsWith("=\r\n"u8))
            return position + 3;
        return text[position..].StartsWith("=\n"u8) ? position + 2 : position;
    }

    private static int Tag(ReadOnlySpan<byte> text, int position)
    {
        var rest = text.Slice(position, Math.Min(MaxTag, text.Length - position));
        if (rest.Length < 3 || !(char.IsAsciiLetter((char)rest[1]) || rest[1] is (byte)'/' or (byte)'!'))
            return position;
        // "<ann@mail.example>" is no tag.
        var end = rest.StartsWith("<!--"u8) ? rest.IndexOf("-->"u8) + 2 : rest.IndexOfAny((byte)'>', (byte)'@');
        return end > 1 && rest[end] == '>' ? position + end + 1 : position;
    }

    private static int Entity(ReadOnlySpan<byte> text, int position)
    {
        var rest = text.Slice(position, Math.Min(MaxEntity, text.Length - position));
        if (rest.StartsWith("&#"u8))
            return Number(rest) is var length and > 0 ? position + length : position;
        foreach (var name in (ReadOnlySpan<string>)["&shy;", "&zwj;", "&zwnj;", "&lrm;", "&rlm;", "&NoBreak;", "&ZeroWidthSpace;"])
        {
            if (rest.Length >= name.Length && System.Text.Ascii.EqualsIgnoreCase(rest[..name.Length], name))
                return position + name.Length;
        }
        return position;
    }

    /// <summary>Browsers read a number without its semicolon, too.</summary>
    private static int Number(ReadOnlySpan<byte> entity)
    {
        var at = entity.Length > 2 && (entity[2] | 0x20) == 'x' ? 3 : 2;
        var radix = at == 3 ? 16 : 10;
        var value = 0;
        var start = at;
        for (; at < entity.Length && TransferDecoder.HexValue(entity[at]) is var digit and >= 0 && digit < radix && value <= char.MaxValue; at++)
            value = (value * radix) + digit;
        if (at == start || !LookAlikes.IsInvisible(value))
            return 0;
        return at < entity.Length && entity[at] == ';' ? at + 1 : at;
    }

    /// <summary>U+00AD, U+200B to U+200D, U+2060 and U+FEFF in UTF-8.</summary>
    private static int Character(ReadOnlySpan<byte> text, int position)
    {
        var rest = text[position..];
        if (rest is [0xC2, 0xAD, ..])
            return position + 2;
        return rest is [0xE2, 0x80, >= 0x8B and <= 0x8D, ..] or [0xE2, 0x81, 0xA0, ..] or [0xEF, 0xBB, 0xBF, ..] ? position + 3 : position;
    }
}
