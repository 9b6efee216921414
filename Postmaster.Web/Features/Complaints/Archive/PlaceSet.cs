using System.Buffers.Binary;
using System.Numerics;

namespace Postmaster.Web.Features.Complaints.Archive;

/// <summary>Places of a block, a bit each. In the database a small set is a list of numbers instead; see <see cref="Model.ArchiveWord.Places"/>.</summary>
internal sealed class PlaceSet
{
    /// <summary>Complaints of a block: enough that a million are a thousand blocks, few enough to look through those that wait for the next.</summary>
    public const int Places = 1024;

    private const int BitmapOctets = Places / 8, NumberOctets = 2;

    private readonly ulong[] _bits = new ulong[Places / 64];

    public int Count => _bits.Sum(BitOperations.PopCount);

    public bool IsEmpty => Array.TrueForAll(_bits, b => b == 0);

    public static PlaceSet Read(ReadOnlySpan<byte> stored)
    {
        var set = new PlaceSet();
        set.Add(stored);
        return set;
    }

    public void Add(int place) => _bits[place >> 6] |= 1UL << (place & 63);

    public void Remove(int place) => _bits[place >> 6] &= ~(1UL << (place & 63));

    public void Add(ReadOnlySpan<byte> stored)
    {
        if (stored.Length == BitmapOctets)
        {
            for (int i = 0; i < _bits.Length; i++)
                _bits[i] |= BinaryPrimitives.ReadUInt64LittleEndian(stored[(i * sizeof(ulong))..]);
            return;
        }

        for (int at = 0; at + NumberOctets <= stored.Length; at += NumberOctets)
            Add(BinaryPrimitives.ReadUInt16LittleEndian(stored[at..]) % Places);
    }

    /// <summary>What is in both remains.</summary>
    public void KeepOnly(PlaceSet other)
    {
        for (int i = 0; i < _bits.Length; i++)
            _bits[i] &= other._bits[i];
    }

    public void Remove(PlaceSet other)
    {
        for (int i = 0; i < _bits.Length; i++)
            _bits[i] &= ~other._bits[i];
    }

    /// <summary>From the lowest place on.</summary>
    public IEnumerable<int> Each()
    {
        for (int i = 0; i < _bits.Length; i++)
        {
            for (ulong left = _bits[i]; left != 0; left &= left - 1)
                yield return (i << 6) + BitOperations.TrailingZeroCount(left);
        }
    }

    /// <summary>The shorter of both forms.</summary>
    public byte[] Write()
    {
        int count = Count;
        if (count * NumberOctets >= BitmapOctets)
            return WriteBitmap();
        byte[] numbers = new byte[count * NumberOctets];
        int at = 0;
        foreach (int place in Each())
            BinaryPrimitives.WriteUInt16LittleEndian(numbers.AsSpan(NumberOctets * at++), (ushort)place);
        return numbers;
    }

    public byte[] WriteBitmap()
    {
        byte[] octets = new byte[BitmapOctets];
        for (int i = 0; i < _bits.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(octets.AsSpan(i * sizeof(ulong)), _bits[i]);
        return octets;
    }
}

/// <summary>The complaints of a block by place; see <see cref="Model.ArchiveBlock.Places"/>.</summary>
internal static class BlockPlaces
{
    private const int Octets = 24;

    public static byte[] Write(IReadOnlyList<(DateTimeOffset PressedAt, Guid Id)> places)
    {
        byte[] octets = new byte[places.Count * Octets];
        for (int i = 0; i < places.Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(octets.AsSpan(i * Octets), places[i].PressedAt.UtcTicks);
            places[i].Id.TryWriteBytes(octets.AsSpan((i * Octets) + sizeof(long)));
        }

        return octets;
    }

    public static (DateTimeOffset PressedAt, Guid Id) Read(byte[] places, int place) => (
        new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(places.AsSpan(place * Octets)), TimeSpan.Zero),
        new Guid(places.AsSpan((place * Octets) + sizeof(long), 16)));
}
