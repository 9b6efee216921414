using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Postmaster.Fbl.Arf;

/// <summary>
/// The places of a text where one of a few beginnings may stand, told for 64 octets at a time. A beginning is three sets of octets, for its first, second and third
/// place, and belongs to one of eight groups; an <see cref="OctetTable"/> for each place tells them. None is missed; what comes through besides has to be looked at again.
/// </summary>
/// <param name="ofWords">Only where a word may begin, as <see cref="TextEdges.MayBeLeft"/> tells.</param>
internal sealed class BeginningFilter(bool ofWords = false)
{
    public const int Groups = 8;

    /// <summary>Octets of a beginning.</summary>
    public const int Depth = 3;

    private const int Width = 64;

    /// <summary>An <see cref="OctetTable"/> for each place.</summary>
    private readonly byte[] tables = new byte[Depth * OctetTable.Size];

    /// <summary>For each place the groups of each octet: what the tables let through besides is told from the rest with them.</summary>
    private readonly byte[] exact = new byte[Depth * 256];

    /// <summary>An empty set stands for every octet.</summary>
    public void Add(int group, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        Add(group, 0, first);
        Add(group, 1, second);
        Add(group, 2, third);
    }

    public BeginningFilter Copy()
    {
        var copy = new BeginningFilter(ofWords);
        tables.CopyTo(copy.tables, 0);
        exact.CopyTo(copy.exact, 0);
        return copy;
    }

    public Places In(ReadOnlySpan<byte> text) => new(this, text);

    private void Add(int group, int place, ReadOnlySpan<byte> octets)
    {
        OctetTable.Add(tables.AsSpan(place * OctetTable.Size), group, octets);
        var groups = exact.AsSpan(place * 256, 256);
        var bit = (byte)(1 << group);
        foreach (var octet in octets)
            groups[octet] |= bit;
        if (!octets.IsEmpty)
            return;
        foreach (ref var all in groups)
            all |= bit;
    }

    private bool IsExact(ReadOnlySpan<byte> text, int at)
    {
        var second = at + 1 < text.Length ? text[at + 1] : (byte)0;
        var third = at + 2 < text.Length ? text[at + 2] : (byte)0;
        return (exact[text[at]] & exact[256 + second] & exact[512 + third]) != 0;
    }

    /// <summary>From <paramref name="block"/> on the first block with a place, whose bits are returned; 0 when there is none.</summary>
    private ulong Next(ReadOnlySpan<byte> text, ref int block)
    {
        var last = text.Length - (Width + Depth - 1);
        if (block <= last)
        {
            ref var octets = ref MemoryMarshal.GetReference(text);
            var first = new OctetTable(tables);
            var second = new OctetTable(tables.AsSpan(OctetTable.Size));
            var third = new OctetTable(tables.AsSpan(2 * OctetTable.Size));
            for (var at = block; at <= last; at += Width)
            {
                var found = first.Groups(ref octets, at) & second.Groups(ref octets, at + 1) & third.Groups(ref octets, at + 2);
                if (found == Vector512<byte>.Zero)
                    continue;
                var bits = ofWords ? OctetTable.Bits(found) & TextEdges.MayBeLeft(text, at) : OctetTable.Bits(found);
                if (bits == 0)
                    continue;
                block = at;
                return bits;
            }
            block += (last - block + Width) / Width * Width;
        }
        for (; block < text.Length; block += Width)
        {
            if (AtEnd(text[block..]) is var bits and not 0)
                return bits;
        }
        return 0;
    }

    /// <summary>The last blocks. Zeros behind the end are in no set but those of every octet.</summary>
    private ulong AtEnd(ReadOnlySpan<byte> rest)
    {
        Span<byte> octets = stackalloc byte[Width + Depth - 1];
        rest[..Math.Min(rest.Length, octets.Length)].CopyTo(octets);
        ref var start = ref MemoryMarshal.GetReference(octets);
        var bits = OctetTable.Bits(new OctetTable(tables).Groups(ref start, 0) & new OctetTable(tables.AsSpan(OctetTable.Size)).Groups(ref start, 1)
            & new OctetTable(tables.AsSpan(2 * OctetTable.Size)).Groups(ref start, 2));
        return rest.Length < Width ? bits & ((1UL << rest.Length) - 1) : bits;
    }

    /// <summary>Goes from one place to the next.</summary>
    [StructLayout(LayoutKind.Auto)]
    public ref struct Places(BeginningFilter filter, ReadOnlySpan<byte> text)
    {
        private readonly ReadOnlySpan<byte> text = text;
        private int behind;
        private int block;
        private ulong bits;

        /// <summary>The first place that is not before <paramref name="from"/>, or -1; <paramref name="from"/> never goes back.</summary>
        public int Next(int from)
        {
            while (true)
            {
                while (bits != 0)
                {
                    var place = block + BitOperations.TrailingZeroCount(bits);
                    bits &= bits - 1;
                    if (place >= from && filter.IsExact(text, place))
                        return place;
                }
                block = Math.Max(behind, from);
                bits = filter.Next(text, ref block);
                if (bits == 0)
                    return -1;
                behind = Math.Min(block + Width, text.Length);
            }
        }
    }
}
