using System.Numerics;
using System.Runtime.InteropServices;
using Postmaster.Web.Features.Traffic.Directory;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Commit;

/// <summary>
/// Counts by stream, period and what was raised, in one table that is used again. Nearly all events of a cell raise one of a few sets of counters, so a
/// count and the set take a tenth of the cell's row: the tables of all batches under way fit into the processor's cache.
/// </summary>
internal sealed class CellSums
{
    /// <summary>Sums kept for the next use; a larger table is given back.</summary>
    private const int KeptSums = 128 * 1024;

    /// <summary>Marks the name of a stream that is told by the id of its row.</summary>
    private const ulong ById = 1UL << 63;

    private int[] _buckets = new int[64];
    private CellSum[] _sums = new CellSum[32];
    private int _count;

    public ReadOnlySpan<CellSum> All => _sums.AsSpan(0, _count);

    /// <param name="period">Day or hour, in whatever count the table uses.</param>
    /// <param name="counters">Those that are raised by one, a bit each.</param>
    public void Add(StreamEntry stream, int period, ulong counters, long octets, RecipientSketch recipients) =>
        Raise(ref Of(NameOf((uint)stream.Serial, period), counters, stream), 1, octets, recipients);

    /// <summary>The same for a stream that is known by the id of its row alone.</summary>
    public void Add(int stream, int period, ulong counters, RecipientSketch recipients) =>
        Raise(ref Of(NameOf((uint)stream, period) | ById, counters, null), 1, 0, recipients);

    public void Add(CellSums other)
    {
        foreach (ref readonly CellSum sum in other.All)
            Raise(ref Of(sum.Name, sum.Counters, sum.Stream), sum.Count, sum.Octets, sum.Recipients);
    }

    public void Clear()
    {
        if (_sums.Length > KeptSums)
        {
            _buckets = new int[64];
            _sums = new CellSum[32];
        }
        else
        {
            Array.Clear(_buckets);
            Array.Clear(_sums, 0, _count);
        }

        _count = 0;
    }

    private static ulong NameOf(uint stream, int period) => ((ulong)stream << 32) | (uint)period;

    private static void Raise(ref CellSum sum, int count, long octets, RecipientSketch recipients)
    {
        sum.Count += count;
        sum.Octets += octets;
        sum.Recipients = sum.Recipients.Union(recipients);
    }

    /// <summary>Valid until a sum is added.</summary>
    private ref CellSum Of(ulong name, ulong counters, StreamEntry? stream)
    {
        int mask = _buckets.Length - 1;
        int bucket = Bucket(name, counters, mask);
        for (int place = _buckets[bucket]; place != 0; place = _buckets[bucket = (bucket + 1) & mask])
        {
            ref CellSum known = ref _sums[place - 1];
            if (known.Name == name && known.Counters == counters)
                return ref known;
        }

        if (_count == _sums.Length)
        {
            Grow();
            return ref Of(name, counters, stream);
        }

        ref CellSum sum = ref _sums[_count];
        (sum.Name, sum.Counters, sum.Stream) = (name, counters, stream);
        _buckets[bucket] = ++_count;
        return ref sum;
    }

    private void Grow()
    {
        Array.Resize(ref _sums, _sums.Length * 2);
        _buckets = new int[_buckets.Length * 2];
        int mask = _buckets.Length - 1;
        for (int place = 0; place < _count; place++)
        {
            int bucket = Bucket(_sums[place].Name, _sums[place].Counters, mask);
            while (_buckets[bucket] != 0)
                bucket = (bucket + 1) & mask;
            _buckets[bucket] = place + 1;
        }
    }

    private static int Bucket(ulong name, ulong counters, int mask) =>
        (int)(((name ^ BitOperations.RotateLeft(counters * 0xD1B54A32D192ED03UL, 32)) * 0x9E3779B97F4A7C15UL) >> 32) & mask;
}

/// <summary>How often a set of counters was raised in a cell.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct CellSum
{
    /// <summary>Tells the cell from others of the table.</summary>
    public ulong Name;

    /// <summary>A bit for each <see cref="TrafficCounter"/>.</summary>
    public ulong Counters;

    /// <summary>Null: <see cref="StreamId"/> is known.</summary>
    public StreamEntry? Stream;
    public int Count;
    public long Octets;
    public RecipientSketch Recipients;

    public readonly int Period => (int)Name;
    public readonly int StreamId => (int)(Name >> 32) & int.MaxValue;

    public static ulong Bit(TrafficCounter counter) => 1UL << (int)counter;

    /// <param name="row">As <see cref="Data.Cells.CellBatch"/> has it.</param>
    public readonly void AddTo(Span<long> row)
    {
        for (ulong left = Counters; left != 0; left &= left - 1)
            row[BitOperations.TrailingZeroCount(left)] += Count;
        row[(int)TrafficCounter.Octets] += Octets;
        row[^1] |= unchecked((long)Recipients.Bits);
    }
}
