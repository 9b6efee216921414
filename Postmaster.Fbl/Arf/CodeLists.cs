using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Postmaster.Fbl.Arf;

/// <summary>
/// Text whose octets are written as numbers in a row, hexadecimal or decimal, with signs or white space between: 6a:61:6e, 6A 61 6E, 0x6a, 0x61, U+006A U+0061,
/// and String.fromCharCode(106,97,110). What is found in the octets is written again in such numbers.
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
            FindIn(text[..end], start, decimals: false, depth, ref edits);
            FindIn(text[..end], start, decimals: true, depth, ref edits);
            start = InRows.Next(text, end, MinLength);
        }
        return edits;
    }

    private void FindIn(ReadOnlySpan<byte> text, int start, bool decimals, int depth, ref List<TextEdit>? edits)
    {
        var numbers = new List<Number>();
        for (var at = start; at < text.Length;)
        {
            if (Read(text, at, decimals) is { End: > 0 } number)
            {
                if (numbers.Count > 0 && at - numbers[^1].End > MaxBetween)
                    Look(text, numbers, decimals, depth, ref edits);
                numbers.Add(number);
                at = number.End;
            }
            else if (IsWord(text[at]))
            {
                Look(text, numbers, decimals, depth, ref edits);
                at = EndOfWord(text, at);
            }
            else
            {
                at++;
            }
        }
        Look(text, numbers, decimals, depth, ref edits);
    }

    private void Look(ReadOnlySpan<byte> text, List<Number> numbers, bool decimals, int depth, ref List<TextEdit>? edits)
    {
        if (numbers.Count >= MinNumbers && tokens.InDecoded([.. numbers.Select(number => number.Value)], depth) is { } found)
        {
            foreach (var edit in found)
                (edits ??= []).Add(Rewritten(text, numbers, edit, decimals));
        }
        numbers.Clear();
    }

    private static TextEdit Rewritten(ReadOnlySpan<byte> text, List<Number> numbers, TextEdit edit, bool decimals)
    {
        var (first, last) = (numbers[edit.Start], numbers[edit.End - 1]);
        var next = edit.Start > 0 ? edit.Start : 1;
        var between = Encoding.ASCII.GetString(text[numbers[next - 1].End..numbers[next].Start]);
        var prefix = Encoding.ASCII.GetString(text[first.Start..first.Digits]);
        var format = decimals ? "0" : text[numbers[0].Start..numbers[^1].End].ContainsAnyInRange((byte)'A', (byte)'F') ? "X2" : "x2";
        var written = edit.Replacement.Select(octet => prefix + octet.ToString(format, CultureInfo.InvariantCulture));
        return new TextEdit(first.Start, last.End - first.Start, Encoding.ASCII.GetBytes(string.Join(between, written)));
    }

    /// <summary>The number that begins there; one that ends at 0 when none does.</summary>
    private static Number Read(ReadOnlySpan<byte> text, int start, bool decimals)
    {
        var rest = text[start..];
        if (!decimals && (rest.StartsWith("0x"u8) || rest.StartsWith("0X"u8)))
            return Hex(text, start, start + 2);
        if (!decimals && rest.StartsWith("U+00"u8))
            return Hex(text, start, start + 4);
        var end = EndOfWord(text, start);
        if (!decimals)
            return end - start == 2 ? Hex(text, start, start) : default;
        var value = 0;
        foreach (var digit in text[start..end])
        {
            if (!char.IsAsciiDigit((char)digit) || value > byte.MaxValue)
                return default;
            value = (value * 10) + digit - '0';
        }
        return end > start && value <= byte.MaxValue ? new Number(start, start, end, (byte)value) : default;
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
