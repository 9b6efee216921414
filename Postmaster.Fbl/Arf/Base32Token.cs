using System.Buffers;

namespace Postmaster.Fbl.Arf;

/// <summary>A run of letters of base32 (RFC 4648 §6) in one case, as return paths carry it, because it survives a change of case.</summary>
internal static class Base32Token
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private static readonly SearchValues<byte> Upper = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"u8);
    private static readonly SearchValues<byte> Lower = SearchValues.Create("abcdefghijklmnopqrstuvwxyz234567"u8);

    /// <summary>Null for none.</summary>
    public static List<Range>? Runs(ReadOnlySpan<byte> letters, int least)
    {
        List<Range>? runs = null;
        AddRuns(letters, least, Upper, ref runs);
        AddRuns(letters, least, Lower, ref runs);
        return runs;
    }

    public static byte[] Decode(ReadOnlySpan<byte> letters)
    {
        var octets = new byte[letters.Length * 5 / 8];
        int bits = 0, count = 0, length = 0;
        foreach (var letter in letters)
        {
            bits = ((bits << 5) | (letter <= '7' ? letter - '2' + 26 : (letter | 0x20) - 'a')) & 0xFFFF;
            count += 5;
            if (count < 8)
                continue;
            count -= 8;
            if (length < octets.Length)
                octets[length++] = (byte)(bits >> count);
        }
        return octets;
    }

    /// <summary>The rest of the run is encoded again from the first group that changes.</summary>
    /// <param name="first">The letter of the word where the first octet begins.</param>
    /// <param name="end">After the last letter of the run.</param>
    public static TextEdit Edit(ReadOnlySpan<byte> text, TokenWord word, int first, int end, byte[] octets, List<TextEdit> found)
    {
        var group = found[0].Start / 5;
        var changed = FoundEdits.Apply(octets.AsSpan(group * 5), [.. found.Select(edit => edit with { Start = edit.Start - (group * 5) })]);
        var start = TokenWords.PlaceOf(text, word, first + (group * 8));
        var stop = TokenWords.PlaceOf(text, word, end - 1) + 1;
        var lower = text[start..stop].ContainsAnyInRange((byte)'a', (byte)'z');
        var letters = Encode(changed, lower);
        var padding = 0;
        while (stop + padding < text.Length && text[stop + padding] == '=' && padding < 6)
            padding++;
        if (padding > 0)
            letters = [.. letters, .. Enumerable.Repeat((byte)'=', (8 - (letters.Length % 8)) % 8)];
        return new TextEdit(start, stop + padding - start, letters);
    }

    private static void AddRuns(ReadOnlySpan<byte> letters, int least, SearchValues<byte> alphabet, ref List<Range>? runs)
    {
        for (var at = 0; at + least <= letters.Length;)
        {
            var other = letters.Slice(at, least).LastIndexOfAnyExcept(alphabet);
            if (other >= 0)
            {
                at += other + 1;
                continue;
            }
            var more = letters[(at + least)..].IndexOfAnyExcept(alphabet);
            var end = more < 0 ? letters.Length : at + least + more;
            (runs ??= []).Add(at..end);
            at = end;
        }
    }

    private static byte[] Encode(byte[] octets, bool lower)
    {
        var letters = new byte[((octets.Length * 8) + 4) / 5];
        int bits = 0, count = 0, length = 0;
        foreach (var octet in octets)
        {
            bits = (bits << 8) | octet;
            for (count += 8; count >= 5; count -= 5)
                letters[length++] = Letter((bits >> (count - 5)) & 31, lower);
            bits &= 0xFF;
        }
        if (count > 0)
            letters[length] = Letter((bits << (5 - count)) & 31, lower);
        return letters;
    }

    private static byte Letter(int value, bool lower) => (byte)(lower ? char.ToLowerInvariant(Alphabet[value]) : Alphabet[value]);
}
