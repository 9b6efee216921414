using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Postmaster.Web.Data.Sqlite;

namespace Postmaster.Tests.Data;

public sealed class WholeMigrationsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("postmaster-migrations-");

    [Fact]
    public void No_command_of_any_migration_stands_outside_of_its_transaction()
    {
        using SqlitePostmasterDb db = Open();
        var assembly = db.GetService<IMigrationsAssembly>();
        var generator = db.GetService<IMigrationsSqlGenerator>();
        foreach ((string id, System.Reflection.TypeInfo type) in assembly.Migrations)
        {
            Migration migration = assembly.CreateMigration(type, db.Database.ProviderName!);
            IModel model = db.GetService<IModelRuntimeInitializer>().Initialize(migration.TargetModel);
            Assert.All(generator.Generate(migration.UpOperations, model), c => Assert.False(c.TransactionSuppressed, $"{id}: {c.CommandText}"));
        }
    }

    [Fact]
    public async Task A_migration_that_was_stopped_half_way_left_nothing_and_goes_through_the_next_time_with_all_rows()
    {
        await using SqlitePostmasterDb db = Open();
        string[] all = [.. db.Database.GetMigrations()];
        // It builds a table anew, and makes others after that.
        int programme = Array.FindIndex(all, m => m.EndsWith("_Programme", StringComparison.Ordinal));
        await db.GetService<IMigrator>().MigrateAsync(all[programme - 1]);
        await db.Database.OpenConnectionAsync();
        await db.Database.ExecuteSqlRawAsync("PRAGMA foreign_keys = 0; INSERT INTO \"ReportDeliveries\" VALUES ('a', 'b', 'c'); CREATE TABLE \"ApiKeys\" (\"InTheWay\" INTEGER);");
        await db.Database.CloseConnectionAsync();
        string before = await SchemaAsync(db);

        await Assert.ThrowsAsync<SqliteException>(() => WholeMigrations.RunAsync(db, CancellationToken.None));
        Assert.Equal(before, await SchemaAsync(db));
        await db.Database.ExecuteSqlRawAsync("DROP TABLE \"ApiKeys\"");
        await WholeMigrations.RunAsync(db, CancellationToken.None);

        Assert.Empty(await db.Database.GetPendingMigrationsAsync());
        Assert.Equal(1, await CountAsync(db, "SELECT COUNT(*) AS \"Value\" FROM \"ReportDeliveries\""));
        Assert.Equal(1, await CountAsync(db, "SELECT \"foreign_keys\" AS \"Value\" FROM pragma_foreign_keys"));
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    private SqlitePostmasterDb Open() => new(new DbContextOptionsBuilder<SqlitePostmasterDb>()
        .UseSqlite($"Data Source={Path.Combine(_folder.FullName, "postmaster.db")}").AddInterceptors(new SqliteConnectionSettings()).ReplaceService<IMigrationsSqlGenerator, WholeMigrations>().Options);

    private static async Task<string> SchemaAsync(SqlitePostmasterDb db) =>
        string.Join('\n', await db.Database.SqlQueryRaw<string>("SELECT \"sql\" AS \"Value\" FROM sqlite_master WHERE \"sql\" IS NOT NULL").ToListAsync());

    private static Task<int> CountAsync(SqlitePostmasterDb db, string sql) => db.Database.SqlQueryRaw<int>(sql).SingleAsync();
}
