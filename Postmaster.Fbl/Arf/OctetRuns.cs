using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Postmaster.Fbl.Arf;

/// <summary>Finds where so many octets of a set of ASCII characters stand in a row, 64 octets at a time.</summary>
internal sealed class OctetRuns
{
    /// <summary>The longest run that can be asked for.</summary>
    public const int Longest = Block;

    private const int Block = 64, Half = 32;

    private readonly byte[] table = new byte[OctetTable.Size];

    public OctetRuns(ReadOnlySpan<byte> set)
    {
        // A group for each high half is exact.
        foreach (var octet in set)
            OctetTable.Add(table, octet >> 4, [octet]);
    }

    /// <summary>Where the first such run begins that does not begin before <paramref name="from"/>, or -1.</summary>
    public int Next(ReadOnlySpan<byte> text, int from, int length)
    {
        var letters = new OctetTable(table);
        var current = Mask(letters, text, from);
        for (var at = from; at + length <= text.Length; at += Block)
        {
            var next = Mask(letters, text, at + Block);
            if (Beginnings(current, next, length) is var runs and not 0)
                return at + BitOperations.TrailingZeroCount(runs);
            current = next;
        }
        return -1;
    }

    /// <summary>The places of <paramref name="low"/> where so many bits follow: told for one, two, four and so on, as long a run from here and from there makes a longer one.</summary>
    private static ulong Beginnings(ulong low, ulong high, int length)
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

    private ulong Mask(OctetTable letters, ReadOnlySpan<byte> text, int at)
    {
        if (at + Block > text.Length)
            return at < text.Length ? MaskAtEnd(text[at..]) : 0;
        ref var octets = ref MemoryMarshal.GetReference(text);
        return OctetTable.Bits(letters.Groups(ref octets, at)) | ((ulong)OctetTable.Bits(letters.Groups(ref octets, at + Half)) << Half);
    }

    private ulong MaskAtEnd(ReadOnlySpan<byte> rest)
    {
        Span<byte> octets = stackalloc byte[Block];
        rest.CopyTo(octets);
        return Mask(new OctetTable(table), octets, 0);
    }
}
