using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Benchmarks;

/// <summary>
/// Events over HTTP into the product, which runs as a process of its own: made before, sent in batches of 5,000, counted when the answer has come,
/// that is after the commit. By the clock, and by the processor time that the product used, for machines that do other things as well.
/// Deliveries are not remembered here (<see cref="MemoryRates"/> measures that). Beside it the bound: reading the JSON of the same lines and doing nothing with it.
/// </summary>
internal static class IngestRates
{
    private const int Bodies = 40, UnderWay = 16, WarmUp = 120, Rounds = 3, RequestsOfARound = 160;
    private const string Token = "benchmark";
    private const double Asked = 150_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static void Measure(Table table) => MeasureAsync(table).GetAwaiter().GetResult();

    private static async Task MeasureAsync(Table table)
    {
        var mix = new EventMix(seed: 1);
        var now = TimeProvider.System.GetUtcNow();
        byte[][] bodies = [.. Enumerable.Range(0, Bodies).Select(_ => mix.Batch(now))];
        var bound = Rate.Of(() => ReadTokens(bodies[0])).PerSecond * EventMix.LinesOfABatch;
        OneCore.Release();
        await MeasureAsync(table, new Case("events into SQLite", "sqlite", "", Asked), bodies, bound);
        if (RequiredPrograms.Find("initdb") is not null)
            await MeasureAsync(table, new Case("events into PostgreSQL", "postgres", await (await PostgresInstance.SharedAsync()).CreateDatabaseAsync(), Asked * 2 / 3), bodies, bound);
        OneCore.Keep();
    }

