using Postmaster.Web.Model;

namespace Postmaster.Web.Data.Cells;

/// <summary>What is added to many cells at once: rows of numbers in one table, given out in the order of their keys, each key once.</summary>
public sealed class CellBatch
{
    /// <summary>Numbers of a row: the counters in their order, then the recipients' bitmap.</summary>
    public static readonly int Width = TrafficCounts.Length + 1;

    private long[] _keys = new long[256];
    private long[] _numbers = new long[256 * Width];
    private int[] _order = [];

    /// <summary>Rows; after <see cref="Sort"/> keys.</summary>
    public int Count { get; private set; }

    /// <summary>A row of zeros to be filled. Valid until the next is added.</summary>
    public Span<long> Add(long key)
    {
        if (Count == _keys.Length)
        {
            Array.Resize(ref _keys, Count * 2);
            Array.Resize(ref _numbers, Count * 2 * Width);
        }

        _keys[Count] = key;
        Span<long> row = Row(Count++);
        row.Clear();
        return row;
    }

    public void Add(long key, TrafficCounts counts)
    {
        Span<long> row = Add(key);
        counts.Values.CopyTo(row);
        row[^1] = unchecked((long)counts.Recipients.Bits);
    }

    /// <summary>Puts the rows into the order of their keys and joins those of one key. Two writers that lock rows in one order cannot lock each other out.</summary>
    public void Sort()
    {
        if (_order.Length < Count)
            _order = new int[_keys.Length];
        for (int i = 0; i < Count; i++)
            _order[i] = i;
        Array.Sort(_keys, _order, 0, Count);
        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            if (kept > 0 && _keys[i] == _keys[kept - 1])
            {
                Join(Row(_order[kept - 1]), Row(_order[i]));
                continue;
            }

            _keys[kept] = _keys[i];
            _order[kept++] = _order[i];
        }

        Count = kept;
    }

    /// <summary>After <see cref="Sort"/>.</summary>
    public (long Key, int Row) this[int place] => (_keys[place], _order[place]);

    public ReadOnlySpan<long> Numbers(int row) => Row(row);

    /// <summary>The places of the numbers that are not 0 in every row.</summary>
    public IReadOnlyList<int> UsedColumns()
    {
        Span<long> used = stackalloc long[Width];
        for (int place = 0; place < Count; place++)
        {
            ReadOnlySpan<long> row = Row(_order[place]);
            for (int i = 0; i < Width; i++)
                used[i] |= row[i];
        }

        var columns = new List<int>(Width);
        for (int i = 0; i < Width; i++)
        {
            if (used[i] != 0)
                columns.Add(i);
        }

        return columns;
    }

    public void Clear() => Count = 0;

    private Span<long> Row(int row) => _numbers.AsSpan(row * Width, Width);

    private static void Join(Span<long> into, ReadOnlySpan<long> row)
    {
        for (int i = 0; i < Width - 1; i++)
            into[i] += row[i];
        into[^1] |= row[^1];
    }
}
