using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Postmaster.Fbl.Arf;

/// <summary>
/// Text whose octets are written as numbers in a row, hexadecimal, decimal, octal or binary, with signs or white space between: 6a:61:6e, 6A 61 6E, 0x6a, 0x61, U+006A U+0061,
/// String.fromCharCode(106,97,110), 152 141 156, 01101010 01100001; binary ones also with nothing between. What is found in the octets is written again in such numbers.
/// </summary>
internal sealed class CodeLists(EncodedTokens tokens)
{
    /// <summary>Fewer numbers hold no address that is looked for.</summary>
    private const int MinNumbers = 5;

    /// <summary>Octets of so many numbers of two digits with a sign between.</summary>
    private const int MinLength = (MinNumbers * 3) - 1;

    /// <summary>Signs and white space in a row that stand between two numbers.</summary>
    private const int MaxBetween = 4;

    private static readonly SearchValues<byte> Letters = SearchValues.Create("0123456789abcdefABCDEFxXU+:,;. -_/|\\\t\r\n"u8);
    private static readonly OctetRuns InRows = new("0123456789abcdefABCDEFxXU+:,;. -_/|\\\t\r\n"u8);

    /// <summary>Binary digits of one octet, and of so many in a row that they are no single number.</summary>
    private const int BitsOfOctet = 8, MinBits = MinNumbers * BitsOfOctet;

    private enum Radix
    {
        Hexadecimal,
        Decimal,
        Octal,
        Binary,
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Number(int Start, int Digits, int End, byte Value);

    /// <summary>In no order; hexadecimal and decimal ones may overlap. Null when there is nothing.</summary>
    public List<TextEdit>? Find(ReadOnlySpan<byte> text, int depth)
    {
        List<TextEdit>? edits = null;
        for (var start = InRows.Next(text, 0, MinLength); start >= 0;)
        {
            var length = text[start..].IndexOfAnyExcept(Letters);
            var end = length < 0 ? text.Length : start + length;
            // The run may begin inside of a word: its rest is no number, and the list begins behind it.
            FindIn(text[..end], start, Radix.Hexadecimal, depth, ref edits);
            FindIn(text[..end], start, Radix.Decimal, depth, ref edits);
            Count(text[start..end], out var octal, out var binary);
            if (octal >= MinNumbers)
                FindIn(text[..end], start, Radix.Octal, depth, ref edits);
            if (binary >= MinNumbers)
                FindIn(text[..end], start, Radix.Binary, depth, ref edits);
            start = InRows.Next(text, end, MinLength);
        }
        return edits;
    }

    /// <summary>Words that may be octal numbers, and octets of those that may be binary.</summary>
    private static void Count(ReadOnlySpan<byte> run, out int octal, out int binary)
    {
        (octal, binary) = (0, 0);
        for (var at = run.IndexOfAnyInRange((byte)'0', (byte)'7'); at >= 0 && at < run.Length;)
        {
            var end = EndOfWord(run, at);
            var word = run[at..end];
            if (!word.ContainsAnyExceptInRange((byte)'0', (byte)'7') && word.Length is >= 2 and <= 4)
                octal++;
            else if (word.Length >= BitsOfOctet - 1 && !word[2..].ContainsAnyExceptInRange((byte)'0', (byte)'1'))
                binary += Math.Max(1, word.Length / BitsOfOctet);
            at = run[end..].IndexOfAnyInRange((byte)'0', (byte)'7') is var next and >= 0 ? end + next : -1;
        }
    }

    private void FindIn(ReadOnlySpan<byte> text, int start, Radix radix, int depth, ref List<TextEdit>? edits)
    {
        var numbers = new List<Number>();
        for (var at = start; at < text.Length;)
        {
            if (radix == Radix.Binary && BitsIn(text, at) is var bits and > 0)
            {
                Look(text, numbers, radix, depth, ref edits);
                for (var i = at; i < at + bits; i += BitsOfOctet)
                    numbers.Add(new Number(i, i, i + BitsOfOctet, (byte)ValueOf(text.Slice(i, BitsOfOctet), 2)));
                Look(text, numbers, radix, depth, ref edits);
                at += bits;
            }
            else if (Read(text, at, radix) is { End: > 0 } number)
            {
                if (numbers.Count > 0 && at - numbers[^1].End > MaxBetween)
                    Look(text, numbers, radix, depth, ref edits);
                numbers.Add(number);
                at = number.End;
            }
            else if (IsWord(text[at]))
            {
                Look(text, numbers, radix, depth, ref edits);
                at = EndOfWord(text, at);
            }
            else
            {
                at++;
            }
        }
        Look(text, numbers, radix, depth, ref edits);
    }

