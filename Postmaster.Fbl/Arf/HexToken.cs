using System.Buffers;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Arf;

/// <summary>A run of hexadecimal digits in a word.</summary>
internal static class HexToken
{
    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    /// <summary>Runs of so many digits or more; null for none.</summary>
    public static List<Range>? Runs(ReadOnlySpan<byte> letters, int least)
    {
        List<Range>? runs = null;
        for (var at = 0; at + least <= letters.Length;)
        {
            // From the far end of the least run back: most words are left after one look.
            var other = letters.Slice(at, least).LastIndexOfAnyExcept(Digits);
            if (other >= 0)
            {
                at += other + 1;
                continue;
            }
            var more = letters[(at + least)..].IndexOfAnyExcept(Digits);
            var end = more < 0 ? letters.Length : at + least + more;
            (runs ??= []).Add(at..end);
            at = end;
        }
        return runs;
    }

    public static byte[] Decode(ReadOnlySpan<byte> digits)
    {
        var octets = new byte[digits.Length / 2];
        for (var i = 0; i < octets.Length; i++)
            octets[i] = (byte)((TransferDecoder.HexValue(digits[i * 2]) << 4) | TransferDecoder.HexValue(digits[(i * 2) + 1]));
        return octets;
    }

    /// <param name="first">The letter of the word where the first octet begins.</param>
    public static TextEdit Edit(ReadOnlySpan<byte> text, TokenWord word, int first, TextEdit found)
    {
        var start = TokenWords.PlaceOf(text, word, first + (found.Start * 2));
        var end = TokenWords.PlaceOf(text, word, first + (found.End * 2) - 1) + 1;
        var upper = text[word.TextStart..word.TextEnd].ContainsAnyInRange((byte)'A', (byte)'F');
        var digits = upper ? Convert.ToHexString(found.Replacement) : Convert.ToHexStringLower(found.Replacement);
        return new TextEdit(start, end - start, System.Text.Encoding.ASCII.GetBytes(digits));
    }
}
