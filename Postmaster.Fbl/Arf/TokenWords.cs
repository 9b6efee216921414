using System.Buffers;
using System.Runtime.InteropServices;

namespace Postmaster.Fbl.Arf;

/// <summary>A run of letters of base64 in a text.</summary>
/// <param name="TextStart">Where its first letter is.</param>
/// <param name="TextEnd">After its last.</param>
/// <param name="Start">Where its letters are in <see cref="TokenWords.Letters"/>.</param>
/// <param name="Length">How many they are.</param>
/// <param name="IsUrlSafe">It has "-" or "_".</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TokenWord(int TextStart, int TextEnd, int Start, int Length, bool IsUrlSafe)
{
    public int End => Start + Length;

    /// <summary>Each letter is one octet of the text.</summary>
    public bool IsUnbroken => TextEnd - TextStart == Length;
}

/// <summary>
/// The long words of a text that may be base64, base32 or hex, one after the other in the plain alphabet of base64, with "A"s between them, so that all of them
/// are decoded at once. A word goes on over %2B, %2F, "\/", and line ends with white space.
/// </summary>
internal sealed class TokenWords : IDisposable
{
    /// <summary>"A" decodes to zeros: after so many letters any alignment has one octet of them.</summary>
    private const int Gap = 8;

    /// <summary>A shorter piece before a line end is not taken for the beginning of a longer word, as it would be in running text.</summary>
    private const int MinPiece = 16;

    private static readonly SearchValues<byte> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"u8);

    /// <summary>Letters, and what may stand between those of one word.</summary>
    private static readonly OctetRuns Runs = new("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_%\\"u8);

    private readonly List<TokenWord> words = [];

    /// <summary>Where letters begin that stand in a row in the text; words of one piece are most.</summary>
    private readonly List<(int Letter, int Place)> pieces = [];

    /// <summary>What is known of words by where they start: each of many lines asks.</summary>
    private readonly Dictionary<int, bool> folded = [];
    private byte[] letters = [];
    private int length;

    public IReadOnlyList<TokenWord> Words => words;

    public ReadOnlySpan<byte> Letters => letters.AsSpan(0, length);

    /// <param name="shortest">Letters of the shortest word that is wanted.</param>
    public static TokenWords? Find(ReadOnlySpan<byte> text, int shortest)
    {
        TokenWords? found = null;
        var end = 0;
        // Before a line end a piece of a word is as short as this.
        var least = Math.Min(shortest, MinPiece);
        for (var start = Runs.Next(text, 0, least); start >= 0; start = Runs.Next(text, end, least))
        {
            while (start > end && Alphabet.Contains(text[start - 1]))
                start--;
            while (!Alphabet.Contains(text[start]))
            {
                start++;
                if (start == text.Length)
                    return found;
            }
            end = EndOf(text, start, out var more);
            if (end - start < shortest && more == 0)
                continue;
            found ??= new TokenWords();
            end = found.Add(text, start, end, more);
        }
        return found;
    }

    /// <summary>Each line of the words of several, as a word of its own; null for none.</summary>
    /// <param name="shortest">Letters of the shortest line that is wanted.</param>
    public TokenWords? Lines(ReadOnlySpan<byte> text, int shortest)
    {
        TokenWords? lines = null;
        foreach (var word in words)
        {
            if (word.IsUnbroken || !text[word.TextStart..word.TextEnd].Contains((byte)'\n'))
                continue;
            for (int at = word.TextStart, next; at < word.TextEnd; at = next)
            {
                var feed = text[at..word.TextEnd].IndexOf((byte)'\n');
                next = feed < 0 ? word.TextEnd : at + feed + 1;
                while (at < next && !Alphabet.Contains(text[at]))
                    at++;
                var line = text[..next].TrimEnd(" \t\r\n"u8);
                if (line.Length - at < shortest)
                    continue;
                var end = EndOf(line, at, out var more);
                (lines ??= new TokenWords()).Add(line, at, end, more);
            }
        }
        return lines;
    }

    /// <summary>The letters that begin a line of a word, but those that begin the word; null for none.</summary>
    public List<int>? Breaks(ReadOnlySpan<byte> text)
    {
        if (pieces.Count == words.Count)
            return null;
        List<int>? breaks = null;
        var word = 0;
        foreach (var (letter, place) in pieces)
        {
            while (word + 1 < words.Count && words[word + 1].Start <= letter)
                word++;
            if (letter > words[word].Start && text[place - 1] is (byte)'\n' or (byte)' ' or (byte)'\t')
                (breaks ??= []).Add(letter);
        }
        return breaks;
    }

