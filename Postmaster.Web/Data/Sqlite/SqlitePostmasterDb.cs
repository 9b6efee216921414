using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Postmaster.Web.Data.Cells;

namespace Postmaster.Web.Data.Sqlite;

/// <summary>The tables in SQLite: one file, one machine. Everything that only SQLite needs is in this folder.</summary>
public sealed class SqlitePostmasterDb(DbContextOptions<SqlitePostmasterDb> options) : PostmasterDb(options)
{
    /// <summary>SQLITE_FULL.</summary>
    private const int Full = 13;

    public override bool IsStorageFull(Exception failure) => failure is SqliteException { SqliteErrorCode: Full } || failure.InnerException is SqliteException { SqliteErrorCode: Full };

    /// <summary>SQLite's transactions that write run one after the other; the driver takes the lock at the beginning.</summary>
    public override Task<IDbContextTransaction> BeginExclusiveAsync(CancellationToken ct) => Database.BeginTransactionAsync(ct);

    internal override Task AddCellsAsync(CellTable table, CellBatch deltas, CancellationToken ct)
    {
        SqliteCells.Add((SqliteConnection)Database.GetDbConnection(), table, deltas);
        return Task.CompletedTask;
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions)
    {
        base.ConfigureConventions(conventions);
        // SQLite has no instant of its own and cannot compare the text that EF writes for one: microseconds since 1970 in UTC can be compared.
        conventions.Properties<DateTimeOffset>().HaveConversion<InstantConverter>();
    }

    private sealed class InstantConverter() : ValueConverter<DateTimeOffset, long>(
        instant => (instant.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond,
        stored => new DateTimeOffset(DateTimeOffset.UnixEpoch.UtcTicks + (stored * TimeSpan.TicksPerMicrosecond), TimeSpan.Zero));
}
