using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Npgsql;
using Postmaster.Web.Data.Cells;

namespace Postmaster.Web.Data.Postgres;

/// <summary>The tables in PostgreSQL, for one machine or several. Everything that only PostgreSQL needs is in this folder.</summary>
public sealed class PostgresPostmasterDb(DbContextOptions<PostgresPostmasterDb> options) : PostmasterDb(options)
{
    /// <summary>Any number that no other program in the same database takes for a lock of its own: "Postmast" in ASCII.</summary>
    private const long ExclusiveLock = 0x506F73746D617374;

    public override bool IsStorageFull(Exception failure) => (failure as PostgresException ?? failure.InnerException as PostgresException)?.SqlState is PostgresErrorCodes.DiskFull;

    /// <summary>
    /// Under the default isolation each statement sees what was committed before it, so after the lock it sees all that earlier holders did. The
    /// serializable isolation of PostgreSQL lets transactions fail instead of waiting, and each caller would have to begin again.
    /// </summary>
    public override async Task<IDbContextTransaction> BeginExclusiveAsync(CancellationToken ct)
    {
        IDbContextTransaction transaction = await Database.BeginTransactionAsync(ct);
        try
        {
            await Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({ExclusiveLock})", ct);
            return transaction;
        }
        catch
        {
            await transaction.DisposeAsync();
            throw;
        }
    }

    internal override Task AddCellsAsync(CellTable table, CellBatch deltas, CancellationToken ct) =>
        PostgresCells.AddAsync((NpgsqlConnection)Database.GetDbConnection(), (NpgsqlTransaction)Database.CurrentTransaction!.GetDbTransaction(), table, deltas, ct);

    /// <summary>What is wrong with a connection string, to follow its name in a sentence; null when it can be tried.</summary>
    internal static string? ProblemOf(string connectionString)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
            return "has to be set when Database:Kind is postgres";
        try
        {
            return string.IsNullOrWhiteSpace(new NpgsqlConnectionStringBuilder(connectionString).Host) ? "has to name a Host" : null;
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException)
        {
            return "is not one that PostgreSQL's driver can read";
        }
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        foreach (IMutableProperty property in builder.Model.GetEntityTypes().SelectMany(e => e.GetDeclaredProperties()))
        {
            if ((property.GetProviderClrType() ?? property.ClrType) != typeof(string))
                continue;
            // Lengths are kept by the code that writes, as with SQLite; and texts are ordered by their octets, whatever language the server speaks.
            property.SetMaxLength(null);
            property.SetCollation("C");
        }
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions)
    {
        base.ConfigureConventions(conventions);
        // The driver takes instants in UTC only; mail says them in the sender's zone.
        conventions.Properties<DateTimeOffset>().HaveConversion<InstantConverter>();
    }

    private sealed class InstantConverter() : ValueConverter<DateTimeOffset, DateTimeOffset>(instant => instant.ToUniversalTime(), stored => stored);
}
