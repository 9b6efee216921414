using System.Data;
using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
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

    public static async Task AddAsync(PostmasterDb db, CellTable table, CellBatch deltas, CancellationToken ct)
    {
        if (deltas.Count == 0)
            return;
        await using DbCommand command = db.Database.GetDbConnection().CreateCommand();
        command.Transaction = db.Database.CurrentTransaction?.GetDbTransaction() ?? throw new InvalidOperationException("Cells are written in a transaction.");
        command.CommandText = table.Upsert;
        for (int i = 0; i <= CellBatch.Width; i++)
        {
            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = string.Create(CultureInfo.InvariantCulture, $"@p{i}");
            parameter.DbType = DbType.Int64;
            command.Parameters.Add(parameter);
        }

        await command.PrepareAsync(ct);
        deltas.Sort();
        for (int i = 0; i < deltas.Count; i++)
        {
            Fill(command.Parameters, deltas, i);
            await command.ExecuteNonQueryAsync(ct);
        }
    }

    private static void Fill(DbParameterCollection parameters, CellBatch deltas, int place)
    {
        (long key, int row) = deltas[place];
        parameters[0].Value = key;
        ReadOnlySpan<long> numbers = deltas.Numbers(row);
        for (int i = 0; i < numbers.Length; i++)
            parameters[i + 1].Value = numbers[i];
    }
}
