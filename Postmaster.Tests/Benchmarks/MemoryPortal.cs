using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Traffic;
using Postmaster.Web.Features.Traffic.Intake;
using Postmaster.Web.Features.Traffic.Memory;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Benchmarks;

/// <summary>A portal with claimed domains that is sent deliveries and what happens to them later; each delivery has a number, and each is another one.</summary>
internal sealed class MemoryPortal : IAsyncDisposable
{
    public const int BatchEvents = 5000;

    private const string Token = "benchmark-token";
    private const int Domains = 20, People = 500_000, FillStep = RoomRules.DefaultEntries;

    /// <summary>Of a hundred events: refused at the door, and things that users did; the rest are deliveries.</summary>
    private const int Refused = 5, Later = 10;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("postmaster-memory-");
    private readonly ConcurrentBag<StringBuilder> _texts = [];
    private readonly HttpClient _http = new();
    private readonly WebApplication _host;
    private long _next = 1L << 40;
    private long _unjoined;

    private MemoryPortal(string? connectionString) => _host = PostmasterHost.Build(
        new HostSettings(_folder.FullName, "http://127.0.0.1:0", new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Provider:Name"] = "Example Mail",
            ["Provider:Domain"] = "fbl.provider.example",
            ["Relay:Kind"] = "directory",
            ["Lmtp:Listen"] = "off",
            ["Ingest:Token"] = Token,
            ["Database:Kind"] = connectionString is null ? "sqlite" : "postgres",
            ["Database:ConnectionString"] = connectionString ?? "",
        }),
        builder => builder.Logging.ClearProviders());

    /// <summary>Deliveries put into the memory by <see cref="FillAsync"/>.</summary>
    public long Filled { get; private set; }

    public long Unjoined => _unjoined;

    public static async Task<MemoryPortal> StartAsync(string? connectionString)
    {
        var portal = new MemoryPortal(connectionString);
        await DataServices.MigrateAsync(portal._host.Services, CancellationToken.None);
        await portal.ClaimAsync();
        await portal._host.StartAsync();
        string address = portal._host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        portal._http.BaseAddress = new Uri(address);
        portal._http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return portal;
    }

    /// <summary>Sends a batch of further events and waits for its acknowledgement.</summary>
    public async Task SendAsync()
    {
        if (!_texts.TryTake(out StringBuilder? text))
            text = new StringBuilder();
        Write(text.Clear(), Interlocked.Add(ref _next, BatchEvents) - BatchEvents);
        using var content = new StringContent(text.ToString(), Encoding.ASCII, "application/x-ndjson");
        _texts.Add(text);
        using HttpResponseMessage response = await _http.PostAsync(new Uri("/api/intake/events", UriKind.Relative), content);
        IngestAnswer? answer = IngestAnswer.FromJson(await response.Content.ReadAsStringAsync());
        if (!response.IsSuccessStatusCode || answer?.Accepted != BatchEvents)
            throw new InvalidOperationException($"The portal answered {(int)response.StatusCode} and took {answer?.Accepted}.");
        Interlocked.Add(ref _unjoined, answer.Unjoined);
    }

    /// <summary>Puts deliveries into the memory until there are so many, past the door.</summary>
    public async Task FillAsync(long deliveries)
    {
        var databases = _host.Services.GetRequiredService<IDbContextFactory<PostmasterDb>>();
        HashRoom room = _host.Services.GetRequiredService<MemoryRooms>().Deliveries;
        KeyedHash hash = await _host.Services.GetRequiredService<TrafficKeys>().OpenAsync(CancellationToken.None);
        KeptStream[][] sets = await StreamsAsync(databases);
        while (Filled < deliveries)
        {
            await using PostmasterDb db = await databases.CreateDbContextAsync();
            await using var transaction = await db.Database.BeginTransactionAsync();
            using (RoomStep step = await room.OpenAsync(db, CancellationToken.None))
            {
                for (long end = Math.Min(deliveries, Filled + FillStep); Filled < end; Filled++)
                {
                    UInt128 key = HashedNames.Delivery(hash, Encoding.ASCII.GetBytes(MessageId(Filled)), Encoding.ASCII.GetBytes(Mailbox(Filled)));
                    step.Put(DeliveryHash.Of(key), StreamSet.Pack(sets[Filled % sets.Length], step.Pool));
                }

                await step.WriteAsync(CancellationToken.None);
            }

            await transaction.CommitAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.StopAsync();
        await _host.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static string MessageId(long number) => string.Create(CultureInfo.InvariantCulture, $"{number:x12}@mail.example");

    private static string Mailbox(long number) => string.Create(CultureInfo.InvariantCulture, $"user{number * 7919 % People:x6}@provider.example");

    /// <summary>Each domain's streams, as the events had them that came by the door.</summary>
    private static async Task<KeptStream[][]> StreamsAsync(IDbContextFactory<PostmasterDb> databases)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync();
        List<MailStream> streams = await db.MailStreams.AsNoTracking().Where(s => s.Kind != StreamKind.Unauthenticated).OrderBy(s => s.DomainId).ThenBy(s => s.Kind).ToListAsync();
        return [.. streams.GroupBy(s => s.DomainId).Select(d => d.DistinctBy(s => s.Kind).Select(s => new KeptStream(s.Id, s.Kind == StreamKind.Whole, s.Kind == StreamKind.ListId)).ToArray()).Where(s => s.Length > 2)];
    }

    private void Write(StringBuilder text, long first)
    {
        string time = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        for (long number = first; number < first + BatchEvents; number++)
        {
            int kind = (int)(number % 100), domain = (int)(number % Domains);
            if (kind < Later)
                WriteLater(text, time, number, kind);
            else
                WriteDelivery(text, time, number, domain, kind < Later + Refused);
        }
    }

    private static void WriteDelivery(StringBuilder text, string time, long number, int domain, bool refused) => text.Append(
        CultureInfo.InvariantCulture,
        $$"""{"kind":"{{(refused ? "rejected" : "delivered")}}","time":"{{time}}","ip":"192.0.2.{{number % 64}}","helo":"mx{{domain}}.sender{{domain}}.example","mail_from":"bounce-{{number:x}}@bounces.sender{{domain}}.example","rcpt":"{{Mailbox(number)}}","from_domain":"sender{{domain}}.example","dkim":[{"domain":"sender{{domain}}.example","selector":"s{{number % 3}}","result":"pass"},{"domain":"platform.example","selector":"k1","result":"pass"}],"spf":"pass","dmarc":"pass","tls":"TLSv1.3","size":{{20_000 + (number % 30_000)}},{{(refused ? "\"reason\":\"spam\"" : "\"folder\":\"inbox\"")}},"list_id":"News <list{{number % 5}}.sender{{domain}}.example>","feedback_id":"c{{number / 100_000 % 20}}:customer{{domain}}:news:platform","message_id":"<{{MessageId(number)}}>"}""").Append('\n');

    /// <summary>One half speaks of deliveries of a while ago, the other of those that were filled in, as far as there are any.</summary>
    private void WriteLater(StringBuilder text, string time, long number, int kind)
    {
        long delivery = kind % 2 == 0 && Filled > 0 ? (long)((ulong)number * 0x9E3779B97F4A7C15UL % (ulong)Filled) : number - (20L * BatchEvents) + Later + Refused;
        text.Append(CultureInfo.InvariantCulture, $$"""{"kind":"{{(kind < 6 ? "read" : kind < 8 ? "deleted_read" : "deleted_unread")}}","time":"{{time}}","message_id":"{{MessageId(delivery)}}","mailbox":"{{Mailbox(delivery)}}"}""").Append('\n');
    }

    private async Task ClaimAsync()
    {
        await using PostmasterDb db = await _host.Services.GetRequiredService<IDbContextFactory<PostmasterDb>>().CreateDbContextAsync();
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        var owner = new PortalUser { UserName = "owner@example.org", Email = "owner@example.org", EmailConfirmed = true, CreatedAt = now };
        db.Users.Add(owner);
        foreach (string domain in Enumerable.Range(0, Domains).Select(i => $"sender{i}.example"))
        {
            var claim = new DomainClaim { OwnerId = owner.Id, Domain = domain, Token = domain, CreatedAt = now, NextCheckAt = now.AddDays(30) };
            claim.Observe(new ClaimObservation(ClaimOutcome.Found, "found"), now, TimeSpan.FromDays(7));
            db.Claims.Add(claim);
        }

        await db.SaveChangesAsync();
    }
}
