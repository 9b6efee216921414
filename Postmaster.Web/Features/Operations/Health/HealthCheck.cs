using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Dns;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Features.Intake;
using Postmaster.Web.Features.Traffic.Intake;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Operations.Health;

/// <summary>Looks at each part of the service once. Runs in a process of its own, so that it also speaks when the server does not.</summary>
public sealed class HealthCheck(
    IDbContextFactory<PostmasterDb> databases, IDnsResolver dns, RelayProbe relay, ProviderSigner signer, OutboxQueries outbox, FeederQueries feeders, DataDirectory data,
    IOptions<DatabaseOptions> database, IOptions<IngestOptions> ingest, TimeProvider time)
{
    /// <summary>A mail that waits for longer means that the relay is ill, however young the other mails are.</summary>
    private static readonly TimeSpan SlowQueue = TimeSpan.FromMinutes(30), StuckQueue = TimeSpan.FromHours(4);

    /// <summary>A complaint is worked on as soon as it is due.</summary>
    private static readonly TimeSpan StuckComplaint = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private const long LowDisk = 1L << 30, FullDisk = 200L << 20;

    public async Task<HealthReport> RunAsync(CancellationToken ct)
    {
        List<HealthItem> items = [await ServerAsync(ct)];
        HealthItem tables = await DatabaseAsync(ct);
        items.Add(tables);
        items.Add(await relay.LookAsync(Patience, ct));
        items.Add(Disk());
        items.Add(IngestToken());
        if (tables.Severity == FindingSeverity.Critical)
            return new HealthReport(items, null);

        items.Add(await QueueAsync(ct));
        items.Add(await ComplaintsAsync(ct));
        items.Add(await FeedersAsync(ct));
        SigningKeyRecord key = await SigningKeyAsync(ct);
        items.Add(Dns(key));
        items.Add(SigningKey(key));
        return new HealthReport(items, key);
    }

    private async Task<HealthItem> ServerAsync(CancellationToken ct)
    {
        const string name = "server";
        string url = ingest.Value.Url.TrimEnd('/') + "/health";
        try
        {
            using var http = new HttpClient { Timeout = Patience };
            using HttpResponseMessage response = await http.GetAsync(new Uri(url), ct);
            return response.IsSuccessStatusCode
                ? new HealthItem(name, FindingSeverity.Ok, $"answers at {ingest.Value.Url}")
                : new HealthItem(name, FindingSeverity.Critical, $"{url} answers {(int)response.StatusCode}");
        }
        catch (Exception away) when (away is HttpRequestException or UriFormatException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return new HealthItem(name, FindingSeverity.Critical, $"does not answer at {ingest.Value.Url}; start it, or say in Ingest:Url where it is");
        }
    }

    private async Task<HealthItem> DatabaseAsync(CancellationToken ct)
    {
        const string name = "database";
        try
        {
            await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
            if (!await db.Database.CanConnectAsync(ct))
                return new HealthItem(name, FindingSeverity.Critical, database.Value.Kind is DatabaseKind.Postgres
                    ? "cannot be reached; look whether PostgreSQL runs, and at Database:ConnectionString"
                    : $"cannot be opened in {data.Root}; start the server once, or name its folder with --data");
            int pending = (await db.Database.GetPendingMigrationsAsync(ct)).Count();
            return pending == 0
                ? new HealthItem(name, FindingSeverity.Ok, "can be read, its tables are of this version")
                : new HealthItem(name, FindingSeverity.Critical, $"its tables are of an older version ({pending} migrations behind); the server brings them up when it starts");
        }
        catch (Exception failed) when (failed is System.Data.Common.DbException or IOException or InvalidOperationException)
        {
            return new HealthItem(name, FindingSeverity.Critical, $"cannot be read: {failed.Message}");
        }
    }

    private async Task<HealthItem> QueueAsync(CancellationToken ct)
    {
        QueueSummary queue = await outbox.SummaryAsync(ct);
        TimeSpan age = queue.OldestQueuedAt is { } oldest ? time.GetUtcNow() - oldest : TimeSpan.Zero;
        FindingSeverity severity = age > StuckQueue ? FindingSeverity.Critical : age > SlowQueue || queue.Failed > 0 ? FindingSeverity.Warning : FindingSeverity.Ok;
        string oldestWords = queue.Queued == 0 ? "" : $", the oldest for {Words(age)}";
        string failed = queue.Failed == 0 ? "" : $"; {queue.Failed} given up in the last 7 days (see /operator/queue)";
        return new HealthItem("queue", severity, $"{queue.Queued} mails wait{oldestWords}{failed}");
    }

    private async Task<HealthItem> ComplaintsAsync(CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        DateTimeOffset latest = time.GetUtcNow() - StuckComplaint;
        int stuck = await db.KeptComplaints.CountAsync(k => (k.State == KeptState.Kept || k.State == KeptState.Held) && k.DueAt < latest, ct);
        return stuck == 0
            ? new HealthItem("complaints", FindingSeverity.Ok, "none is overdue")
            : new HealthItem("complaints", FindingSeverity.Critical, $"{stuck} are overdue by more than {Words(StuckComplaint)}; is the server running?");
    }

    private async Task<HealthItem> FeedersAsync(CancellationToken ct)
    {
        const string name = "feeders";
        ILookup<FeederStanding, FeederRow> rows = (await feeders.ListAsync(ct)).ToLookup(f => f.Standing);
        if (rows[FeederStanding.Silent].Any())
        {
            IEnumerable<string> silent = rows[FeederStanding.Silent].Select(f => $"{f.Name} for {Words(time.GetUtcNow() - f.LastBatchAt!.Value)}");
            return new HealthItem(name, FindingSeverity.Warning, $"silent: {string.Join(", ", silent)} (see /operator/feeders)");
        }

        int talking = rows[FeederStanding.Talks].Count();
        return new HealthItem(name, FindingSeverity.Ok, talking switch
        {
            0 => "none tells of the traffic yet",
            1 => "one tells of the traffic",
            _ => $"{talking} tell of the traffic",
        });
    }

    private async Task<SigningKeyRecord> SigningKeyAsync(CancellationToken ct)
    {
        string value = await signer.TxtValueAsync(ct);
        DnsAnswer answer = await dns.QueryFreshAsync(signer.TxtName, DnsRecordType.TXT, ct);
        bool? published = answer.IsSilent
            ? null
            : answer.Records.OfType<TxtRecord>().Any(t => string.Equals(WithoutSpace(t.Text), WithoutSpace(value), StringComparison.Ordinal));
        return new SigningKeyRecord(signer.TxtName, value, published);
    }

    private static HealthItem Dns(SigningKeyRecord key) => key.Published is null
        ? new HealthItem("dns", FindingSeverity.Critical, $"gave no answer for {key.Name}; complaints cannot be authenticated until it does")
        : new HealthItem("dns", FindingSeverity.Ok, "answers");

    private static HealthItem SigningKey(SigningKeyRecord key) => key.Published switch
    {
        true => new HealthItem("signing_key", FindingSeverity.Ok, $"is published at {key.Name}"),
        false => new HealthItem("signing_key", FindingSeverity.Warning, $"is not published, so receivers cannot verify our reports. TXT record {key.Name}: {key.Value}"),
        null => new HealthItem("signing_key", FindingSeverity.Unknown, $"could not be looked up. TXT record {key.Name}: {key.Value}"),
    };

    private HealthItem Disk()
    {
        long free = new DriveInfo(data.Root).AvailableFreeSpace;
        FindingSeverity severity = free < FullDisk ? FindingSeverity.Critical : free < LowDisk ? FindingSeverity.Warning : FindingSeverity.Ok;
        return new HealthItem("disk", severity, string.Create(CultureInfo.InvariantCulture, $"{free / (double)(1L << 30):0.0} GB free at {data.Root}"));
    }

    private HealthItem IngestToken() => ingest.Value.Token.Length > 0
        ? new HealthItem("ingest_token", FindingSeverity.Ok, "is set")
        : new HealthItem("ingest_token", FindingSeverity.Warning, "Ingest:Token is not set: the HTTP doors refuse everybody");

    private static string WithoutSpace(string text) => text.Replace(" ", "", StringComparison.Ordinal);

    private static string Words(TimeSpan age) => age < TimeSpan.FromHours(2)
        ? string.Create(CultureInfo.InvariantCulture, $"{age.TotalMinutes:0} minutes")
        : string.Create(CultureInfo.InvariantCulture, $"{age.TotalHours:0} hours");
}
