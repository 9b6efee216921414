namespace Postmaster.Fbl.Arf;

/// <summary>
/// The places of a text where one of a few words may begin as <see cref="AddressMatcher"/> reads them: its first three octets in any case, the first before something that
/// hides the next one (an escape, a fold, a tag, a dot), or an escape that may stand for the first.
/// </summary>
internal static class AddressScan
{
    private const int DotOrEscape = 0, Hidden = 1, HiddenThird = 2, Numbers = 3, Signs = 4, Words = 5;

    /// <summary>What may stand inside a word: <see cref="CharacterEscapes"/> begin with it, <see cref="HiddenText"/> does, and dots are passed over.</summary>
    private static ReadOnlySpan<byte> Hiding => ".%=&\\\r\n<"u8;

    /// <summary>The same beyond ASCII.</summary>
    private static ReadOnlySpan<byte> HidingWide => [0xC2, 0xE2, 0xEF];

    /// <summary>First letters of the entities of <see cref="HiddenText"/>: shy, zwj, lrm, rlm, NoBreak, ZeroWidthSpace, in any case.</summary>
    private static ReadOnlySpan<byte> EntitiesThatHide => "szNZSnlrLR"u8;

    private static ReadOnlySpan<byte> Introducers => "%=&\\"u8;

    /// <summary>What every scan has.</summary>
    private static readonly BeginningFilter Escapes = FilterOfEscapes();

    /// <param name="words">None is empty.</param>
    public static BeginningFilter For(IEnumerable<byte[]> words)
    {
        var filter = Escapes.Copy();
        var group = 0;
        foreach (var word in words)
        {
            ReadOnlySpan<byte> first = [word[0], OtherCase(word[0])];
            filter.Add(DotOrEscape, first, ".=%&"u8, BehindDot(word));
            filter.Add(Hidden, first, [.. "\\\r\n<"u8, .. HidingWide], default);
            AddNumbers(filter, first);
            filter.Add(Signs, "\\"u8, first, default);
            AddWord(filter, Words + (group++ % (BeginningFilter.Groups - Words)), word, first);
        }
        return filter;
    }

    /// <summary>Escapes of escapes (%2561), those that begin with a sign, and what an escape of a letter goes on with.</summary>
    private static BeginningFilter FilterOfEscapes()
    {
        var filter = new BeginningFilter(ofWords: true);
        // An escape of an escape or of a digit may be anything.
        filter.Add(Numbers, "%="u8, [.. "uU"u8, .. Introducers], Continuing);
        filter.Add(Numbers, "%"u8, "eEfF"u8, "0123fF"u8); // UTF-8
        AddNumbers(filter, Introducers);
        filter.Add(Signs, "&\\"u8, [.. "#%=&\\xXuU01234567"u8, .. CharacterEscapes.NameBeginnings, .. Introducers], default);
        return filter;
    }

    private static void AddWord(BeginningFilter filter, int group, byte[] word, ReadOnlySpan<byte> first)
    {
        // A dot may be left out: then the octet after it stands in its place.
        var second = AfterDots(word, 1);
        if (second == word.Length)
        {
            filter.Add(group, first, default, default);
            return;
        }
        ReadOnlySpan<byte> seconds = [word[1], OtherCase(word[1]), word[second], OtherCase(word[second])];
        var third = AfterDots(word, 2);
        var fourth = AfterDots(word, second + 1);
        if (third >= word.Length || fourth >= word.Length)
        {
            filter.Add(group, first, seconds, default);
        }
        else
        {
            filter.Add(group, first, seconds, [word[third], OtherCase(word[third]), word[fourth], OtherCase(word[fourth])]);
            // Apart, so that the tables tell letters from these.
            filter.Add(HiddenThird, first, seconds, [.. Hiding, .. HidingWide]);
        }
    }

    /// <summary>What may follow a dot, a soft line break and the beginning of an escape in place of the second octet.</summary>
    private static ReadOnlySpan<byte> BehindDot(byte[] word)
    {
        var second = AfterDots(word, 1);
        return second == word.Length ? default
            : (byte[])[word[1], OtherCase(word[1]), word[second], OtherCase(word[second]), .. "0123456789abcdefABCDEFuU#"u8, .. CharacterEscapes.NameBeginnings, .. EntitiesThatHide, .. Hiding, .. HidingWide];
    }

    private static int AfterDots(byte[] word, int at)
    {
        while (at < word.Length && word[at] == '.')
            at++;
        return at;
    }

    /// <summary>The digits of these octets.</summary>
    private static void AddNumbers(BeginningFilter filter, ReadOnlySpan<byte> octets)
    {
        foreach (var octet in octets)
        {
            var (high, low) = (Digit(octet >> 4), Digit(octet & 15));
            filter.Add(Numbers, "%="u8, [high, OtherCase(high)], [low, OtherCase(low)]);
        }
    }

    /// <summary>What an escape goes on with that follows "%" in place of a digit, and the zeros of "%u0061".</summary>
    private static ReadOnlySpan<byte> Continuing => "0123456789abcdefABCDEFuUxXpnlhqPNLHQ#%=&\\"u8;

    private static byte Digit(int value) => (byte)"0123456789abcdef"[value];

    private static byte OtherCase(byte octet) => char.IsAsciiLetter((char)octet) ? (byte)(octet ^ 0x20) : octet;
}
