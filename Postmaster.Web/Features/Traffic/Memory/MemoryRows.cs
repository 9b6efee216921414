using System.Data;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Postmaster.Web.Data;

namespace Postmaster.Web.Features.Traffic.Memory;

/// <summary>Adds many rows with one prepared statement, within the caller's transaction and apart from what its context tracks.</summary>
internal static class MemoryRows
{
    private const string Page = """INSERT INTO "MemoryPages" ("Key", "Content") VALUES (@key, @content)""";
    private const string Log = """INSERT INTO "MemoryLogs" ("Key", "CommittedAt", "Content") VALUES (@key, @at, @content)""";

    public static Task InsertPagesAsync(PostmasterDb db, IEnumerable<(long Key, byte[] Content)> rows, CancellationToken ct) => InsertAsync(db, Page, rows, at: null, ct);

    /// <param name="at">UTC ticks.</param>
    public static Task InsertLogAsync(PostmasterDb db, IEnumerable<(long Key, byte[] Content)> rows, long at, CancellationToken ct) => InsertAsync(db, Log, rows, at, ct);

    private static async Task InsertAsync(PostmasterDb db, string sql, IEnumerable<(long Key, byte[] Content)> rows, long? at, CancellationToken ct)
    {
        await using DbCommand command = db.Database.GetDbConnection().CreateCommand();
        command.Transaction = db.Database.CurrentTransaction?.GetDbTransaction() ?? throw new InvalidOperationException("The memory is written in a transaction.");
        command.CommandText = sql;
        DbParameter key = Add(command, "@key", DbType.Int64), content = Add(command, "@content", DbType.Binary);
        if (at is { } ticks)
            Add(command, "@at", DbType.Int64).Value = ticks;
        bool prepared = false;
        foreach ((long number, byte[] octets) in rows)
        {
            if (!prepared)
                await command.PrepareAsync(ct);
            prepared = true;
            key.Value = number;
            content.Value = octets;
            await command.ExecuteNonQueryAsync(ct);
        }
    }

    private static DbParameter Add(DbCommand command, string name, DbType type)
    {
        DbParameter parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.DbType = type;
        command.Parameters.Add(parameter);
        return parameter;
    }
}
