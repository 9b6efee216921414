using Postmaster.Web.Data;
using Postmaster.Web.Data.Cells;
using Postmaster.Web.Features.Traffic.Directory;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Commit;

/// <summary>One attempt at a commit: its transaction, the ids of streams that have their rows only in it, and what is added to which cell.</summary>
internal sealed class CommitScope(PostmasterDb db, IReadOnlyDictionary<StreamEntry, int> newStreams)
{
    private readonly Dictionary<long, TrafficCounts> _days = [], _hours = [];

    /// <summary>With the transaction.</summary>
    public PostmasterDb Db => db;

    /// <summary>The id of the stream's row.</summary>
    public int IdOf(StreamEntry stream) => stream.Id != 0 ? stream.Id : newStreams[stream];

    /// <summary>Counts one event of a stream.</summary>
    /// <param name="time">UTC ticks.</param>
    /// <param name="recipient">Keyed hash of the mailbox.</param>
    public void Count(StreamEntry stream, long time, TrafficCounter counter, ulong? recipient) => Count(IdOf(stream), stream.HasHours, time, counter, recipient);

    /// <summary>The same for a stream that is known by its id, as a memory of deliveries knows it.</summary>
    /// <param name="hours">Whether hours are kept of it: <see cref="StreamEntry.HasHours"/>.</param>
    public void Count(int stream, bool hours, long time, TrafficCounter counter, ulong? recipient)
    {
        Raise(_days, CellWriter.DayKey(stream, time), counter, recipient);
        if (hours)
            Raise(_hours, CellWriter.HourKey(stream, time), counter, recipient);
    }

    /// <summary>Writes the cells: what the batches hold and what was counted here.</summary>
    public async Task WriteAsync(CellSums days, CellSums hours, CancellationToken ct)
    {
        var batch = new CellBatch();
        Fill(batch, days, _days, (stream, period) => CellKey.Day(stream, DateOnly.FromDayNumber(period)));
        await CellWriter.AddAsync(db, CellTable.Days, batch, ct);
        batch.Clear();
        Fill(batch, hours, _hours, (stream, period) => CellKey.Hour(stream, new DateTimeOffset(period * TimeSpan.TicksPerHour, TimeSpan.Zero)));
        await CellWriter.AddAsync(db, CellTable.Hours, batch, ct);
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
