using System.Buffers;

namespace Postmaster.Fbl.Arf;

/// <summary>Runs of letters of base32 (RFC 4648 §6) in one case, as return paths carry it, because it survives a change of case.</summary>
internal sealed class Base32Token : TokenAlphabet
{
    public static readonly Base32Token Instance = new();

    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private static readonly SearchValues<byte> Upper = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"u8);
    private static readonly SearchValues<byte> Lower = SearchValues.Create("abcdefghijklmnopqrstuvwxyz234567"u8);

    private static readonly OctetRuns UpperInRows = new("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"u8);
    private static readonly OctetRuns LowerInRows = new("abcdefghijklmnopqrstuvwxyz234567"u8);

    public override int Shifts => 8;

    public override int LettersFor(int octets) => ((octets * 8) + 4) / 5;

    public override List<TokenRun>? Runs(TokenWords words, int least)
    {
        List<TokenRun>? runs = null;
        AddRuns(words, least, UpperInRows, Upper, ref runs);
        AddRuns(words, least, LowerInRows, Lower, ref runs);
        return runs is null ? null : [.. runs.SelectMany(run => Pieces(words, run, least))];
    }

    public override int Decode(ReadOnlySpan<byte> letters, Span<byte> octets)
    {
        int bits = 0, count = 0, length = 0;
        foreach (var letter in letters)
        {
            bits = ((bits << 5) | (letter <= '7' ? letter - '2' + 26 : (letter | 0x20) - 'a')) & 0xFFFF;
            count += 5;
            if (count < 8)
                continue;
            count -= 8;
            octets[length++] = (byte)(bits >> count);
        }
        return length;
    }

    /// <summary>Words of base64 go on over a line end, these do not.</summary>
    private static IEnumerable<TokenRun> Pieces(TokenWords words, TokenRun run, int least)
    {
        for (int start = run.Start, end; start < run.End; start = end)
        {
            end = Math.Min(run.End, words.EndOfPiece(run.Word, start));
            if (end - start >= least)
                yield return run with { Start = start, End = end };
        }
    }

    /// <summary>The rest of the run is encoded again from the first group that changes.</summary>
    public override void AddEdits(ReadOnlySpan<byte> text, TokenWords words, TokenRun run, ReadOnlySpan<byte> octets, List<TextEdit> found, List<TextEdit> edits)
    {
        var group = found[0].Start / 5;
        var changed = FoundEdits.Apply(octets[(group * 5)..], [.. found.Select(edit => edit with { Start = edit.Start - (group * 5) })]);
        var start = words.PlaceOf(run.Word, run.Start + (group * 8));
        var stop = words.PlaceOf(run.Word, run.End - 1) + 1;
        var lower = text[start..stop].ContainsAnyInRange((byte)'a', (byte)'z');
        var letters = Encode(changed, lower);
        var padding = 0;
        while (stop + padding < text.Length && text[stop + padding] == '=' && padding < 6)
            padding++;
        if (padding > 0)
            letters = [.. letters, .. Enumerable.Repeat((byte)'=', (8 - (letters.Length % 8)) % 8)];
        edits.Add(new TextEdit(start, stop + padding - start, letters));
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
