using System.Buffers;
using System.Text;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Arf;

/// <summary>
/// Finds addresses in words of base64 (plain or URL-safe) and of hex, such as the parameters of tracking links. The letters that carry the address are
/// replaced by the redacted one in the same encoding; what follows them in the same word may decode to something else then.
/// </summary>
internal sealed class EncodedTokens(TextRedactor redactor, int shortestAddress)
{
    private static readonly SearchValues<byte> Base64Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"u8);
    private static readonly SearchValues<byte> HexLetters = SearchValues.Create("0123456789abcdefABCDEF"u8);

    private readonly record struct Edit(int Start, int Length, string Replacement);

    /// <summary>Null when nothing was found.</summary>
    public byte[]? Replace(ReadOnlySpan<byte> text)
    {
        List<Edit>? edits = null;
        var shortest = (int)Math.Min((long)shortestAddress * 4 / 3, int.MaxValue);
        var position = 0;
        while (position < text.Length)
        {
            var start = text[position..].IndexOfAny(Base64Letters);
            if (start < 0)
                break;
            start += position;
            var length = text[start..].IndexOfAnyExcept(Base64Letters);
            length = length < 0 ? text.Length - start : length;
            position = start + length;
            if (length < shortest)
                continue;
            AddEdits(ref edits, start, InWord(text.Slice(start, length)));
        }
        return edits is null ? null : Apply(text, edits);
    }

    private List<Edit> InWord(ReadOnlySpan<byte> word)
    {
        var found = new List<Edit>();
        FindInHex(word, found);
        FindInBase64(word, found);
        return found;
    }

    /// <summary>In order and without overlaps: what two alignments find is taken from the first.</summary>
    private static void AddEdits(ref List<Edit>? edits, int wordStart, List<Edit> found)
    {
        if (found.Count == 0)
            return;
        edits ??= [];
        var end = wordStart;
        foreach (var edit in found.OrderBy(edit => edit.Start))
        {
            if (wordStart + edit.Start < end)
                continue;
            edits.Add(edit with { Start = wordStart + edit.Start });
            end = wordStart + edit.Start + edit.Length;
        }
    }

    private static byte[] Apply(ReadOnlySpan<byte> text, List<Edit> edits)
    {
        var output = new ArrayBufferWriter<byte>(text.Length + (edits.Count * 32));
        var copied = 0;
        foreach (var edit in edits)
        {
            output.Write(text[copied..edit.Start]);
            output.Write(Encoding.ASCII.GetBytes(edit.Replacement));
            copied = edit.Start + edit.Length;
        }
        output.Write(text[copied..]);
        return output.WrittenSpan.ToArray();
    }

    private void FindInHex(ReadOnlySpan<byte> word, List<Edit> found)
    {
        if (LongestHexRun(word) < shortestAddress * 2L)
            return;
        for (var shift = 0; shift < 2; shift++)
        {
            var octets = new byte[(word.Length - shift) / 2];
            for (var i = 0; i < octets.Length; i++)
            {
                var high = TransferDecoder.HexValue(word[shift + (i * 2)]);
                var low = TransferDecoder.HexValue(word[shift + (i * 2) + 1]);
                octets[i] = high < 0 || low < 0 ? (byte)0 : (byte)((high << 4) | low);
            }
            for (var at = redactor.FindAddress(octets, 0, out var whole, out var redacted); at >= 0; at = redactor.FindAddress(octets, at + whole, out whole, out redacted))
                found.Add(new Edit(shift + (at * 2), whole * 2, Convert.ToHexStringLower(Encoding.UTF8.GetBytes(redacted))));
        }
    }

    private static int LongestHexRun(ReadOnlySpan<byte> word)
    {
        var longest = 0;
        while (!word.IsEmpty)
        {
            var run = word.IndexOfAnyExcept(HexLetters);
            run = run < 0 ? word.Length : run;
            longest = Math.Max(longest, run);
            word = word[Math.Min(run + 1, word.Length)..];
        }
        return longest;
    }

    /// <summary>A path's "/" is a letter of base64, too, so the word may begin before the token: all four alignments are tried.</summary>
    private void FindInBase64(ReadOnlySpan<byte> word, List<Edit> found)
    {
        var urlSafe = word.ContainsAny((byte)'-', (byte)'_');
        var plain = word.ToArray();
        plain.AsSpan().Replace((byte)'-', (byte)'+');
        plain.AsSpan().Replace((byte)'_', (byte)'/');
        for (var shift = 0; shift < 4 && shift < plain.Length; shift++)
        {
            TransferDecoder.TryDecodeBase64(plain.AsSpan(shift), int.MaxValue, out var octets);
            for (var at = redactor.FindAddress(octets, 0, out var whole, out var redacted); at >= 0; at = redactor.FindAddress(octets, at + whole, out whole, out redacted))
            {
                var first = shift + (int)(at * 8L / 6);
                var last = shift + (int)Math.Min((((at + whole) * 8L) + 5) / 6, plain.Length - shift);
                var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(redacted)).TrimEnd('=');
                if (urlSafe)
                    encoded = encoded.Replace('+', '-').Replace('/', '_');
                found.Add(new Edit(first, last - first, encoded));
            }
        }
    }
}
