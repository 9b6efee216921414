using Postmaster.Web.Data;
using Postmaster.Web.Data.Cells;
using Postmaster.Web.Features.Traffic.Directory;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Commit;

/// <summary>One attempt at a commit: its transaction, the ids of streams that have their rows only in it, and what is added to which cell.</summary>
/// <param name="room">Used again by each commit; what it holds already is written too.</param>
internal sealed class CommitScope(PostmasterDb db, IReadOnlyDictionary<StreamEntry, int> newStreams, CommitRoom room)
{
    /// <summary>For a commit that has no batches.</summary>
    public CommitScope(PostmasterDb db, IReadOnlyDictionary<StreamEntry, int> newStreams)
        : this(db, newStreams, new CommitRoom())
    {
    }

    /// <summary>With the transaction.</summary>
    public PostmasterDb Db => db;

    /// <summary>The id of the stream's row.</summary>
    public int IdOf(StreamEntry stream) => stream.Id != 0 ? stream.Id : newStreams[stream];

    /// <summary>Counts one event of a stream.</summary>
    /// <param name="time">UTC ticks.</param>
    /// <param name="recipient">Keyed hash of the mailbox.</param>
    public void Count(StreamEntry stream, long time, TrafficCounter counter, ulong? recipient)
    {
        (ulong raised, RecipientSketch sketch) = (CellSum.Bit(counter), Sketch(recipient));
        room.Days.Add(stream, DayOf(time), raised, octets: 0, sketch);
        if (stream.HasHours)
            room.Hours.Add(stream, HourOf(time), raised, octets: 0, sketch);
    }

    /// <summary>The same for a stream that is known by its id, as a memory of deliveries knows it.</summary>
    /// <param name="hours">Whether hours are kept of it: <see cref="StreamEntry.HasHours"/>.</param>
    public void Count(int stream, bool hours, long time, TrafficCounter counter, ulong? recipient)
    {
        (ulong raised, RecipientSketch sketch) = (CellSum.Bit(counter), Sketch(recipient));
        room.Days.Add(stream, DayOf(time), raised, sketch);
        if (hours)
            room.Hours.Add(stream, HourOf(time), raised, sketch);
    }

    /// <summary>Writes the cells: what the room holds and what was counted here.</summary>
    public async Task WriteAsync(CancellationToken ct)
    {
        Fill(room.Days, (stream, period) => CellKey.Day(stream, DateOnly.FromDayNumber(period)));
        await CellWriter.AddAsync(db, CellTable.Days, room.Cells, ct);
        Fill(room.Hours, (stream, period) => CellKey.Hour(stream, new DateTimeOffset(period * TimeSpan.TicksPerHour, TimeSpan.Zero)));
        await CellWriter.AddAsync(db, CellTable.Hours, room.Cells, ct);
    }

    private static int DayOf(long time) => (int)(time / TimeSpan.TicksPerDay);

    private static int HourOf(long time) => (int)(time / TimeSpan.TicksPerHour);

    private static RecipientSketch Sketch(ulong? recipient) => recipient is { } hash ? default(RecipientSketch).With(hash) : default;

    /// <summary>Makes the rows of the cells, each cell's sums into one.</summary>
    private void Fill(CellSums sums, Func<int, int, long> keyOf)
    {
        ReadOnlySpan<CellSum> all = sums.All;
        (long[] keys, int[] order) = room.Order(all.Length);
        for (int i = 0; i < all.Length; i++)
            (keys[i], order[i]) = (keyOf(all[i].Stream is { } stream ? IdOf(stream) : all[i].StreamId, all[i].Period), i);
        Array.Sort(keys, order, 0, all.Length);
        CellBatch cells = room.Cells;
        cells.Clear();
        for (int i = 0; i < all.Length;)
        {
            long key = keys[i];
            Span<long> row = cells.Add(key);
            for (; i < all.Length && keys[i] == key; i++)
                all[order[i]].AddTo(row);
        }
    }
}

/// <summary>The tables of a commit, kept from one to the next: they have thousands of rows.</summary>
internal sealed class CommitRoom
{
    private long[] _keys = [];
    private int[] _order = [];

    public CellSums Days { get; } = new();
    public CellSums Hours { get; } = new();
    public CellBatch Cells { get; } = new();

    /// <summary>Room to put so many sums into order.</summary>
    public (long[] Keys, int[] Order) Order(int sums)
    {
        if (_keys.Length < sums)
            (_keys, _order) = (new long[sums * 2], new int[sums * 2]);
        return (_keys, _order);
    }
}
