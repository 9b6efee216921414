using Postmaster.Web.Data;
using Postmaster.Web.Data.Cells;
using Postmaster.Web.Features.Traffic.Directory;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Commit;

/// <summary>One attempt at a commit: its transaction, the ids of streams that have their rows only in it, and what is added to which cell.</summary>
/// <param name="room">Used again by each commit; what it holds already is written too.</param>
internal sealed class CommitScope(PostmasterDb db, IReadOnlyDictionary<StreamEntry, int> newStreams, CommitRoom room)
{
    private readonly Dictionary<long, TrafficCounts> _days = [], _hours = [];

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
        long bit = recipient is { } hash ? unchecked((long)default(RecipientSketch).With(hash).Bits) : 0;
        Raise(room.Days.Of(stream, (int)(time / TimeSpan.TicksPerDay)), counter, bit);
        if (stream.HasHours)
            Raise(room.Hours.Of(stream, (int)(time / TimeSpan.TicksPerHour)), counter, bit);
    }

    /// <summary>The same for a stream that is known by its id, as a memory of deliveries knows it.</summary>
    /// <param name="hours">Whether hours are kept of it: <see cref="StreamEntry.HasHours"/>.</param>
    public void Count(int stream, bool hours, long time, TrafficCounter counter, ulong? recipient)
    {
        Raise(_days, CellWriter.DayKey(stream, time), counter, recipient);
        if (hours)
            Raise(_hours, CellWriter.HourKey(stream, time), counter, recipient);
    }

    /// <summary>Writes the cells: what the room holds and what was counted here.</summary>
    public async Task WriteAsync(CancellationToken ct)
    {
        CellBatch cells = room.Cells;
        cells.Clear();
        Fill(cells, room.Days, _days, (stream, period) => CellKey.Day(stream, DateOnly.FromDayNumber(period)));
        await CellWriter.AddAsync(db, CellTable.Days, cells, ct);
        cells.Clear();
        Fill(cells, room.Hours, _hours, (stream, period) => CellKey.Hour(stream, new DateTimeOffset(period * TimeSpan.TicksPerHour, TimeSpan.Zero)));
        await CellWriter.AddAsync(db, CellTable.Hours, cells, ct);
    }

    private static void Raise(Span<long> row, TrafficCounter counter, long bit)
    {
        row[(int)counter]++;
        row[^1] |= bit;
    }

    private static void Raise(Dictionary<long, TrafficCounts> cells, long key, TrafficCounter counter, ulong? recipient)
    {
        if (!cells.TryGetValue(key, out TrafficCounts? counts))
            cells.Add(key, counts = new TrafficCounts());
        counts.Increment(counter);
        if (recipient is { } hash)
            counts.Recipients = counts.Recipients.With(hash);
    }

    private void Fill(CellBatch batch, CellSums sums, Dictionary<long, TrafficCounts> counted, Func<int, int, long> keyOf)
    {
        ReadOnlySpan<CellName> names = sums.Names;
        for (int row = 0; row < names.Length; row++)
            batch.Add(keyOf(IdOf(names[row].Stream), names[row].Period), sums[row]);
        foreach ((long key, TrafficCounts counts) in counted)
            batch.Add(key, counts);
    }
}

/// <summary>The tables of a commit, kept from one to the next: they have thousands of rows.</summary>
internal sealed class CommitRoom
{
    public CellSums Days { get; } = new();
    public CellSums Hours { get; } = new();
    public CellBatch Cells { get; } = new();
}
