using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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
            urlSafe |= text[at..end].ContainsAny((byte)'-', (byte)'_');
            Put(text[at..end]);
            if (more == 0)
                break;
            if (text[end] == '%')
                Put(text[end + 2] is (byte)'B' or (byte)'b' ? "+"u8 : "/"u8);
            at = end + more;
            end = EndOf(text, at, out more);
        }
        words.Add(new TokenWord(start, end, first, length - first, urlSafe));
        Put("AAAAAAAA"u8);
        while (length % 4 != 0)
            Put("A"u8);
        return end;
    }

    private void Put(ReadOnlySpan<byte> run)
    {
        if (length + run.Length > letters.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(4096, (length + run.Length) * 2));
            letters.AsSpan(0, length).CopyTo(larger);
            if (letters.Length > 0)
                ArrayPool<byte>.Shared.Return(letters);
            letters = larger;
        }
        var target = letters.AsSpan(length, run.Length);
        run.CopyTo(target);
        target.Replace((byte)'-', (byte)'+');
        target.Replace((byte)'_', (byte)'/');
        length += run.Length;
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

    /// <summary>Somewhere in the next run that may be long enough, or -1.</summary>
    private static int NextRun(ReadOnlySpan<byte> text, int from, int shortest)
    {
        // Runs of a power of two are told by halving: "n letters from here on" is "n/2 from here and n/2 from there".
        var steps = shortest >= 32 ? 5 : shortest >= 16 ? 4 : shortest >= 8 ? 3 : 2;
        ref var first = ref MemoryMarshal.GetReference(text);
        var at = from;
        if (at + (2 * Block) <= text.Length)
        {
            var current = Mask(ref first, at);
            for (; at + (2 * Block) <= text.Length; at += Block)
            {
                var next = Mask(ref first, at + Block);
                var low = current;
                var high = next;
                for (int i = 0, shift = 1; i < steps; i++, shift *= 2)
                {
                    low &= (low >> shift) | (high << (Block - shift));
                    high &= high >> shift;
                }
                if (low != 0)
                    return at + BitOperations.TrailingZeroCount(low);
                current = next;
            }
        }
        for (var least = 1 << steps; at + least <= text.Length;)
        {
            var other = text.Slice(at, least).LastIndexOfAnyExcept(Alphabet);
            if (other < 0)
                return at;
            at += other + 1;
        }
        return -1;
    }

    private static ulong Mask(ref byte text, int at) => Half(ref text, at) | ((ulong)Half(ref text, at + 32) << 32);

    private static uint Half(ref byte text, int at)
    {
        var octets = Vector256.LoadUnsafe(ref text, (nuint)at);
        var latin = Vector256.LessThanOrEqual((octets | Vector256.Create((byte)0x20)) - Vector256.Create((byte)'a'), Vector256.Create((byte)25));
        var digits = Vector256.LessThanOrEqual(octets - Vector256.Create((byte)'/'), Vector256.Create((byte)10)); // "/" stands before "0"
        var signs = Vector256.Equals(octets, Vector256.Create((byte)'+')) | Vector256.Equals(octets, Vector256.Create((byte)'-')) | Vector256.Equals(octets, Vector256.Create((byte)'_'));
        return (latin | digits | signs).ExtractMostSignificantBits();
    }
}
