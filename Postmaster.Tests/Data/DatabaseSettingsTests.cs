using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Data.Postgres;
using Postmaster.Web.Data.Sqlite;

namespace Postmaster.Tests.Data;

/// <summary>Which database, and whether its tables and its keys are the product's.</summary>
public sealed class DatabaseSettingsTests
{
    [Theory]
    [InlineData("postgres", "", "has to be set when Database:Kind is postgres")]
    [InlineData("postgres", "Database=postmaster", "has to name a Host")]
    [InlineData("postgres", "Host=localhost;Colour=red", "driver can read")]
    [InlineData("postgres", "rubbish", "driver can read")]
    [InlineData("mysql", "", "Database:Kind")]
    public async Task What_cannot_work_stops_the_start_with_the_name_of_the_setting(string kind, string connection, string words)
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Database:Kind"] = kind, ["Database:ConnectionString"] = connection };
        OptionsValidationException refused = await Assert.ThrowsAsync<OptionsValidationException>(() => PostmasterApp.StartAsync(settings));
        Assert.Contains(words, string.Join(' ', refused.Failures), StringComparison.Ordinal);
        Assert.Contains("Database:", string.Join(' ', refused.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void The_migrations_of_both_databases_hold_the_whole_model()
    {
        using PostmasterDb sqlite = new SqliteDesignFactory().CreateDbContext([]), postgres = new PostgresDesignFactory().CreateDbContext([]);
        Assert.False(sqlite.Database.HasPendingModelChanges(), "run deploy/add-migration.sh NAME");
        Assert.False(postgres.Database.HasPendingModelChanges(), "run deploy/add-migration.sh NAME");
        Assert.Equal(Names(sqlite), Names(postgres));

        static IEnumerable<string> Names(PostmasterDb db) => db.Database.GetMigrations().Select(m => m[(m.IndexOf('_', StringComparison.Ordinal) + 1)..]);
    }

    [Fact]
    public async Task Keys_that_open_nothing_in_the_database_stop_the_start()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        await app.SignedUpAsync("ann@owner.example"); // a mail was signed: there is a key
        DirectoryInfo others = Directory.CreateTempSubdirectory("postmaster-keys-");
        try
        {
            var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Keys:Directory"] = others.FullName };
            OptionsValidationException refused = await Assert.ThrowsAsync<OptionsValidationException>(() => app.RestartAsync(settings));
            Assert.Contains("Keys:Directory", Assert.Single(refused.Failures), StringComparison.Ordinal);
        }
        finally
        {
            others.Delete(recursive: true);
        }
    }
}
