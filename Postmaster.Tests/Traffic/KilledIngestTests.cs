using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Data.Cells;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Traffic;

/// <summary>
/// The product is killed (SIGKILL) fifty times (in CI; every day six times) while events come in, at random moments; the feeder sends again what was not
/// acknowledged, and now and then what was. The promise: every counter is then exactly what it would be without.
/// </summary>
public sealed class KilledIngestTests
{
    private const int BatchesOfALife = 16, Lines = 100, UnderWay = 4;
    private static readonly int Kills = RequiredPrograms.RequireAll ? 50 : 6, Batches = 12 * Kills;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    [Fact]
    public Task Every_counter_is_exact_after_many_kills_on_SQLite() => RunAsync(DatabaseKind.Sqlite);

    [NeedsFact("postgres")]
    public Task Every_counter_is_exact_after_many_kills_on_PostgreSQL() => RunAsync(DatabaseKind.Postgres);

    private static async Task RunAsync(DatabaseKind kind)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(kind);
        string folder = Directory.CreateTempSubdirectory("postmaster-kill-").FullName;
        Dictionary<string, string> settings = new(StringComparer.Ordinal)
        {
            ["Provider:Name"] = "Example Mail", ["Provider:Domain"] = "fbl.provider.example", ["Relay:Kind"] = "directory", ["Lmtp:Listen"] = "off", ["Ingest:Token"] = EventKit.Token,
        };
        foreach ((string key, string? value) in database.Settings)
            settings[key] = value ?? "";
        await using WebApplication reader = PostmasterHost.Build(
            new HostSettings(folder, "http://127.0.0.1:0", settings.ToDictionary(s => s.Key, s => (string?)s.Value, StringComparer.Ordinal)), builder => builder.Logging.ClearProviders());
        await DataServices.MigrateAsync(reader.Services, CancellationToken.None);
        var databases = reader.Services.GetRequiredService<IDbContextFactory<PostmasterDb>>();
        await ClaimAsync(databases);
        var traffic = new MadeUpTraffic(seed: 20261122, Batches, Lines, TimeProvider.System.GetUtcNow());

        await new Feeding(traffic, folder, settings).RunAsync();

