using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Arf;

/// <summary>
/// Reads single characters that are written as an escape: %40, %u0040, =40, &amp;#64; &amp;#x40; &amp;commat; \u0040 \u{40} \x40 \100 \0040 and a quoted pair, also of each other
/// (%2540, &amp;amp;#64; %26%2364%3B), up to <see cref="MaxLevels"/> deep.
/// </summary>
internal static class CharacterEscapes
{
    /// <summary>What is escaped more often is not read by any program that shows it.</summary>
    private const int MaxLevels = 4;

    /// <summary>Digits of a number in HTML with its leading zeros; bounds the look ahead.</summary>
    private const int MaxDigits = 10;

    /// <summary>Of Unicode.</summary>
    private const int MaxCodePoint = 0x10FFFF;

    /// <summary>First letters of the names that <see cref="SignOf"/> knows.</summary>
    public static ReadOnlySpan<byte> NameBeginnings => "acpblhdneq"u8;

    public static bool IsIntroducer(byte octet) => octet is (byte)'%' or (byte)'=' or (byte)'&' or (byte)'\\';

    /// <summary>False when the octet there stands for itself.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, int position, out byte value, out int length)
    {
        if (!MayBegin(text, position))
        {
            (value, length) = position < text.Length ? (text[position], 1) : ((byte)0, 0);
            return false;
        }
        (value, length) = IsAmpersand(text[position..]) ? ((byte)'&', "&amp;".Length) : Read(text, position, MaxLevels);
        return length > 1;
    }

    /// <summary>As it stands between the parameters of every link in HTML, and begins no other escape.</summary>
    private static bool IsAmpersand(ReadOnlySpan<byte> text) =>
        text.StartsWith("&amp;"u8) && (text.Length == 5 || !(text[5] == '#' || NameBeginnings.Contains(text[5]) || IsIntroducer(text[5])));

    /// <summary>Most signs are no escapes, as the octet after them shows.</summary>
    private static bool MayBegin(ReadOnlySpan<byte> text, int position)
    {
        if (position + 1 >= text.Length)
            return false;
        var next = text[position + 1];
        return text[position] switch
        {
            (byte)'%' or (byte)'=' => char.IsAsciiHexDigit((char)next) || (next | 0x20) == 'u' || IsIntroducer(next),
            (byte)'&' => next == '#' || NameBeginnings.Contains(next) || IsIntroducer(next),
            (byte)'\\' => true,
            _ => false,
        };
    }

    /// <summary>Length 0 beyond the end.</summary>
    private static (byte Value, int Length) Read(ReadOnlySpan<byte> text, int position, int level)
    {
        if (position >= text.Length)
            return (0, 0);
        if (level == 0 || !IsIntroducer(text[position]))
            return (text[position], 1);
        var (value, length) = Read(text, position, level - 1);
        (byte Inner, int Length) escape = value switch
        {
            (byte)'%' => Percent(text, position + length, level - 1),
            (byte)'=' => Hex(text, position + length, level - 1, 2),
            (byte)'&' => Entity(text, position + length, level - 1),
            (byte)'\\' => Backslash(text, position + length, level - 1),
            _ => default,
        };
        return escape.Length > 0 ? (escape.Inner, length + escape.Length) : (value, length);
    }

    private static (byte Value, int Length) Percent(ReadOnlySpan<byte> text, int position, int level)
    {
        var (first, length) = Read(text, position, level);
        if ((first | 0x20) != 'u')
            return Utf8(text, position, level, Hex(text, position, level, 2));
        var (value, more) = Hex(text, position + length, level, 4);
        return more > 0 ? (value, length + more) : default;
    }

