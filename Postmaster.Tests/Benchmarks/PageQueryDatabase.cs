using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Benchmarks;

/// <summary>
/// A SQLite database as the portal has it after so many days of so many domains with <see cref="StreamsEach"/> streams each: every cell is there. Filled
/// by SQL in the order of the keys, in a temporary folder that is deleted with it.
/// </summary>
internal sealed class PageQueryDatabase : IDisposable
{
    public const int StreamsEach = 20;

    /// <summary>Domains that have stored verdicts for all of their streams; the others have them for the whole.</summary>
    public const int Judged = 100;

    /// <summary>The kinds of a domain's streams in their order; the first two are all mail and the unauthenticated.</summary>
    private static readonly StreamKind[] Kinds =
    [
        StreamKind.Whole, StreamKind.Unauthenticated, StreamKind.ListId, StreamKind.ListId, StreamKind.ListId, StreamKind.ListId, StreamKind.FeedbackSender, StreamKind.Feedback1, StreamKind.Feedback2,
        StreamKind.Feedback3, StreamKind.Feedback3, StreamKind.MessageType, StreamKind.MessageType, StreamKind.Selector, StreamKind.Selector, StreamKind.EnvelopeDomain, StreamKind.EnvelopeDomain,
        StreamKind.Ip, StreamKind.Ip, StreamKind.Network,
    ];

