using System.Buffers;
using System.Runtime.InteropServices;

namespace Postmaster.Fbl.Arf;

/// <summary>Letters of a word that are of one smaller alphabet.</summary>
/// <param name="Start">The first of them, counted from the first letter of the word.</param>
/// <param name="End">After the last.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TokenRun(TokenWord Word, int Start, int End);

/// <summary>An encoding whose letters are all letters of base64, too: hex and base32.</summary>
internal abstract class TokenAlphabet
{
    /// <summary>Letters of one group: a token may begin at any of them.</summary>
    public abstract int Shifts { get; }

    /// <summary>Letters for so many octets.</summary>
    public abstract int LettersFor(int octets);

    /// <returns>Octets written.</returns>
    public abstract int Decode(ReadOnlySpan<byte> letters, Span<byte> octets);

    /// <summary>What has to be written for the octets of the run that give way to others.</summary>
    /// <param name="run">From the letter on where the first of <paramref name="octets"/> begins.</param>
    public abstract void AddEdits(ReadOnlySpan<byte> text, TokenRun run, ReadOnlySpan<byte> octets, List<TextEdit> found, List<TextEdit> edits);

    /// <summary>Runs of so many letters or more; null for none.</summary>
    public abstract List<TokenRun>? Runs(ReadOnlySpan<byte> text, TokenWords words, int least);

    protected static void AddRuns(ReadOnlySpan<byte> letters, TokenWord word, int least, SearchValues<byte> alphabet, ref List<TokenRun>? runs)
    {
        for (var at = 0; at + least <= letters.Length;)
        {
            // From the far end of the least run back: most words are left after one look.
            var other = letters.Slice(at, least).LastIndexOfAnyExcept(alphabet);
            if (other >= 0)
            {
                at += other + 1;
                continue;
            }
            var more = letters[(at + least)..].IndexOfAnyExcept(alphabet);
            var end = more < 0 ? letters.Length : at + least + more;
            (runs ??= []).Add(new TokenRun(word, at, end));
            at = end;
        }
    }
}
