using System.Buffers;
using System.Text;

namespace Postmaster.Fbl.Arf;

/// <summary>Runs of hexadecimal digits in words.</summary>
internal sealed class HexToken : TokenAlphabet
{
    public static readonly HexToken Instance = new();

    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    private static readonly OctetRuns InRows = new("0123456789abcdefABCDEF"u8);

    public override int Shifts => 2;

    public override int LettersFor(int octets) => octets * 2;

    public override List<TokenRun>? Runs(TokenWords words, int least)
    {
        List<TokenRun>? runs = null;
        AddRuns(words, least, InRows, Digits, ref runs);
        return runs;
    }

    public override int Decode(ReadOnlySpan<byte> letters, Span<byte> octets)
    {
        Convert.FromHexString(letters[..(letters.Length & ~1)], octets, out _, out var written);
        return written;
    }

    public override void AddEdits(ReadOnlySpan<byte> text, TokenWords words, TokenRun run, ReadOnlySpan<byte> octets, List<TextEdit> found, List<TextEdit> edits)
    {
        var upper = text[run.Word.TextStart..run.Word.TextEnd].ContainsAnyInRange((byte)'A', (byte)'F');
        foreach (var edit in found)
        {
            var start = words.PlaceOf(run.Word, run.Start + (edit.Start * 2));
            var end = words.PlaceOf(run.Word, run.Start + (edit.End * 2) - 1) + 1;
            var digits = upper ? Convert.ToHexString(edit.Replacement) : Convert.ToHexStringLower(edit.Replacement);
            edits.Add(new TextEdit(start, end - start, Encoding.ASCII.GetBytes(digits)));
        }
    }
}