    /// <summary>Counters that a stream with ordinary mail has; the others stay 0.</summary>
    private static readonly TrafficCounter[] Counted =
    [
        TrafficCounter.DeliveredInbox, TrafficCounter.DeliveredSpam, TrafficCounter.RejectedUnknownUser, TrafficCounter.Deferred, TrafficCounter.Complaint, TrafficCounter.NotSpam, TrafficCounter.Read,
        TrafficCounter.DeletedRead, TrafficCounter.DeletedUnread, TrafficCounter.Unsubscribed, TrafficCounter.Octets, TrafficCounter.DkimKnown, TrafficCounter.DkimPass, TrafficCounter.DkimAligned,
        TrafficCounter.SpfKnown, TrafficCounter.SpfPass, TrafficCounter.SpfAligned, TrafficCounter.DmarcKnown, TrafficCounter.DmarcPass, TrafficCounter.TlsKnown, TrafficCounter.Tls,
        TrafficCounter.BothKnown, TrafficCounter.BothPass,
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("postmaster-pages-");
    private readonly IAsyncDisposable _host;
    private readonly DateOnly _first;

    public PageQueryDatabase(int domains, int days)
    {
        (Domains, Days, _first) = (domains, days, DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(1 - days));
        var host = PostmasterHost.Build(new HostSettings(_folder.FullName, "http://127.0.0.1:0", new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Provider:Name"] = "Example Mail",
            ["Provider:Domain"] = "fbl.provider.example",
            ["Relay:Kind"] = "directory",
            ["Lmtp:Listen"] = "off",
        }));
        (_host, Services) = (host, host.Services);
        using var db = Services.GetRequiredService<IDbContextFactory<PostmasterDb>>().CreateDbContext();
        db.Database.Migrate();
        using var connection = new SqliteConnection(db.Database.GetConnectionString());
        connection.Open();
        // A lost machine costs a run, and nobody reads meanwhile.
        Run(connection, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; PRAGMA temp_store = MEMORY;");
        FillNames(connection);
        FillCells(connection);
        FillVerdicts(connection);
    }

    public int Domains { get; }
    public int Days { get; }
    public long Cells => (long)Domains * StreamsEach * Days;

    /// <summary>The product's own queries are here.</summary>
    public IServiceProvider Services { get; }

    public double Gigabytes => new FileInfo(Path.Combine(_folder.FullName, "postmaster.db")).Length / 1e9;

    /// <summary>One of the domains that have all verdicts, which are spread over the whole table.</summary>
    public string NameOf(int number) => $"d{IdOf(number).ToString(CultureInfo.InvariantCulture)}.example";

    /// <summary>A stream of that domain.</summary>
    /// <param name="place">From 0 to <see cref="StreamsEach"/> - 1.</param>
    public int StreamOf(int number, int place) => ((IdOf(number) - 1) * StreamsEach) + place + 1;

    public void Dispose()
    {
        _host.DisposeAsync().AsTask().GetAwaiter().GetResult();
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    private int IdOf(int number) => (number % Judged * (Domains / Judged)) + 1;

    private void FillNames(SqliteConnection connection)
    {
        var today = DateText(_first.AddDays(Days - 1));
        Run(connection, $"""
            CREATE TEMP TABLE "Numbers" ("N" INTEGER PRIMARY KEY);
            INSERT INTO "Numbers" WITH RECURSIVE "Count"("N") AS (SELECT 1 UNION ALL SELECT "N" + 1 FROM "Count" WHERE "N" < {Math.Max(Days, Domains * StreamsEach)}) SELECT "N" FROM "Count";
            INSERT INTO "Feeders" ("Id", "Name", "CreatedAt", "LastBatchAt", "NewestEventAt", "Events", "BadLines", "Unjoined") SELECT "N", 'mx' || "N", 0, 0, 0, 1, 0, 0 FROM "Numbers" WHERE "N" <= 2;
            INSERT INTO "FeederDays" ("Day", "FeederId", "Hours")
                SELECT date('{DateText(_first)}', '+' || (d."N" - 1) || ' days'), f."N", 16777215 FROM "Numbers" d CROSS JOIN "Numbers" f WHERE d."N" <= {Days} AND f."N" <= 2;
            INSERT INTO "MailDomains" ("Id", "Name", "FirstDay", "LastDay") SELECT "N", 'd' || "N" || '.example', '{DateText(_first)}', '{today}' FROM "Numbers" WHERE "N" <= {Domains};
            INSERT INTO "MailStreams" ("Id", "DomainId", "Kind", "Value", "OwnerType", "OperatorType", "FirstDay", "LastDay")
                SELECT "N", ("N" - 1) / {StreamsEach} + 1, {KindOfPlace}, CASE WHEN ("N" - 1) % {StreamsEach} < 2 THEN '' ELSE 'stream' || ("N" % {StreamsEach}) || '.example' END,
                    CASE WHEN "N" % 4 = 3 THEN 1 ELSE 0 END, 0, '{DateText(_first)}', '{today}'
                FROM "Numbers" WHERE "N" <= {Domains * StreamsEach};
            """);
    }

    private static string KindOfPlace =>
        $"CASE (\"N\" - 1) % {StreamsEach} " + string.Join(' ', Kinds.Select((kind, place) => string.Create(CultureInfo.InvariantCulture, $"WHEN {place} THEN {(int)kind}"))) + " END";

    private void FillCells(SqliteConnection connection)
    {
        var columns = string.Join(", ", Counted.Select(c => $"\"{c}\""));
        var values = string.Join(", ", Counted.Select(c => c switch
        {
            TrafficCounter.Complaint or TrafficCounter.NotSpam or TrafficCounter.RejectedUnknownUser => "s.\"N\" % 7 + d.\"N\" % 2",
            TrafficCounter.Octets => "s.\"N\" % 997 * 31000 + d.\"N\"",
            _ => "1000 + s.\"N\" % 997 + d.\"N\"",
        }));
        Run(connection, $"""
            INSERT INTO "TrafficDays" ("Key", {columns}, "Recipients") SELECT {Key}, {values}, -1
            FROM "Numbers" s CROSS JOIN "Numbers" d WHERE s."N" <= {Domains * StreamsEach} AND d."N" <= {Days}
            """);
    }

    private void FillVerdicts(SqliteConnection connection) => Run(connection, $$"""
        INSERT INTO "ReputationDays" ("Key", "Score", "Level", "Causes", "PerDay", "ComputedAt")
            SELECT {{Key}}, 81.25, 2, '{"complaints":14.1,"unknown_users":3.2,"deleted_unread":1.5}', 1234.5, 0 FROM "Numbers" s CROSS JOIN "Numbers" d
            WHERE s."N" <= {{Domains * StreamsEach}} AND d."N" <= {{Days}} AND ((s."N" - 1) % {{StreamsEach}} = 0 OR (s."N" - 1) / {{StreamsEach}} % {{Domains / Judged}} = 0)
        """);

    /// <summary>The key of the cell of stream <c>s</c> on day <c>d</c>, from 1.</summary>
    private string Key => string.Create(CultureInfo.InvariantCulture, $"s.\"N\" * {CellKey.Day(1, _first) - CellKey.Day(0, _first)} + {CellKey.Day(0, _first) - 1} + d.\"N\"");

    private static string DateText(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandTimeout = 0;
#pragma warning disable CA2100 // names and numbers of this file
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