    private static async Task MeasureAsync(Table table, Case what, byte[][] bodies, double bound)
    {
        var data = Directory.CreateTempSubdirectory("postmaster-ingest-").FullName;
        try
        {
            await ClaimAsync(data, what);
            var url = $"http://127.0.0.1:{FreePort()}";
            using var product = Start(data, url, what);
            try
            {
                await RunAsync(table, what, product, url, bodies, bound);
            }
            finally
            {
                product.Kill();
                await product.WaitForExitAsync();
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static async Task RunAsync(Table table, Case what, Process product, string url, byte[][] bodies, double bound)
    {
        using var http = new HttpClient { BaseAddress = new Uri(url), Timeout = Patience };
        await WaitAsync(http);
        await SendAsync(http, bodies, WarmUp, "warm");
        var resident = new List<long>();
        var best = 0.0;
        var leastProcessor = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            product.Refresh();
            var processor = product.TotalProcessorTime;
            var started = Stopwatch.GetTimestamp();
            await SendAsync(http, bodies, RequestsOfARound, string.Create(CultureInfo.InvariantCulture, $"round{round}"));
            var elapsed = Stopwatch.GetElapsedTime(started);
            product.Refresh();
            const double Events = RequestsOfARound * EventMix.LinesOfABatch;
            best = Math.Max(best, Events / elapsed.TotalSeconds);
            leastProcessor = Math.Min(leastProcessor, (product.TotalProcessorTime - processor).TotalSeconds / Events);
            resident.Add(product.WorkingSet64);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ingest round {round}: {Events / elapsed.TotalSeconds:N0}/s by the clock, {(product.TotalProcessorTime - processor).TotalSeconds / Events * 1e6:0.00} us of processor each, {product.WorkingSet64 >> 20} MB"));
        }

        var octets = bodies.Average(b => (double)b.Length) / EventMix.LinesOfABatch;
        table.Add(what.Name, new Rate(best, double.NaN), "asked", what.Asked, 1);
        table.Add(what.Name, new Rate(best, double.NaN), "JSON alone, two cores", 2 * bound, null);
        table.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"{what.Name}: {octets:0} octets each, in batches of {EventMix.LinesOfABatch}, answered after the commit, {UnderWay} under way: {best:N0}/s by the clock beside the load generator on the same cores, asked is {what.Asked:N0}/s. The product used {leastProcessor * 1e6:0.00} us of processor time an event, {1 / leastProcessor:N0}/s on one core; reading the tokens alone {bound:N0}/s on one core."));
        table.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"{what.Name}: memory of at most {Peak(product) / 1024:N0} MB, after each third {string.Join(", ", resident.Select(r => r >> 20))} MB; asked is less than 600 MB."));
    }

    private static async Task SendAsync(HttpClient http, byte[][] bodies, int requests, string run)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, UnderWay).Select(async _ =>
        {
            int number;
            while ((number = Interlocked.Increment(ref next)) < requests)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/api/intake/events") { Content = new ByteArrayContent(bodies[number % bodies.Length]) };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
                request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + Token);
                request.Headers.TryAddWithoutValidation("Idempotency-Key", string.Create(CultureInfo.InvariantCulture, $"{run}-{number}"));
                using var response = await http.SendAsync(request);
                var answer = await response.Content.ReadAsStringAsync();
                if (!response.IsSuccessStatusCode || !answer.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{{\"accepted\":{EventMix.LinesOfABatch},\"bad\":0,"), StringComparison.Ordinal))
                    throw new InvalidOperationException($"{response.StatusCode}: {answer}");
            }
        }));
    }

    private static void ReadTokens(byte[] lines)
    {
        for (var start = 0; start < lines.Length;)
        {
            var length = lines.AsSpan(start).IndexOf((byte)'\n');
            var json = new Utf8JsonReader(lines.AsSpan(start, length));
            while (json.Read())
            {
            }

            start += length + 1;
        }
    }

    /// <summary>A database in which the senders' domains are claimed.</summary>
    private static async Task ClaimAsync(string data, Case what)
    {
        await using var host = PostmasterHost.Build(new HostSettings(data, null, SettingsOf(what).ToDictionary(s => s.Key, s => (string?)s.Value, StringComparer.Ordinal)));
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<PostmasterDb>>().CreateDbContextAsync();
        await db.Database.MigrateAsync();
        var now = TimeProvider.System.GetUtcNow();
        var owner = new PortalUser { UserName = "owner@provider.example", Email = "owner@provider.example", EmailConfirmed = true, CreatedAt = now };
        db.Users.Add(owner);
        for (var i = 0; i < EventMix.Domains; i++)
        {
            var claim = new DomainClaim { OwnerId = owner.Id, Domain = EventMix.DomainOf(i), Token = "t", CreatedAt = now, NextCheckAt = now.AddDays(30) };
            claim.Observe(new ClaimObservation(ClaimOutcome.Found, "found"), now, TimeSpan.FromDays(7));
            db.Claims.Add(claim);
        }

        await db.SaveChangesAsync();
    }

    private static Dictionary<string, string> SettingsOf(Case what) => new(StringComparer.Ordinal)
    {
        ["Provider:Name"] = "Example Mail", ["Provider:Domain"] = "fbl.provider.example", ["Relay:Kind"] = "directory", ["Lmtp:Listen"] = "off", ["Ingest:Token"] = Token,
        ["Traffic:JoinDays"] = "0", ["Database:Kind"] = what.Kind, ["Database:ConnectionString"] = what.ConnectionString, ["Logging:LogLevel:Default"] = "Warning",
    };

    private static Process Start(string data, string url, Case what)
    {
        var start = new ProcessStartInfo(ProcessRates.Program, ["serve", "--data", data, "--urls", url]) { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (var (key, value) in SettingsOf(what))
            start.Environment["Postmaster__" + key.Replace(":", "__", StringComparison.Ordinal)] = value;
        var product = Process.Start(start)!;
        product.OutputDataReceived += (_, _) => { };
        product.BeginOutputReadLine();
        return product;
    }

    private static async Task WaitAsync(HttpClient http)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri("/help", UriKind.Relative));
                return;
            }
            catch (HttpRequestException) when (Stopwatch.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(100);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <param name="Kind">Of the database.</param>
    /// <param name="Asked">Events a second.</param>
    private sealed record Case(string Name, string Kind, string ConnectionString, double Asked);

    /// <summary>In KB.</summary>
    private static long Peak(Process product)
    {
        var line = File.ReadLines($"/proc/{product.Id}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return line is null ? product.PeakWorkingSet64 / 1024 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
