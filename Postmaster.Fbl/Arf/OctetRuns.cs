using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Postmaster.Fbl.Arf;

/// <summary>Finds where so many octets of a set of ASCII characters stand in a row, 64 octets at a time.</summary>
internal sealed class OctetRuns
{
    /// <summary>The longest run that can be asked for.</summary>
    public const int Longest = Block;

    private const int Block = 64;

    private readonly byte[] table;

    public OctetRuns(ReadOnlySpan<byte> set) => table = OctetTable.TablesOf(set);

    /// <summary>Where the first such run begins that does not begin before <paramref name="from"/>, or -1.</summary>
    public int Next(ReadOnlySpan<byte> text, int from, int length)
    {
        var letters = new OctetTable(table);
        ref var octets = ref MemoryMarshal.GetReference(text);
        var last = text.Length - Block;
        var current = from <= last ? OctetTable.Bits(letters.Groups(ref octets, from)) : MaskAtEnd(text, from);
        for (var at = from; at + length <= text.Length; at += Block)
        {
            var next = at + Block <= last ? OctetTable.Bits(letters.Groups(ref octets, at + Block)) : MaskAtEnd(text, at + Block);
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

    private ulong MaskAtEnd(ReadOnlySpan<byte> text, int at)
    {
        if (at >= text.Length)
            return 0;
        var letters = new OctetTable(table);
        // The last whole block, without what was seen before.
        if (text.Length >= Block)
            return OctetTable.Bits(letters.Groups(ref MemoryMarshal.GetReference(text), text.Length - Block)) >> (at + Block - text.Length);
        Span<byte> octets = stackalloc byte[Block];
        text[at..].CopyTo(octets);
        return OctetTable.Bits(letters.Groups(ref MemoryMarshal.GetReference(octets), 0));
    }
}