    /// <summary>An octet that begins a character of several is read with the others: %EF%BD%81 looks like "a".</summary>
    private static (byte Value, int Length) Utf8(ReadOnlySpan<byte> text, int position, int level, (byte Value, int Length) first)
    {
        if (first.Length == 0 || first.Value < 0xC2)
            return first;
        var octets = first.Value >= 0xF0 ? 4 : first.Value >= 0xE0 ? 3 : 2;
        var (code, length) = (first.Value & (0x7F >> octets), first.Length);
        for (var i = 1; i < octets; i++)
        {
            var (percent, step) = Read(text, position + length, level);
            var (value, more) = percent == '%' && step > 0 ? Hex(text, position + length + step, level, 2) : default;
            if (more == 0 || (value & 0xC0) != 0x80)
                return first;
            code = (code << 6) | (value & 0x3F);
            length += step + more;
        }
        return LookAlikes.ToAscii(code) is var plain and not 0 ? (plain, length) : first;
    }

    /// <summary>Length 0 when there are not so many digits or the number is no octet.</summary>
    private static (byte Value, int Length) Hex(ReadOnlySpan<byte> text, int position, int level, int digits)
    {
        int value = 0, length = 0;
        for (var i = 0; i < digits; i++)
        {
            var (digit, step) = Read(text, position + length, level);
            if (step == 0 || TransferDecoder.HexValue(digit) < 0)
                return default;
            value = (value << 4) | TransferDecoder.HexValue(digit);
            length += step;
        }
        return Character(value, length);
    }

    /// <summary>The octet, or the character of ASCII that one beyond the octets looks like.</summary>
    private static (byte Value, int Length) Character(int value, int length)
    {
        if (value is >= 0 and < 256)
            return ((byte)value, length);
        return LookAlikes.ToAscii(value) is var plain and > 0 ? (plain, length) : default;
    }

    private static (byte Value, int Length) Backslash(ReadOnlySpan<byte> text, int position, int level)
    {
        var (kind, length) = Read(text, position, level);
        if (length == 0)
            return default;
        var (value, more) = (kind | 0x20) switch
        {
            'x' when position + length < text.Length && text[position + length] == '{' => Braced(text, position + length + 1, level),
            'x' => Hex(text, position + length, level, 2),
            'u' when position + length < text.Length && text[position + length] == '{' => Braced(text, position + length + 1, level),
            'u' => Hex(text, position + length, level, kind == 'U' && text[(position + length)..].StartsWith("0000"u8) ? 8 : 4) is { Length: > 0 } wide ? wide : Hex(text, position + length, level, 4),
            >= '0' and <= '3' => StyleSheet(text, position) is { Length: > 0 } css ? css : Octal(text, position) is { Length: > 0 } octal ? octal : Spaced(text, position),
            >= '4' and <= '7' => Spaced(text, position),
            _ => default,
        };
        if (more > 0 && kind is >= (byte)'0' and <= (byte)'7')
            return (value, more);
        if (more > 0)
            return (value, length + more);
        // RFC 5322 §3.2.1 lets any character follow a backslash, in JSON it is a sign, and these three are line ends there.
        return kind is (byte)'n' or (byte)'r' or (byte)'t' or < 32 ? default : (kind, length);
    }

    /// <summary>Four or six digits with the zeros before them, as style sheets write them.</summary>
    private static (byte Value, int Length) StyleSheet(ReadOnlySpan<byte> text, int position)
    {
        var digits = text[position..].StartsWith("0000"u8) ? 6 : text[position..].StartsWith("00"u8) ? 4 : 0;
        if (digits == 0 || position + digits > text.Length)
            return default;
        var (high, low) = (TransferDecoder.HexValue(text[position + digits - 2]), TransferDecoder.HexValue(text[position + digits - 1]));
        return high > 0 && low >= 0 ? ((byte)((high << 4) | low), digits) : default;
    }

    /// <summary>Two digits and the space that ends them, as style sheets may write them, too.</summary>
    private static (byte Value, int Length) Spaced(ReadOnlySpan<byte> text, int position)
    {
        if (position + 3 > text.Length || text[position + 2] != ' ')
            return default;
        var (high, low) = (TransferDecoder.HexValue(text[position]), TransferDecoder.HexValue(text[position + 1]));
        return low >= 0 ? ((byte)((high << 4) | low), 3) : default;
    }

