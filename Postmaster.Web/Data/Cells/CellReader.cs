using System.Data;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Model;

namespace Postmaster.Web.Data.Cells;

/// <summary>One row of a table of cells.</summary>
/// <param name="Key"><see cref="CellKey.Day"/> or <see cref="CellKey.Hour"/>.</param>
public sealed record Cell(long Key, TrafficCounts Counts);

/// <summary>Reads ranges of cells: one range of keys a stream.</summary>
public static class CellReader
{
    /// <summary>Streams whose cells are asked for in one message: bounds what waits on the way.</summary>
    private const int RangesAtOnce = 200;

    /// <summary>Cells of the streams whose periods lie between two days, both included, by stream and day. Periods without a cell are left out.</summary>
    public static Task<IReadOnlyList<Cell>> DaysAsync(PostmasterDb db, IReadOnlyCollection<int> streams, DateOnly from, DateOnly to, CancellationToken ct) =>
        ReadAsync(db, CellTable.Days, [.. streams.Select(s => (CellKey.Day(s, from), CellKey.Day(s, to)))], ct);

    /// <summary>The same for hours, from the hour of one instant to that of another, both included.</summary>
    public static Task<IReadOnlyList<Cell>> HoursAsync(PostmasterDb db, IReadOnlyCollection<int> streams, DateTimeOffset from, DateTimeOffset to, CancellationToken ct) =>
        ReadAsync(db, CellTable.Hours, [.. streams.Select(s => (CellKey.Hour(s, from), CellKey.Hour(s, to)))], ct);

    private static async Task<IReadOnlyList<Cell>> ReadAsync(PostmasterDb db, CellTable table, (long From, long To)[] ranges, CancellationToken ct)
    {
        var cells = new List<Cell>();
        if (ranges.Length == 0)
            return cells;
        DbConnection connection = db.Database.GetDbConnection();
        bool opened = connection.State != ConnectionState.Open;
        if (opened)
            await db.Database.OpenConnectionAsync(ct);
        try
        {
            string sql = $"{table.Select} WHERE \"Key\" BETWEEN @from AND @to ORDER BY \"Key\"";
            if (connection.CanCreateBatch)
            {
                foreach ((long From, long To)[] some in ranges.Chunk(RangesAtOnce))
                    await ReadTogetherAsync(connection, sql, some, cells, ct);
            }
            else
            {
                await ReadEachAsync(connection, sql, ranges, cells, ct);
            }
        }
        finally
        {
            if (opened)
                await db.Database.CloseConnectionAsync();
        }

        return cells;
    }

    /// <summary>For a database in this process, to which each question costs next to nothing.</summary>
    private static async Task ReadEachAsync(DbConnection connection, string sql, (long From, long To)[] ranges, List<Cell> cells, CancellationToken ct)
    {
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = sql;
        DbParameter from = Named(command.CreateParameter(), "@from"), to = Named(command.CreateParameter(), "@to");
        command.Parameters.Add(from);
        command.Parameters.Add(to);
        foreach ((long first, long last) in ranges)
        {
            (from.Value, to.Value) = (first, last);
            await using DbDataReader reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
                cells.Add(Read(reader));
        }
    }

    /// <summary>For a database elsewhere: all questions go at once, instead of one way there and back a stream.</summary>
    private static async Task ReadTogetherAsync(DbConnection connection, string sql, (long From, long To)[] ranges, List<Cell> cells, CancellationToken ct)
    {
        await using DbBatch batch = connection.CreateBatch();
        foreach ((long first, long last) in ranges)
        {
            DbBatchCommand command = batch.CreateBatchCommand();
            command.CommandText = sql;
            DbParameter from = Named(command.CreateParameter(), "@from"), to = Named(command.CreateParameter(), "@to");
            (from.Value, to.Value) = (first, last);
            command.Parameters.Add(from);
            command.Parameters.Add(to);
            batch.BatchCommands.Add(command);
        }

        await using DbDataReader reader = await batch.ExecuteReaderAsync(ct);
        do
        {
            while (await reader.ReadAsync(ct))
                cells.Add(Read(reader));
        }
        while (await reader.NextResultAsync(ct));
    }

    private static Cell Read(DbDataReader row)
    {
        var counts = new TrafficCounts();
        for (int i = 0; i < TrafficCounts.Length; i++)
            counts[(TrafficCounter)i] = row.GetInt64(i + 1);
        counts.Recipients = new RecipientSketch(unchecked((ulong)row.GetInt64(TrafficCounts.Length + 1)));
        return new Cell(row.GetInt64(0), counts);
    }

    private static DbParameter Named(DbParameter parameter, string name)
    {
        parameter.ParameterName = name;
        parameter.DbType = DbType.Int64;
        return parameter;
    }
}
