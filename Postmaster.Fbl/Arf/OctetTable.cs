using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Postmaster.Fbl.Arf;

/// <summary>
/// Tells for 64 octets at once which of eight groups they are in: of two tables of sixteen one says which groups have an octet with such a low half, the other with such a
/// high half. A group is exact when its octets are all combinations of some halves; others let more through.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct OctetTable
{
    /// <summary>Of the low halves, then of the high ones.</summary>
    public const int Size = 32;

    private readonly Vector512<byte> low, high;

    /// <param name="tables">From the first of <see cref="Size"/> octets on, as <see cref="Add"/> filled them.</param>
    public OctetTable(ReadOnlySpan<byte> tables)
    {
        var (lows, highs) = (Vector128.Create(tables), Vector128.Create(tables[16..]));
        low = Four(lows);
        high = Four(highs);
    }

    /// <summary>Exact tables of one set of ASCII: a group for each high half.</summary>
    public static byte[] TablesOf(ReadOnlySpan<byte> set)
    {
        var tables = new byte[Size];
        foreach (var octet in set)
            Add(tables, octet >> 4, [octet]);
        return tables;
    }

    /// <param name="octets">None stands for all.</param>
    public static void Add(Span<byte> tables, int group, ReadOnlySpan<byte> octets)
    {
        var bit = (byte)(1 << group);
        foreach (var octet in octets)
        {
            tables[octet & 15] |= bit;
            tables[16 + (octet >> 4)] |= bit;
        }
        if (!octets.IsEmpty)
            return;
        foreach (ref var half in tables[..Size])
            half |= bit;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<byte> Groups(ref byte text, int at)
    {
        var octets = Vector512.LoadUnsafe(ref text, (nuint)at);
        var half = Vector512.Create((byte)15);
        return Found(low, octets & half) & Found(high, (octets.AsUInt16() >>> 4).AsByte() & half);
    }

    /// <summary>A bit for each octet that is in any group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Bits(Vector512<byte> groups) => ~Vector512.Equals(groups, Vector512<byte>.Zero).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Found(Vector512<byte> table, Vector512<byte> index)
    {
        if (Avx512BW.IsSupported)
            return Avx512BW.Shuffle(table, index);
        return Vector512.Create(Found(table.GetLower(), index.GetLower()), Found(table.GetLower(), index.GetUpper()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Found(Vector256<byte> table, Vector256<byte> index) => Avx2.IsSupported
        ? Avx2.Shuffle(table, index)
        : Vector256.Create(Vector128.ShuffleNative(table.GetLower(), index.GetLower()), Vector128.ShuffleNative(table.GetLower(), index.GetUpper()));

    private static Vector512<byte> Four(Vector128<byte> table)
    {
        var two = Vector256.Create(table, table);
        return Vector512.Create(two, two);
    }
}