    /// <summary>Three digits, as scripts write them.</summary>
    private static (byte Value, int Length) Octal(ReadOnlySpan<byte> text, int position)
    {
        if (position + 3 > text.Length || text.Slice(position, 3).ContainsAnyExceptInRange((byte)'0', (byte)'7'))
            return default;
        return ((byte)(((text[position] - '0') << 6) | ((text[position + 1] - '0') << 3) | (text[position + 2] - '0')), 3);
    }

    private static (byte Value, int Length) Braced(ReadOnlySpan<byte> text, int position, int level)
    {
        var (value, length) = Number(text, position, level, 16);
        return length > 0 && position + length < text.Length && text[position + length] == '}' ? (value, length + 2) : default;
    }

    private static (byte Value, int Length) Entity(ReadOnlySpan<byte> text, int position, int level)
    {
        var (first, length) = Read(text, position, level);
        if (first != '#')
            return Named(text, position, level);
        var (mark, step) = Read(text, position + length, level);
        var hex = (mark | 0x20) == 'x';
        length += hex ? step : 0;
        var (value, digits) = Number(text, position + length, level, hex ? 16 : 10);
        if (digits == 0)
            return default;
        // Browsers read a number without its semicolon, too.
        var (end, semicolon) = Read(text, position + length + digits, level);
        return (value, length + digits + (end == ';' ? semicolon : 0));
    }

    private static (byte Value, int Length) Number(ReadOnlySpan<byte> text, int position, int level, int radix)
    {
        int value = 0, length = 0;
        for (var i = 0; i < MaxDigits; i++)
        {
            var (digit, step) = Read(text, position + length, level);
            var number = step == 0 ? -1 : TransferDecoder.HexValue(digit);
            if (number < 0 || number >= radix)
                break;
            value = (value * radix) + number;
            length += step;
            if (value > MaxCodePoint)
                return default;
        }
        return length == 0 ? default : Character(value, length);
    }

    /// <summary>The names of HTML that stand for a sign of addresses or of other escapes.</summary>
    private static (byte Value, int Length) Named(ReadOnlySpan<byte> text, int position, int level)
    {
        const int longest = 7;
        Span<byte> name = stackalloc byte[longest];
        var count = 0;
        for (var length = 0; ;)
        {
            var (letter, step) = Read(text, position + length, level);
            length += step;
            if (step > 0 && letter == ';')
                return SignOf(name[..count]) is var sign and > 0 ? (sign, length) : default;
            if (count == 0 && !NameBeginnings.Contains(letter))
                return default;
            if (step == 0 || count == longest || !char.IsAsciiLetter((char)letter))
                return default;
            name[count++] = letter;
        }
    }

    private static byte SignOf(ReadOnlySpan<byte> name) => name switch
    {
        _ when name.SequenceEqual("amp"u8) => (byte)'&',
        _ when name.SequenceEqual("commat"u8) => (byte)'@',
        _ when name.SequenceEqual("period"u8) => (byte)'.',
        _ when name.SequenceEqual("plus"u8) => (byte)'+',
        _ when name.SequenceEqual("lowbar"u8) => (byte)'_',
        _ when name.SequenceEqual("hyphen"u8) || name.SequenceEqual("dash"u8) => (byte)'-',
        _ when name.SequenceEqual("num"u8) => (byte)'#',
        _ when name.SequenceEqual("percnt"u8) => (byte)'%',
        _ when name.SequenceEqual("equals"u8) => (byte)'=',
        _ when name.SequenceEqual("bsol"u8) => (byte)'\\',
        _ when name.SequenceEqual("quot"u8) => (byte)'"',
        _ when name.SequenceEqual("apos"u8) => (byte)'\'',
        _ => 0,
    };
}
