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
    public abstract void AddEdits(ReadOnlySpan<byte> text, TokenWords words, TokenRun run, ReadOnlySpan<byte> octets, List<TextEdit> found, List<TextEdit> edits);

    /// <summary>Runs of so many letters or more; null for none.</summary>
    public abstract List<TokenRun>? Runs(TokenWords words, int least);

    protected static void AddRuns(TokenWords words, int least, OctetRuns alphabet, SearchValues<byte> letters, ref List<TokenRun>? runs)
    {
        var all = words.Letters;
        var next = 0;
        for (var start = alphabet.Next(all, 0, Math.Min(least, OctetRuns.Longest)); start >= 0;)
        {
            var length = all[start..].IndexOfAnyExcept(letters);
            var end = length < 0 ? all.Length : start + length;
            // What stands between words is a letter, too.
            for (; next < words.Words.Count && words.Words[next].Start < end; next++)
            {
                var word = words.Words[next];
                var (first, last) = (Math.Max(start, word.Start), Math.Min(end, word.End));
                if (last - first >= least)
                    (runs ??= []).Add(new TokenRun(word, first - word.Start, last - word.Start));
                if (word.End > end)
                    break;
            }
            start = alphabet.Next(all, end, Math.Min(least, OctetRuns.Longest));
        }
    }
}
