using System.Numerics;
using System.Runtime.InteropServices;
using Postmaster.Web.Features.Traffic.Directory;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Commit;

/// <summary>
/// Counters by (stream, period), in one table of numbers that is used again. A row holds <see cref="TrafficCounter"/>'s counters in order and the
/// recipients' bitmap last.
/// </summary>
internal sealed class CellSums
{
    /// <summary>Numbers of a row.</summary>
    public static readonly int Width = TrafficCounts.Length + 1;

    /// <summary>Rows kept for the next use; a larger table is given back.</summary>
    private const int KeptRows = 64 * 1024;

    private int[] _buckets = new int[64];
    private CellName[] _names = new CellName[32];
    private long[] _numbers = new long[32 * Width];

    public int Count { get; private set; }

    public ReadOnlySpan<CellName> Names => _names.AsSpan(0, Count);

    /// <summary>The numbers of a row. Valid until a row is added.</summary>
    public Span<long> this[int row] => _numbers.AsSpan(row * Width, Width);

    /// <summary>The numbers of a cell, all 0 at first. Valid until a row is added.</summary>
    /// <param name="period">Day or hour, in whatever count the table uses.</param>
    public Span<long> Of(StreamEntry stream, int period)
    {
        ulong key = ((ulong)(uint)stream.Serial << 32) | (uint)period;
        int mask = _buckets.Length - 1;
        int bucket = (int)((key * 0x9E3779B97F4A7C15UL) >> 32) & mask;
        for (int row = _buckets[bucket]; row != 0; row = _buckets[bucket = (bucket + 1) & mask])
        {
            if (_names[row - 1].Key == key)
                return this[row - 1];
        }

        if (Count == _names.Length)
        {
            Grow();
            return Of(stream, period);
        }

        _names[Count] = new CellName(stream, period, key);
        _buckets[bucket] = ++Count;
        return this[Count - 1];
    }

    public void Add(CellSums other)
    {
        for (int row = 0; row < other.Count; row++)
        {
            CellName name = other._names[row];
            Add(Of(name.Stream, name.Period), other[row]);
        }
    }

    /// <summary>Adds the counters, unites the recipients.</summary>
    public static void Add(Span<long> sum, ReadOnlySpan<long> row)
    {
        long recipients = sum[^1] | row[^1];
        int i = 0;
        for (; i <= Width - Vector<long>.Count; i += Vector<long>.Count)
            (new Vector<long>(sum[i..]) + new Vector<long>(row[i..])).CopyTo(sum[i..]);
        for (; i < Width; i++)
            sum[i] += row[i];
        sum[Width - 1] = recipients;
    }

    public void Clear()
    {
        if (_names.Length > KeptRows)
        {
            _buckets = new int[64];
            _names = new CellName[32];
            _numbers = new long[32 * Width];
        }
        else
        {
            Array.Clear(_buckets);
            Array.Clear(_names, 0, Count);
            Array.Clear(_numbers, 0, Count * Width);
        }

        Count = 0;
    }

    private void Grow()
    {
        Array.Resize(ref _names, _names.Length * 2);
        Array.Resize(ref _numbers, _numbers.Length * 2);
        _buckets = new int[_buckets.Length * 2];
        int mask = _buckets.Length - 1;
        for (int row = 0; row < Count; row++)
        {
            int bucket = (int)((_names[row].Key * 0x9E3779B97F4A7C15UL) >> 32) & mask;
            while (_buckets[bucket] != 0)
                bucket = (bucket + 1) & mask;
            _buckets[bucket] = row + 1;
        }
    }
}

/// <summary>What a row counts.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CellName(StreamEntry Stream, int Period, ulong Key);
