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
    public static async Task AddAsync(PostmasterDb db, CellTable table, IReadOnlyDictionary<long, TrafficCounts> deltas, CancellationToken ct)
    {
        if (deltas.Count == 0)
            return;
        await using DbCommand command = db.Database.GetDbConnection().CreateCommand();
        command.Transaction = db.Database.CurrentTransaction?.GetDbTransaction() ?? throw new InvalidOperationException("Cells are written in a transaction.");
        command.CommandText = table.Upsert;
        for (int i = 0; i < TrafficCounts.Length + 2; i++)
        {
            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = string.Create(CultureInfo.InvariantCulture, $"@p{i}");
            parameter.DbType = DbType.Int64;
            command.Parameters.Add(parameter);
        }

        await command.PrepareAsync(ct);
        foreach ((long key, TrafficCounts counts) in deltas.OrderBy(d => d.Key))
        {
            command.Parameters[0].Value = key;
            for (int i = 0; i < TrafficCounts.Length; i++)
                command.Parameters[i + 1].Value = counts[(TrafficCounter)i];
            command.Parameters[TrafficCounts.Length + 1].Value = unchecked((long)counts.Recipients.Bits);
            await command.ExecuteNonQueryAsync(ct);
        }
    }
}