    /// <summary>Folded at one column, as encoders fold: all lines but the last are equally long, or they are continued as those of a header field are.</summary>
    public bool IsFolded(TokenWord word, ReadOnlySpan<byte> text)
    {
        if (!folded.TryGetValue(word.Start, out var known))
            folded[word.Start] = known = LinesAreFolded(word, text);
        return known;
    }

    private bool LinesAreFolded(TokenWord word, ReadOnlySpan<byte> text)
    {
        var first = PieceOf(word.Start);
        var width = EndOfPiece(word, 0);
        for (var i = first; i < pieces.Count && pieces[i].Letter < word.End; i++)
        {
            var start = pieces[i].Letter - word.Start;
            var count = EndOfPiece(word, start) - start;
            var isLast = start + count == word.Length;
            if (i > first && pieces[i].Place is var place && text[place - 1] is (byte)' ' or (byte)'\t')
                return true;
            if (isLast ? count > width : count != width)
                return false;
        }
        return true;
    }

    /// <summary>Where the letter stands in the text.</summary>
    public int PlaceOf(TokenWord word, int letter)
    {
        var (first, place) = pieces[PieceOf(word.Start + letter)];
        return place + word.Start + letter - first;
    }

    /// <summary>After the last letter that stands with this one, nothing between them.</summary>
    public int EndOfPiece(TokenWord word, int letter) =>
        PieceOf(word.Start + letter) + 1 is var next && next < pieces.Count ? Math.Min(pieces[next].Letter - word.Start, word.Length) : word.Length;

    private int PieceOf(int letter)
    {
        int low = 0, high = pieces.Count;
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (pieces[middle].Letter <= letter)
                low = middle;
            else
                high = middle;
        }
        return low;
    }

    public void Dispose()
    {
        if (letters.Length > 0)
            ArrayPool<byte>.Shared.Return(letters);
        letters = [];
    }

    /// <param name="more">Octets that are passed over before the word goes on.</param>
    private int Add(ReadOnlySpan<byte> text, int start, int end, int more)
    {
        var first = length;
        var urlSafe = false;
        var at = start;
        while (true)
        {
            pieces.Add((length, at));
            urlSafe |= Put(text[at..end]);
            if (more == 0)
                break;
            if (text[end] == '%')
            {
                pieces.Add((length, end));
                Put(text[end + 2] is (byte)'B' or (byte)'b' ? "+"u8 : "/"u8);
            }
            at = end + more;
            end = EndOf(text, at, out more);
        }
        words.Add(new TokenWord(start, end, first, length - first, urlSafe));
        var gap = Gap + (-(length + Gap) & 3);
        Room(gap).Fill((byte)'A');
        length += gap;
        return end;
    }

    /// <returns>Whether it has letters of the alphabet for URLs.</returns>
    private bool Put(ReadOnlySpan<byte> run)
    {
        var target = Room(run.Length);
        run.CopyTo(target);
        length += run.Length;
        if (!run.ContainsAny((byte)'-', (byte)'_'))
            return false;
        target.Replace((byte)'-', (byte)'+');
        target.Replace((byte)'_', (byte)'/');
        return true;
    }

    private Span<byte> Room(int more)
    {
        if (length + more > letters.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(4096, (length + more) * 2));
            letters.AsSpan(0, length).CopyTo(larger);
            if (letters.Length > 0)
                ArrayPool<byte>.Shared.Return(letters);
            letters = larger;
        }
        return letters.AsSpan(length, more);
    }

    private static int EndOf(ReadOnlySpan<byte> text, int start, out int more)
    {
        var run = text[start..].IndexOfAnyExcept(Alphabet);
        var end = run < 0 ? text.Length : start + run;
        more = end < text.Length ? GoesOn(text, end, end - start) : 0;
        return end;
    }

    private static int GoesOn(ReadOnlySpan<byte> text, int end, int piece)
    {
        switch (text[end])
        {
            case (byte)'%':
                return end + 2 < text.Length && text[end + 1] == '2' && (text[end + 2] | 0x20) is 'b' or 'f' ? 3 : 0;
            case (byte)'\\':
                return end + 1 < text.Length && text[end + 1] == '/' ? 1 : 0;
            case (byte)'\r' or (byte)'\n' when piece >= MinPiece:
                var white = text[end..].IndexOfAnyExcept(" \t\r\n"u8);
                return white > 0 && Alphabet.Contains(text[end + white]) ? white : 0;
            default:
                return 0;
        }
    }
}
