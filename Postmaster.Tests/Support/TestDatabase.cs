using Microsoft.Data.Sqlite;
using Postmaster.Web.Data;

namespace Postmaster.Tests.Support;

/// <summary>
/// An empty database for one test: the file in the test's data folder or, when the run is about PostgreSQL (POSTMASTER_TEST_DATABASE=postgres) or
/// the test is, a database of <see cref="PostgresInstance"/>.
/// </summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private TestDatabase(DatabaseKind kind, string connectionString) => (Kind, ConnectionString) = (kind, connectionString);

    /// <summary>What this run of the tests is about.</summary>
    public static DatabaseKind KindOfRun { get; } =
        Enum.Parse<DatabaseKind>(Environment.GetEnvironmentVariable("POSTMASTER_TEST_DATABASE") is { Length: > 0 } named ? named : nameof(DatabaseKind.Sqlite), ignoreCase: true);

    public DatabaseKind Kind { get; }

    public string ConnectionString { get; }

    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["Database:Kind"] = Kind.ToString(),
        ["Database:ConnectionString"] = ConnectionString,
    };

    public static async Task<TestDatabase> CreateAsync(DatabaseKind? kind = null) => (kind ?? KindOfRun) is DatabaseKind.Postgres
        ? new TestDatabase(DatabaseKind.Postgres, await (await PostgresInstance.SharedAsync()).CreateDatabaseAsync())
        : new TestDatabase(DatabaseKind.Sqlite, "");

    public void Configure(DatabaseOptions options) => (options.Kind, options.ConnectionString) = (Kind, ConnectionString);

    public async ValueTask DisposeAsync()
    {
        if (Kind is DatabaseKind.Postgres)
            await (await PostgresInstance.SharedAsync()).DropDatabaseAsync(ConnectionString);
        else
            SqliteConnection.ClearAllPools();
    }
}