    private void Look(ReadOnlySpan<byte> text, List<Number> numbers, Radix radix, int depth, ref List<TextEdit>? edits)
    {
        if (numbers.Count >= MinNumbers && tokens.InDecoded([.. numbers.Select(number => number.Value)], depth) is { } found)
        {
            foreach (var edit in found)
                (edits ??= []).Add(Rewritten(text, numbers, edit, radix));
        }
        numbers.Clear();
    }

    private static TextEdit Rewritten(ReadOnlySpan<byte> text, List<Number> numbers, TextEdit edit, Radix radix)
    {
        var (first, last) = (numbers[edit.Start], numbers[edit.End - 1]);
        var next = edit.Start > 0 ? edit.Start : 1;
        var between = Encoding.ASCII.GetString(text[numbers[next - 1].End..numbers[next].Start]);
        var prefix = Encoding.ASCII.GetString(text[first.Start..first.Digits]);
        var format = text[numbers[0].Start..numbers[^1].End].ContainsAnyInRange((byte)'A', (byte)'F') ? "X2" : "x2";
        var width = first.End - first.Digits;
        var written = edit.Replacement.Select(octet => prefix + radix switch
        {
            Radix.Decimal => octet.ToString(CultureInfo.InvariantCulture),
            Radix.Octal => Convert.ToString(octet, 8).PadLeft(width, '0'),
            Radix.Binary => Convert.ToString(octet, 2).PadLeft(width, '0'),
            _ => octet.ToString(format, CultureInfo.InvariantCulture),
        });
        return new TextEdit(first.Start, last.End - first.Start, Encoding.ASCII.GetBytes(string.Join(between, written)));
    }

    /// <summary>Binary digits of whole octets in a row; 0 for none.</summary>
    private static int BitsIn(ReadOnlySpan<byte> text, int start)
    {
        var length = text[start..].IndexOfAnyExcept((byte)'0', (byte)'1');
        length = length < 0 ? text.Length - start : length;
        return length >= MinBits && length % BitsOfOctet == 0 && EndOfWord(text, start) == start + length ? length : 0;
    }

    /// <summary>The number that begins there; one that ends at 0 when none does.</summary>
    private static Number Read(ReadOnlySpan<byte> text, int start, Radix radix)
    {
        var rest = text[start..];
        if (radix == Radix.Hexadecimal && (rest.StartsWith("0x"u8) || rest.StartsWith("0X"u8)))
            return Hex(text, start, start + 2);
        if (radix == Radix.Hexadecimal && rest.StartsWith("U+00"u8))
            return Hex(text, start, start + 4);
        var end = EndOfWord(text, start);
        if (radix == Radix.Hexadecimal)
            return end - start == 2 ? Hex(text, start, start) : default;
        var digits = radix == Radix.Binary && (rest.StartsWith("0b"u8) || rest.StartsWith("0B"u8)) ? start + 2 : start;
        var fits = radix switch
        {
            Radix.Octal => end - digits is >= 2 and <= 4,
            Radix.Binary => end - digits is BitsOfOctet or BitsOfOctet - 1,
            _ => end > digits,
        };
        var value = fits ? ValueOf(text[digits..end], radix switch { Radix.Octal => 8, Radix.Binary => 2, _ => 10 }) : -1;
        return value is >= 0 and <= byte.MaxValue ? new Number(start, digits, end, (byte)value) : default;
    }

    /// <summary>-1 when another sign is among the digits, or when it is no octet.</summary>
    private static int ValueOf(ReadOnlySpan<byte> digits, int radix)
    {
        var value = 0;
        foreach (var digit in digits)
        {
            if (digit < '0' || digit >= '0' + radix || value > byte.MaxValue)
                return -1;
            value = (value * radix) + digit - '0';
        }
        return value;
    }

    private static Number Hex(ReadOnlySpan<byte> text, int start, int digits) =>
        digits + 2 <= text.Length && byte.TryParse(text.Slice(digits, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? new Number(start, digits, digits + 2, value) : default;

    private static int EndOfWord(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && IsWord(text[at]))
            at++;
        return at;
    }

    private static bool IsWord(byte octet) => char.IsAsciiLetterOrDigit((char)octet);
}
