using System.Buffers;
using System.Numerics;
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

    private const int Block = 64;

    private static readonly SearchValues<byte> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"u8);

    private static readonly SearchValues<byte> WithJoints = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_%\\"u8);

    private static readonly byte[] LetterTable = TableOfLetters();

    private readonly List<TokenWord> words = [];
    private byte[] letters = [];
    private int length;

    public IReadOnlyList<TokenWord> Words => words;

    public ReadOnlySpan<byte> Letters => letters.AsSpan(0, length);

    /// <param name="shortest">Letters of the shortest word that is wanted.</param>
    public static TokenWords? Find(ReadOnlySpan<byte> text, int shortest)
    {
        TokenWords? found = null;
        var end = 0;
        for (var start = NextRun(text, 0, shortest); start >= 0; start = NextRun(text, end, shortest))
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

    /// <summary>Where the letter stands in the text.</summary>
    public static int PlaceOf(ReadOnlySpan<byte> text, TokenWord word, int letter)
    {
        if (word.IsUnbroken)
            return word.TextStart + letter;
        var at = word.TextStart;
        for (var i = 0; i < letter;)
        {
            var run = EndOf(text, at, out var more);
            if (i + (run - at) > letter || more == 0)
                return at + letter - i;
            i += run - at;
            at = run + more;
            if (text[run] == '%')
            {
                if (i == letter)
                    return run;
                i++;
            }
        }
        return at;
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
            urlSafe |= Put(text[at..end]);
            if (more == 0)
                break;
            if (text[end] == '%')
                Put(text[end + 2] is (byte)'B' or (byte)'b' ? "+"u8 : "/"u8);
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

    /// <summary>Where the next run begins that may be long enough, "%" and "\\" counted as letters, which may be inside of a word; or -1.</summary>
    private static int NextRun(ReadOnlySpan<byte> text, int from, int shortest)
    {
        // Before a line end a piece of a word is as short as this.
        shortest = Math.Min(shortest, MinPiece);
        var table = new OctetTable(LetterTable);
        var current = Mask(table, text, from);
        for (var at = from; at + shortest <= text.Length; at += Block)
        {
            var next = Mask(table, text, at + Block);
            if (FirstRun(current, next, shortest) is var runs and not 0)
                return at + BitOperations.TrailingZeroCount(runs);
            current = next;
        }
        return -1;
    }

    /// <summary>The places of <paramref name="low"/> where so many bits follow: told for one, two, four and so on, as long a run from here and from there makes a longer one.</summary>
    private static ulong FirstRun(ulong low, ulong high, int length)
    {
        for (var known = 1; known < length && low != 0;)
        {
            var shift = Math.Min(known, length - known);
            low &= (low >> shift) | (high << (Block - shift));
            high &= high >> shift;
            known += shift;
        }
        return low;
    }

    private static ulong Mask(OctetTable table, ReadOnlySpan<byte> text, int at)
    {
        if (at + Block > text.Length)
            return at < text.Length ? MaskAtEnd(text[at..]) : 0;
        ref var octets = ref MemoryMarshal.GetReference(text);
        return OctetTable.Bits(table.Groups(ref octets, at)) | ((ulong)OctetTable.Bits(table.Groups(ref octets, at + (Block / 2))) << (Block / 2));
    }

    private static ulong MaskAtEnd(ReadOnlySpan<byte> rest)
    {
        Span<byte> octets = stackalloc byte[Block];
        rest.CopyTo(octets);
        return Mask(new OctetTable(LetterTable), octets, 0);
    }

    private static byte[] TableOfLetters()
    {
        // One group for each high half is exact.
        var table = new byte[OctetTable.Size];
        foreach (var row in Enumerable.Range(0, 256).Select(octet => (byte)octet).Where(WithJoints.Contains).GroupBy(octet => octet >> 4))
            OctetTable.Add(table, row.Key & 7, [.. row]);
        return table;
    }
}
