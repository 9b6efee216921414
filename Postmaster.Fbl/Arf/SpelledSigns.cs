namespace Postmaster.Fbl.Arf;

/// <summary>The two signs of an address as people write them who hide it from programs: " dot ", "[.]", "(dot)", " (at) ", with comments (RFC 5322 §3.2.2), and as other scripts have them.</summary>
internal static class SpelledSigns
{
    /// <summary>Signs and spaces on one side of the word, and octets of a comment.</summary>
    private const int MaxAround = 3, MaxComment = 64;

    private static ReadOnlySpan<byte> Opening => " \t_-([{<\"'|*"u8;

    private static ReadOnlySpan<byte> Closing => " \t_-)]}>\"'|*"u8;

    /// <summary>The octets that stand for ".", or 0.</summary>
    public static int Dot(ReadOnlySpan<byte> text, int position)
    {
        var rest = text[position..];
        if (rest.IsEmpty)
            return 0;
        switch (rest[0])
        {
            case 0xE2 or 0xE3 or 0xEF:
                return IsWideDot(rest) ? 3 : 0;
            case (byte)'+':
                return rest.StartsWith("+AC4-"u8) ? 5 : 0; // UTF-7
            default:
                return Opening.Contains(rest[0]) ? Word(rest, "dot"u8) is var word and > 0 ? word : Sign(rest, (byte)'.') : 0;
        }
    }

    /// <summary>The octets that stand for "@" between comments or more signs than one, or 0.</summary>
    public static int At(ReadOnlySpan<byte> text, int position)
    {
        var rest = text[position..];
        if (rest.IsEmpty || !Opening.Contains(rest[0]))
            return 0;
        return Word(rest, "at"u8) is var word and > 0 ? word : Sign(rest, (byte)'@');
    }

    /// <summary>A line of text may end behind the sign.</summary>
    public static int LineEnd(ReadOnlySpan<byte> rest) => rest.StartsWith("\r\n"u8) ? 2 : rest.StartsWith("\n"u8) ? 1 : 0;

    /// <summary>U+2024, U+3002, U+FE52, U+FF0E and U+FF61; IDNA reads three of them as the dot between labels.</summary>
    private static bool IsWideDot(ReadOnlySpan<byte> rest) =>
        rest.StartsWith("\u2024"u8) || rest.StartsWith("\u3002"u8) || rest.StartsWith("\uFE52"u8) || rest.StartsWith("\uFF0E"u8) || rest.StartsWith("\uFF61"u8);

    /// <summary>The word with signs on both sides.</summary>
    private static int Word(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> word)
    {
        var before = Count(rest, Opening);
        if (before == 0 || before + word.Length >= rest.Length || !System.Text.Ascii.EqualsIgnoreCase(rest.Slice(before, word.Length), word))
            return 0;
        var after = Count(rest[(before + word.Length)..], Closing);
        return after == 0 ? 0 : before + word.Length + after;
    }

    /// <summary>The sign itself between white space, comments or brackets.</summary>
    private static int Sign(ReadOnlySpan<byte> rest, byte sign)
    {
        if (rest.Length > 2 && rest[0] is (byte)'(' or (byte)'[' or (byte)'{' && rest[1] == sign && rest[2] is (byte)')' or (byte)']' or (byte)'}')
            return 3;
        var before = White(rest);
        if (before == 0 || before >= rest.Length || rest[before] != sign)
            return 0;
        var after = White(rest[(before + 1)..]);
        return after == 0 ? 0 : before + 1 + after;
    }

    private static int Count(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> signs)
    {
        var run = rest[..Math.Min(rest.Length, MaxAround + 1)].IndexOfAnyExcept(signs);
        return run is < 0 or > MaxAround ? 0 : run;
    }

    /// <summary>White space and comments without others inside.</summary>
    private static int White(ReadOnlySpan<byte> rest)
    {
        var at = 0;
        for (var i = 0; i < MaxAround && at < rest.Length; i++)
        {
            var white = rest[at..].IndexOfAnyExcept(" \t\r\n"u8);
            at += Math.Max(0, white);
            if (at >= rest.Length || rest[at] != '(')
                break;
            var end = rest.Slice(at, Math.Min(MaxComment, rest.Length - at)).IndexOf((byte)')');
            if (end < 0)
                break;
            at += end + 1;
        }
        return at;
    }
}
