using Postmaster.Web.Model;

namespace Postmaster.Web.Data.Cells;

/// <summary>Adds counts to cells within the caller's transaction, the cells in the order of their keys, so that two writers cannot lock each other out.</summary>
public static class CellWriter
{
    /// <param name="time">UTC ticks.</param>
    public static long DayKey(int stream, long time) => CellKey.Day(stream, DateOnly.FromDayNumber((int)(time / TimeSpan.TicksPerDay)));

    /// <param name="time">UTC ticks.</param>
    public static long HourKey(int stream, long time) => CellKey.Hour(stream, new DateTimeOffset(time, TimeSpan.Zero));

    public static Task AddAsync(PostmasterDb db, CellTable table, IReadOnlyDictionary<long, TrafficCounts> deltas, CancellationToken ct)
    {
        var batch = new CellBatch();
        foreach ((long key, TrafficCounts counts) in deltas)
            batch.Add(key, counts);
        return AddAsync(db, table, batch, ct);
    }

    /// <param name="deltas">Is put into order.</param>
    public static Task AddAsync(PostmasterDb db, CellTable table, CellBatch deltas, CancellationToken ct)
    {
        if (deltas.Count == 0)
            return Task.CompletedTask;
        if (db.Database.CurrentTransaction is null)
            throw new InvalidOperationException("Cells are written in a transaction.");
        deltas.Sort();
        return db.AddCellsAsync(table, deltas, ct);
    }
}
