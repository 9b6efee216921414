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
            await using DbCommand command = connection.CreateCommand();
            command.CommandText = $"{table.Select} WHERE \"Key\" BETWEEN @from AND @to ORDER BY \"Key\"";
            DbParameter from = Parameter(command, "@from"), to = Parameter(command, "@to");
            foreach ((long first, long last) in ranges)
            {
                from.Value = first;
                to.Value = last;
                await using DbDataReader reader = await command.ExecuteReaderAsync(ct);
                while (await reader.ReadAsync(ct))
                    cells.Add(Read(reader));
            }
        }
        finally
        {
            if (opened)
                await db.Database.CloseConnectionAsync();
        }

        return cells;
    }

    private static Cell Read(DbDataReader row)
    {
        var counts = new TrafficCounts();
        for (int i = 0; i < TrafficCounts.Length; i++)
            counts[(TrafficCounter)i] = row.GetInt64(i + 1);
        counts.Recipients = new RecipientSketch(unchecked((ulong)row.GetInt64(TrafficCounts.Length + 1)));
        return new Cell(row.GetInt64(0), counts);
    }

    private static DbParameter Parameter(DbCommand command, string name)
    {
        DbParameter parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.DbType = DbType.Int64;
        command.Parameters.Add(parameter);
        return parameter;
    }
}
