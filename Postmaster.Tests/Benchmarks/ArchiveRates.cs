using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Benchmarks;

/// <summary>
/// Searches among a million complaints of one domain, as its page does, and beside it the bound in the same run: the rows of the page read by their keys. By
/// the clock; in SQLite or, with POSTMASTER_TEST_DATABASE=postgres as for the tests, in PostgreSQL.
/// </summary>
internal static class ArchiveRates
{
    private const int Complaints = 1_000_000, Looks = 60, PageSize = 25;
    private const double AskedMilliseconds = 100;

    private static readonly string[] Vocabulary = ArchiveDatabase.Vocabulary;

    public static void Measure(Table table) => MeasureAsync(table).GetAwaiter().GetResult();

    private static async Task MeasureAsync(Table table)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("postmaster-archive-");
        bool inPostgres = string.Equals(Environment.GetEnvironmentVariable("POSTMASTER_TEST_DATABASE"), "postgres", StringComparison.OrdinalIgnoreCase);
        string? postgres = inPostgres ? await (await PostgresInstance.LastingAsync()).CreateDatabaseAsync() : null;
        var host = PostmasterHost.Build(new HostSettings(folder.FullName, "http://127.0.0.1:0", new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Provider:Name"] = "Example Mail", ["Provider:Domain"] = "fbl.provider.example", ["Relay:Kind"] = "directory", ["Lmtp:Listen"] = "off",
            ["Database:Kind"] = inPostgres ? "postgres" : "sqlite", ["Database:ConnectionString"] = postgres ?? "",
        }));
        try
        {
            var started = Stopwatch.GetTimestamp();
            List<Guid> ids = ArchiveDatabase.Fill(host.Services, Complaints, postgres);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Archive: {Complaints:N0} complaints filled in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s."));
            table.Note(string.Create(CultureInfo.InvariantCulture, $"Archive: {Complaints:N0} complaints of one domain in {(inPostgres ? "PostgreSQL" : "SQLite")}."));
            await MeasureAsync(table, host.Services, ids);
        }
        finally
        {
            await host.DisposeAsync();
            SqliteConnection.ClearAllPools();
            folder.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(Table table, IServiceProvider services, List<Guid> ids)
    {
        var queries = services.GetRequiredService<FeedbackLoopQueries>();
        double bound = await MedianAsync(i => KeysAsync(services, ids, i));
        foreach ((string name, Func<int, ComplaintFilter> filter) in Searches())
        {
            int hits = 0;
            double median = await MedianAsync(async i => hits = (await queries.SearchAsync(Guid.Empty, ArchiveDatabase.Domain, filter(i), CancellationToken.None)).Rows.Count);
            table.Add($"archive: {name}", new Rate(1000 / median, double.NaN), $"{PageSize} rows by key", 1000 / bound, null);
            table.Note(string.Create(CultureInfo.InvariantCulture, $"archive: {name}: median {median:0.0} ms ({hits} rows); asked is less than {AskedMilliseconds} ms: {(median < AskedMilliseconds ? "yes" : "NO")}."));
        }
    }

    private static (string Name, Func<int, ComplaintFilter> Filter)[] Searches() =>
    [
        ("a Message-ID", i => Filter($"m{(i * 16661) % Complaints}.abc@sender.example")),
        ("a word of the subject", i => Filter(Vocabulary[i % Vocabulary.Length])),
        ("three words", i => Filter($"{Vocabulary[i % Vocabulary.Length]} {Vocabulary[(i + 7) % Vocabulary.Length]} {Vocabulary[(i + 11) % Vocabulary.Length]}")),
        ("a stream", i => Filter($"list{i % 40}.sender.example")),
        ("a word that half of them have", _ => Filter("even")),
        ("words that are nowhere", i => Filter($"nowhere{i}")),
        ("a beginning that is nowhere", i => Filter($"nowhere{i}*")),
        ("two frequent words that never meet", _ => Filter("even odd")),
        ("a beginning", i => Filter($"m{100 + (i % 900)}*")),
        ("a reported domain", i => Filter(null) with { SigningDomain = $"m{i % 8}.sender.example" }),
        ("a type and a signing domain", _ => Filter(null) with { Type = Press.Phishing, SigningDomain = "m3.sender.example" }),
        ("a day of a year ago", i => new ComplaintFilter(ArchiveDatabase.Now.AddDays(-365 - i), ArchiveDatabase.Now.AddDays(-364 - i), null, PageSize: PageSize)),
        ("a word within one day of a year ago", i => new ComplaintFilter(ArchiveDatabase.Now.AddDays(-365 - i), ArchiveDatabase.Now.AddDays(-364 - i), "sale")),
        ("a word, a stream, a reported domain and a month", i => new ComplaintFilter(
            ArchiveDatabase.Now.AddDays(-400), ArchiveDatabase.Now.AddDays(-370), $"sale list{i % 40}", PageSize: PageSize) { SigningDomain = $"m{i % 8}.sender.example" }),
        ("nothing of a day of a year ago", i => new ComplaintFilter(ArchiveDatabase.Now.AddDays(-365 - i), ArchiveDatabase.Now.AddDays(-364 - i), "nowhere", PageSize: PageSize)),
        ("no filter", _ => Filter(null)),
        ("the last page", _ => Filter("sale") with { Page = 40 }),
    ];

    private static ComplaintFilter Filter(string? text) => new(ArchiveDatabase.Now.AddYears(-3), ArchiveDatabase.Now, text, PageSize: PageSize);

    private static async Task KeysAsync(IServiceProvider services, List<Guid> ids, int look)
    {
        List<Guid> wanted = [.. Enumerable.Range(0, PageSize).Select(i => ids[(int)(((look * 7919L) + (i * 39989L)) % ids.Count)])];
        await using PostmasterDb db = await services.GetRequiredService<IDbContextFactory<PostmasterDb>>().CreateDbContextAsync();
        _ = await db.Complaints.AsNoTracking().Where(c => wanted.Contains(c.Id)).ToListAsync();
    }

    private static async Task<double> MedianAsync(Func<int, Task> look)
    {
        for (var i = 0; i < Looks / 3; i++) // the compiler's share
            await look(i);
        var times = new double[Looks];
        for (var i = 0; i < Looks; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await look(i);
            times[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        Array.Sort(times);
        return times[Looks / 2];
    }
}
