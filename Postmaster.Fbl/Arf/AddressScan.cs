using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Postmaster.Fbl.Arf;

/// <summary>
/// The places of a text where one of a few words may begin, found many octets at a time: its first two letters in any case, its first letter before a sign
/// (which may be an escape or hide the next letter), or an escape.
/// </summary>
internal sealed class AddressScan
{
    private readonly (byte First, byte Second, byte Third)[] beginnings;

    /// <param name="words">None is empty.</param>
    public AddressScan(IEnumerable<byte[]> words) =>
        // A dot that is left out brings the letter after it to the second place.
        beginnings = [.. words.Select(word => (Folded(word[0]), Folded(word.Length > 1 ? word[1] : word[0]), Folded(word.Length > 2 && word[1] == '.' ? word[2] : word[word.Length > 1 ? 1 : 0]))).Distinct()];

    public Places In(ReadOnlySpan<byte> text) => new(this, text);

    /// <summary>Letters of both cases become one, and so do a few signs: a candidate is looked at again.</summary>
    private static byte Folded(byte octet) => (byte)(octet | 0x20);

    private uint Mask(ref byte text, nuint at)
    {
        var current = Vector256.LoadUnsafe(ref text, at);
        var next = Vector256.LoadUnsafe(ref text, at + 1);
        var fold = Vector256.Create((byte)0x20);
        var foldedCurrent = current | fold;
        var foldedNext = next | fold;
        var isWord = Vector256.LessThanOrEqual(foldedNext - Vector256.Create((byte)'a'), Vector256.Create((byte)25))
            | Vector256.LessThanOrEqual(next - Vector256.Create((byte)'0'), Vector256.Create((byte)9));
        var found = (Vector256.Equals(current, Vector256.Create((byte)'%')) | Vector256.Equals(current, Vector256.Create((byte)'='))) & isWord;
        found |= Vector256.Equals(current, Vector256.Create((byte)'&')) | Vector256.Equals(current, Vector256.Create((byte)'\\'));
        foreach (var (first, second, third) in beginnings)
        {
            var fits = Vector256.Equals(foldedNext, Vector256.Create(second)) | Vector256.Equals(foldedNext, Vector256.Create(third)) | ~isWord;
            found |= Vector256.Equals(foldedCurrent, Vector256.Create(first)) & fits;
        }
        return found.ExtractMostSignificantBits();
    }

    private bool Fits(byte octet)
    {
        if (CharacterEscapes.IsIntroducer(octet))
            return true;
        foreach (var (first, _, _) in beginnings)
        {
            if (first == Folded(octet))
                return true;
        }
        return false;
    }

    /// <summary>Goes from one place to the next.</summary>
    [StructLayout(LayoutKind.Auto)]
    public ref struct Places(AddressScan scan, ReadOnlySpan<byte> text)
    {
        private readonly ReadOnlySpan<byte> text = text;
        private int block = -Vector256<byte>.Count;
        private uint mask;

        /// <summary>The first place that is not before <paramref name="from"/>, or -1; <paramref name="from"/> never goes back.</summary>
        public int Next(int from)
        {
            while (true)
            {
                while (mask != 0)
                {
                    var place = block + BitOperations.TrailingZeroCount(mask);
                    mask &= mask - 1;
                    if (place >= from)
                        return place;
                }
                block = Math.Max(block + Vector256<byte>.Count, from);
                if (block + Vector256<byte>.Count >= text.Length)
                    return NextInTail(block);
                mask = scan.Mask(ref MemoryMarshal.GetReference(text), (nuint)block);
            }
        }

        private int NextInTail(int from)
        {
            for (var i = from; i < text.Length; i++)
            {
                if (!scan.Fits(text[i]))
                    continue;
                block = i + 1 - Vector256<byte>.Count;
                return i;
            }
            block = text.Length;
            return -1;
        }
    }
}
