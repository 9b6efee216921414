using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Complaints.Archive;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Benchmarks;

/// <summary>
/// Searches among a million complaints of one domain in SQLite, as its page does, and beside it the bound in the same run: the rows of the page read by
/// their keys. By the clock.
/// </summary>
internal static class ArchiveRates
{
    private const int Complaints = 1_000_000, Looks = 60, PageSize = 25;
    private const double AskedMilliseconds = 100;
    private const string Domain = "sender.example";

    private static readonly string[] Vocabulary =
        [.. "spring summer autumn winter sale offer weekly news invoice order shipped reminder webinar invitation account password update free gift card points travel hotel flight book music sport garden kitchen".Split(' ')];

    private static readonly DateTimeOffset Now = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    public static void Measure(Table table) => MeasureAsync(table).GetAwaiter().GetResult();

    private static async Task MeasureAsync(Table table)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("postmaster-archive-");
        var host = PostmasterHost.Build(new HostSettings(folder.FullName, "http://127.0.0.1:0", new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Provider:Name"] = "Example Mail", ["Provider:Domain"] = "fbl.provider.example", ["Relay:Kind"] = "directory", ["Lmtp:Listen"] = "off",
        }));
        try
        {
            var started = Stopwatch.GetTimestamp();
            List<Guid> ids = Fill(host.Services);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Archive: {Complaints:N0} complaints filled in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s."));
            table.Note(string.Create(CultureInfo.InvariantCulture, $"Archive: {Complaints:N0} complaints of one domain in a database of {new FileInfo(Path.Combine(folder.FullName, "postmaster.db")).Length / 1e9:0.0} GB."));
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
        (string Name, Func<int, ComplaintFilter> Filter)[] searches =
        [
            ("a Message-ID", i => Filter($"m{(i * 16661) % Complaints}.abc@sender.example")),
            ("a word of the subject", i => Filter(Vocabulary[i % Vocabulary.Length])),
            ("three words", i => Filter($"{Vocabulary[i % Vocabulary.Length]} {Vocabulary[(i + 7) % Vocabulary.Length]} {Vocabulary[(i + 11) % Vocabulary.Length]}")),
            ("two frequent words that never meet", _ => Filter("even odd")),
            ("a beginning", i => Filter($"m{100 + (i % 900)}*")),
            ("a type and a signing domain", _ => Filter(null) with { Type = Press.Phishing, SigningDomain = "m3.sender.example" }),
            ("a word within one day of a year ago", i => new ComplaintFilter(Now.AddDays(-365 - i), Now.AddDays(-364 - i), "sale")),
            ("no filter", _ => Filter(null)),
            ("the last page", _ => Filter("sale") with { Page = 40 }),
        ];
        foreach ((string name, Func<int, ComplaintFilter> filter) in searches)
        {
            int hits = 0;
            double median = await MedianAsync(async i => hits = (await queries.SearchAsync(Guid.Empty, Domain, filter(i), CancellationToken.None)).Rows.Count);
            table.Add($"archive: {name}", new Rate(1000 / median, double.NaN), $"{PageSize} rows by key", 1000 / bound, null);
            table.Note(string.Create(CultureInfo.InvariantCulture, $"archive: {name}: median {median:0.0} ms ({hits} rows); asked is less than {AskedMilliseconds} ms: {(median < AskedMilliseconds ? "yes" : "NO")}."));
        }
    }

    private static ComplaintFilter Filter(string? text) => new(Now.AddYears(-3), Now, text, PageSize: PageSize);

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

    private static Complaint Make(int number, Random random)
    {
        var pressed = Now.AddSeconds(-(Complaints - number) * 60.0);
        string Word() => Vocabulary[random.Next(Vocabulary.Length)];
        return new Complaint
        {
            Id = Guid.CreateVersion7(pressed), KeptId = Guid.NewGuid(), Domain = Domain, SigningDomain = $"m{number % 8}.{Domain}", PressedAt = pressed, ArrivedAt = pressed.AddHours(-2),
            Subject = $"{Word()} {Word()} {Word()} {Word()} {(number % 2 == 0 ? "even" : "odd")} {number % 5000}", MessageId = $"m{number}.abc@{Domain}", ListId = $"list{number % 40}.{Domain}",
            FeedbackId = $"c{number % 900}:shop:news:{Domain}", Press = number % 97 == 0 ? Press.Phishing : Press.Spam, Evidence = Evidence.VerifiedNow,
        };
    }

    /// <summary>As counting and the merger would have left it, by SQL.</summary>
    private static List<Guid> Fill(IServiceProvider services)
    {
        using var db = services.GetRequiredService<IDbContextFactory<PostmasterDb>>().CreateDbContext();
        db.Database.Migrate();
        using var connection = new SqliteConnection(db.Database.GetConnectionString());
        connection.Open();
        using (SqliteCommand settings = connection.CreateCommand())
        {
            settings.CommandText = "PRAGMA foreign_keys = OFF; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;";
            settings.ExecuteNonQuery();
        }

        using SqliteTransaction transaction = connection.BeginTransaction();
        using SqliteCommand complaint = Insert(connection, "Complaints", "Id", "KeptId", "Domain", "SigningDomain", "PressedAt", "ArrivedAt", "Subject", "MessageId", "ListId", "FeedbackId", "Press", "Evidence", "ArchiveBlockId", "ArchivePlace");
        using SqliteCommand block = Insert(connection, "ArchiveBlocks", "Id", "Domain", "OldestAt", "NewestAt", "Places", "Handled");
        using SqliteCommand word = Insert(connection, "ArchiveWords", "BlockId", "Word", "Places");
        var random = new Random(42);
        var ids = new List<Guid>(Complaints);
        for (int first = 0; first < Complaints; first += PlaceSet.Places)
        {
            List<Complaint> rows = [.. Enumerable.Range(first, Math.Min(PlaceSet.Places, Complaints - first)).Select(n => Make(n, random)).Reverse()];
            int id = (first / PlaceSet.Places) + 1;
            bool closed = rows.Count == PlaceSet.Places;
            for (int place = 0; place < rows.Count; place++)
            {
                Complaint c = rows[place];
                ids.Add(c.Id);
                Run(complaint, c.Id, c.KeptId, c.Domain, c.SigningDomain, Instant(c.PressedAt), Instant(c.ArrivedAt!.Value), c.Subject!, c.MessageId!, c.ListId!, c.FeedbackId!, c.Press.ToString(), c.Evidence.ToString(),
                    closed ? id : DBNull.Value, closed ? place : DBNull.Value);
            }

            if (!closed)
                continue;
            Run(block, id, Domain, Instant(rows[^1].PressedAt), Instant(rows[0].PressedAt), BlockPlaces.Write(rows.ConvertAll(r => (r.PressedAt, r.Id))), new PlaceSet().WriteBitmap());
            foreach (ArchiveWord w in ArchiveMerger.WordsOf(id, rows))
                Run(word, w.BlockId, w.Word, w.Places);
        }

        transaction.Commit();
        return ids;
    }

    private static long Instant(DateTimeOffset at) => (at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    private static SqliteCommand Insert(SqliteConnection connection, string table, params string[] columns)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"INSERT INTO \"{table}\" ({string.Join(", ", columns.Select(c => $"\"{c}\""))}) VALUES ({string.Join(", ", columns.Select((_, i) => $"$p{i}"))})";
        for (int i = 0; i < columns.Length; i++)
            command.Parameters.AddWithValue($"$p{i}", DBNull.Value);
        return command;
    }

    private static void Run(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (int i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
        command.ExecuteNonQuery();
    }
}