        await AssertTrueAsync(databases, traffic);
        await reader.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        await TemporaryFolder.DeleteAsync(folder);
    }

    private static async Task ClaimAsync(IDbContextFactory<PostmasterDb> databases)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync();
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        var owner = new PortalUser { UserName = "owner@one.example", Email = "owner@one.example", EmailConfirmed = true, CreatedAt = now };
        db.Users.Add(owner);
        foreach (string domain in MadeUpTraffic.Claimed)
        {
            var claim = new DomainClaim { OwnerId = owner.Id, Domain = domain, Token = Challenge.NewToken(), CreatedAt = now, NextCheckAt = now.AddDays(30) };
            claim.Observe(new ClaimObservation(ClaimOutcome.Found, "found"), now, TimeSpan.FromDays(7));
            db.Claims.Add(claim);
        }

        await db.SaveChangesAsync();
    }

    private static async Task AssertTrueAsync(IDbContextFactory<PostmasterDb> databases, MadeUpTraffic traffic)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync();
        Dictionary<int, string> domains = await db.MailDomains.ToDictionaryAsync(d => d.Id, d => d.Name);
        var counted = new Dictionary<(string, StreamKind, string, DateOnly, TrafficCounter), long>();
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        long inHours = 0;
        foreach (MailStream stream in await db.MailStreams.AsNoTracking().ToListAsync())
        {
            foreach (Cell cell in await CellReader.DaysAsync(db, [stream.Id], today.AddDays(-10), today.AddDays(1), CancellationToken.None))
            {
                foreach (TrafficCounter counter in traffic.Truth.Keys.Select(k => k.Counter).Distinct().Where(c => cell.Counts[c] > 0))
                    counted[(domains[stream.DomainId], stream.Kind, stream.Value, CellKey.OfDay(cell.Key).Day, counter)] = cell.Counts[counter];
            }

            IReadOnlyList<Cell> hours = await CellReader.HoursAsync(db, [stream.Id], TimeProvider.System.GetUtcNow().AddDays(-10), TimeProvider.System.GetUtcNow().AddDays(1), CancellationToken.None);
            inHours += hours.Sum(h => traffic.Truth.Keys.Select(k => k.Counter).Distinct().Sum(c => h.Counts[c]));
        }

        Assert.Equal(traffic.Truth.OrderBy(t => t.Key).Select(t => (t.Key, t.Value)), counted.OrderBy(c => c.Key).Select(c => (c.Key, c.Value)));
        Assert.Equal(traffic.Events, inHours);
        Assert.Equal((traffic.Events, Batches), ((await db.Feeders.SingleAsync()).Events, await db.IngestBatches.CountAsync()));
    }

    /// <summary>The feeder: sends until the last batch is acknowledged, whatever happens to the server.</summary>
    private sealed class Feeding(MadeUpTraffic traffic, string folder, Dictionary<string, string> settings)
    {
        private readonly Random _random = new(1);
        private readonly ConcurrentDictionary<int, bool> _acknowledged = [];

        /// <summary>Batches that were new and got no answer.</summary>
        private int _cutOff;

        public async Task RunAsync()
        {
            // Where a batch is cut off depends on the machine; without any, nothing was tried.
            for (int kill = 0; kill < Kills || (_cutOff == 0 && kill < 20 * Kills); kill++)
            {
                string url = $"http://127.0.0.1:{FreePorts.Next()}";
                await using ServerProcess server = await StartAsync(url);
                Task sending = SendAsync(url, BatchesOfALife, untilKilled: true);
                await WaitAsync(sending);
                server.Kill();
                await sending;
            }

            Assert.True(_cutOff > 0, "no kill came between the first octet and the answer of a new batch");
            string final = $"http://127.0.0.1:{FreePorts.Next()}";
            await using ServerProcess last = await StartAsync(final);
            await SendAsync(final, Batches, untilKilled: false);
            Assert.Equal(Batches, _acknowledged.Count);
        }

        /// <summary>Until a few more batches are acknowledged and a moment has passed: somewhere between the first octet and the last answer.</summary>
        private async Task WaitAsync(Task sending)
        {
            int until = Math.Min(Batches, _acknowledged.Count + _random.Next(BatchesOfALife));
            while (!sending.IsCompleted && _acknowledged.Count < until)
                await Task.Delay(1);
            await Task.Delay(_random.Next(6));
        }

        private async Task<ServerProcess> StartAsync(string url)
        {
            ServerProcess server = ServerProcess.Start(["serve", "--data", folder, "--urls", url], settings);
            await server.WaitForLineAsync("Postmaster is at", Patience);
            return server;
        }

        /// <summary>Ends when the batches are acknowledged, or when the server no longer answers.</summary>
        /// <param name="untilKilled">Goes on with batches that were acknowledged before, so that the server is never idle when it is killed.</param>
        private async Task SendAsync(string url, int batches, bool untilKilled)
        {
            using var http = new HttpClient { Timeout = Patience };
            using var away = new CancellationTokenSource();
            // Two that were acknowledged come again: a feeder that lost the end of the answer.
            var waiting = new ConcurrentQueue<int>([.. _acknowledged.Keys.Take(2), .. Enumerable.Range(0, Batches).Where(b => !_acknowledged.ContainsKey(b)).Take(batches)]);
            await Task.WhenAll(Enumerable.Range(0, UnderWay).Select(async _ =>
            {
                while (!away.IsCancellationRequested && (waiting.TryDequeue(out int batch) || (untilKilled && TryRepeat(out batch))))
                {
                    bool isNew = !_acknowledged.ContainsKey(batch);
                    if (await TrySendAsync(http, url, batch))
                    {
                        _acknowledged[batch] = true;
                        continue;
                    }

                    Interlocked.Add(ref _cutOff, isNew ? 1 : 0);
                    await away.CancelAsync();
                }
            }));
        }

        private bool TryRepeat(out int batch)
        {
            batch = _acknowledged.Keys.FirstOrDefault(-1);
            return batch >= 0;
        }

        private async Task<bool> TrySendAsync(HttpClient http, string url, int batch)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, url + "/api/intake/events") { Content = new ByteArrayContent(traffic.Batches[batch]) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + EventKit.Token);
            request.Headers.TryAddWithoutValidation("Idempotency-Key", $"batch-{batch}");
            try
            {
                using HttpResponseMessage response = await http.SendAsync(request);
                await response.Content.ReadAsByteArrayAsync();
                return response.StatusCode == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }
}
