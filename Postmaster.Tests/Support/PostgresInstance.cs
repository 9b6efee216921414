using System.Diagnostics;
using System.Text;
using Npgsql;

namespace Postmaster.Tests.Support;

/// <summary>
/// A real PostgreSQL of the tests' own: one for a test run, made when first asked for, in a temporary folder, reached by a socket there alone.
/// It sorts texts as people do, like most servers, so that a query that relies on ordinal order shows. It ends with the process of the tests,
/// also when that is killed, because the shell around it then reads the end of its input.
/// </summary>
internal sealed class PostgresInstance
{
    private const string User = "postmaster";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);
    private static readonly Lazy<Task<PostgresInstance>> OfThisRun = new(() => StartAsync("-c fsync=off -c full_page_writes=off")), Lasting = new(() => StartAsync(""));
    private readonly string _folder;

    /// <summary>Held, because its input ends when nothing holds it.</summary>
    private readonly Process _shell;

    private PostgresInstance(string folder, Process shell) => (_folder, _shell) = (folder, shell);

    public static Task<PostgresInstance> SharedAsync() => OfThisRun.Value;

    /// <summary>One whose commits are on the disk, as an operator's: for measuring.</summary>
    public static Task<PostgresInstance> LastingAsync() => Lasting.Value;

    /// <summary>Makes an empty database; returns how to connect to it.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        string name = $"test_{Guid.NewGuid():N}";
        await RunAsync($"CREATE DATABASE {name}");
        return Connection(name);
    }

    /// <summary>Drops a database with whoever is still connected to it.</summary>
    public async Task DropDatabaseAsync(string connectionString)
    {
        await using (var pool = new NpgsqlConnection(connectionString))
            NpgsqlConnection.ClearPool(pool);
        await RunAsync($"DROP DATABASE {new NpgsqlConnectionStringBuilder(connectionString).Database} WITH (FORCE)");
    }

    private static async Task<PostgresInstance> StartAsync(string settings)
    {
        string folder = Directory.CreateTempSubdirectory("postgres-test-").FullName, programs = Programs();
        // initdb and postgres refuse to run as root.
        string[] asUser = string.Equals(Environment.UserName, "root", StringComparison.Ordinal)
            ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
            : [];
        if (asUser.Length > 0)
            await Process.Start("chown", ["postgres", folder]).WaitForExitAsync();
        string script = $"""
            cd {folder} &&
            {programs}/initdb -D data -U {User} -A trust -E UTF8 --locale=C.UTF-8 --locale-provider=icu --icu-locale=en --no-sync >log 2>&1 || exit 1
            {programs}/postgres -D data -k {folder} -c listen_addresses= {settings} -c max_connections=400 >>log 2>&1 &
            cat >/dev/null
            kill -QUIT $!
            wait $!
            cd / && rm -rf {folder}
            """;
        string[] line = [.. asUser, "/bin/sh", "-c", script];
        var start = new ProcessStartInfo(line[0], line[1..]) { UseShellExecute = false, RedirectStandardInput = true, WorkingDirectory = "/" };
        var instance = new PostgresInstance(folder, Process.Start(start)!);
        await instance.WaitUntilItAnswersAsync();
        return instance;
    }

    private async Task WaitUntilItAnswersAsync()
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await RunAsync("SELECT 1");
                return;
            }
            catch (NpgsqlException) when (!_shell.HasExited && waited.Elapsed < Patience)
            {
                await Task.Delay(100);
            }
            catch (NpgsqlException failed)
            {
                string log = Path.Combine(_folder, "log");
                throw new InvalidOperationException($"PostgreSQL did not start: {(File.Exists(log) ? await File.ReadAllTextAsync(log, Encoding.UTF8) : "it wrote no log")}", failed);
            }
        }
    }

    private async Task RunAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Connection("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private string Connection(string database) =>
        new NpgsqlConnectionStringBuilder { Host = _folder, Username = User, Database = database, MaxPoolSize = 20 }.ConnectionString;

    /// <summary>The folder of initdb and postgres.</summary>
    private static string Programs() =>
        Path.GetDirectoryName(RequiredPrograms.Find("initdb")) ?? throw new InvalidOperationException("PostgreSQL is not installed (deploy/test.sh installs it).");
}
