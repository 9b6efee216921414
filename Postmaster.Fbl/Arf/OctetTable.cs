using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Postmaster.Fbl.Arf;

/// <summary>
/// Tells for 32 octets at once which of eight groups they are in: of two tables of sixteen one says which groups have an octet with such a low half, the other with such a
/// high half. A group is exact when its octets are all combinations of some halves; others let more through.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct OctetTable
{
    /// <summary>Of the low halves, then of the high ones.</summary>
    public const int Size = 32;

    private readonly Vector256<byte> low, high;

    /// <param name="tables">From the first of <see cref="Size"/> octets on, as <see cref="Add"/> filled them.</param>
    public OctetTable(ReadOnlySpan<byte> tables)
    {
        var (lows, highs) = (Vector128.Create(tables), Vector128.Create(tables[16..]));
        low = Vector256.Create(lows, lows);
        high = Vector256.Create(highs, highs);
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
    public Vector256<byte> Groups(ref byte text, int at)
    {
        var octets = Vector256.LoadUnsafe(ref text, (nuint)at);
        var half = Vector256.Create((byte)15);
        return Found(low, octets & half) & Found(high, (octets.AsUInt16() >>> 4).AsByte() & half);
    }

    /// <summary>A bit for each octet that is in any group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Bits(Vector256<byte> groups) => ~Vector256.Equals(groups, Vector256<byte>.Zero).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Found(Vector256<byte> table, Vector256<byte> index) => Avx2.IsSupported
        ? Avx2.Shuffle(table, index)
        : Vector256.Create(Vector128.ShuffleNative(table.GetLower(), index.GetLower()), Vector128.ShuffleNative(table.GetLower(), index.GetUpper()));
}
