using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Postmaster.Web.Features.Traffic.Memory;

/// <summary>
/// Entries in a row of the database: how many, how many different values, the hashes, of each the number of its value, the ends of the values, the values.
/// All numbers little-endian. A value that many entries share stands there once.
/// </summary>
internal static class EntryBlock
{
    /// <summary>Entries of a block: the numbers of values have 16 bits.</summary>
    public const int Most = ushort.MaxValue;

    private const int Head = 2 * sizeof(int), NumberOctets = sizeof(ushort);

    /// <param name="hashes">At most <see cref="Most"/>; in order when the block is to be searched.</param>
    /// <param name="values">One array for all equal ones, as <see cref="ValuePool"/> gives them.</param>
    public static byte[] Write(ReadOnlySpan<ulong> hashes, ReadOnlySpan<byte[]> values)
    {
        var numbers = new Dictionary<byte[], int>(ReferenceEqualityComparer.Instance);
        int octets = 0;
        foreach (byte[] value in values)
        {
            if (numbers.TryAdd(value, numbers.Count))
                octets += value.Length;
        }

        byte[] block = new byte[Values(hashes.Length, numbers.Count) + octets];
        BinaryPrimitives.WriteInt32LittleEndian(block, hashes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(sizeof(int)), numbers.Count);
        for (int i = 0; i < hashes.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(block.AsSpan(Head + (i * sizeof(ulong))), hashes[i]);
            BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(Numbers(hashes.Length) + (i * NumberOctets)), (ushort)numbers[values[i]]);
        }

        int end = 0;
        foreach ((byte[] value, int number) in numbers)
        {
            value.CopyTo(block.AsSpan(Values(hashes.Length, numbers.Count) + end));
            end += value.Length;
            BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(Ends(hashes.Length) + (number * sizeof(int))), end);
        }

        return block;
    }

    public static int Count(ReadOnlySpan<byte> block) => BinaryPrimitives.ReadInt32LittleEndian(block);

    public static ulong Hash(ReadOnlySpan<byte> block, int place) => BinaryPrimitives.ReadUInt64LittleEndian(block[(Head + (place * sizeof(ulong)))..]);

    public static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> block, int place)
    {
        int count = Count(block);
        int number = BinaryPrimitives.ReadUInt16LittleEndian(block[(Numbers(count) + (place * NumberOctets))..]);
        ReadOnlySpan<byte> ends = block[Ends(count)..];
        int start = number == 0 ? 0 : BinaryPrimitives.ReadInt32LittleEndian(ends[((number - 1) * sizeof(int))..]);
        int end = BinaryPrimitives.ReadInt32LittleEndian(ends[(number * sizeof(int))..]);
        return block.Slice(Values(count, BinaryPrimitives.ReadInt32LittleEndian(block[sizeof(int)..])) + start, end - start);
    }

    /// <summary>The place of a hash in a block whose hashes are in order; negative: it is not there.</summary>
    public static int Find(ReadOnlySpan<byte> block, ulong hash)
    {
        ReadOnlySpan<byte> octets = block.Slice(Head, Count(block) * sizeof(ulong));
        if (BitConverter.IsLittleEndian)
            return MemoryMarshal.Cast<byte, ulong>(octets).BinarySearch(hash);
        for (int i = 0; i < Count(block); i++)
        {
            if (Hash(block, i) == hash)
                return i;
        }

        return -1;
    }

    private static int Numbers(int count) => Head + (count * sizeof(ulong));

    private static int Ends(int count) => Numbers(count) + (count * NumberOctets);

    private static int Values(int count, int values) => Ends(count) + (values * sizeof(int));
}
