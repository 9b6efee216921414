using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Benchmarks;

/// <summary>The product as a process of its own, with a database in which the senders' domains of <see cref="EventMix"/> are claimed.</summary>
internal sealed class Product : IAsyncDisposable
{
    public const string Token = "benchmark";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _folder;
    private readonly Process _process;

    private Product(DirectoryInfo folder, WebApplication services, Process process, Uri url) => (_folder, Host, _process, Url) = (folder, services, process, url);

    public Uri Url { get; }

    /// <summary>The product's parts over the same database, in this process; not started.</summary>
    public WebApplication Host { get; }

    /// <summary>So far, of all cores.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public long Megabytes => Status("VmRSS:") / 1024;

    /// <summary>The most that it ever had.</summary>
    public long MostMegabytes => Status("VmHWM:") / 1024;

    /// <param name="database">Null: SQLite; else the connection string of a new database in PostgreSQL.</param>
    /// <param name="joinDays">0: deliveries are not remembered.</param>
    /// <param name="more">Settings beside or instead of these.</param>
    /// <param name="claim">Puts other claims into the database.</param>
    public static async Task<Product> StartAsync(
        string? database, int joinDays, IEnumerable<(string Key, string Value)>? more = null, Action<PostmasterDb, PortalUser, DateTimeOffset>? claim = null)
    {
        var folder = Directory.CreateTempSubdirectory("postmaster-rate-");
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Provider:Name"] = "Example Mail", ["Provider:Domain"] = "fbl.provider.example", ["Relay:Kind"] = "directory", ["Lmtp:Listen"] = "off", ["Ingest:Token"] = Token,
            ["Database:Kind"] = database is null ? "sqlite" : "postgres", ["Database:ConnectionString"] = database ?? "",
            ["Traffic:JoinDays"] = joinDays.ToString(CultureInfo.InvariantCulture), ["Logging:LogLevel:Default"] = "Warning",
        };
        foreach (var (key, value) in more ?? [])
            settings[key] = value;
        var services = PostmasterHost.Build(
            new HostSettings(folder.FullName, "http://127.0.0.1:0", settings.ToDictionary(s => s.Key, s => (string?)s.Value, StringComparer.Ordinal)), builder => builder.Logging.ClearProviders());
        await DataServices.MigrateAsync(services.Services, CancellationToken.None);
        await ClaimAsync(services.Services, claim ?? ClaimMix);
        var url = new Uri($"http://127.0.0.1:{FreePort()}");
        var start = new ProcessStartInfo(ProcessRates.Program, ["serve", "--data", folder.FullName, "--urls", url.ToString()]) { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (var (key, value) in settings)
            start.Environment["Postmaster__" + key.Replace(":", "__", StringComparison.Ordinal)] = value;
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var product = new Product(folder, services, process, url);
        await product.WaitAsync();
        return product;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        await Host.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    private static async Task ClaimAsync(IServiceProvider services, Action<PostmasterDb, PortalUser, DateTimeOffset> claim)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<PostmasterDb>>().CreateDbContextAsync();
        var now = TimeProvider.System.GetUtcNow();
        var owner = new PortalUser { UserName = "owner@provider.example", Email = "owner@provider.example", EmailConfirmed = true, CreatedAt = now };
        db.Users.Add(owner);
        claim(db, owner, now);
        await db.SaveChangesAsync();
    }

    private static void ClaimMix(PostmasterDb db, PortalUser owner, DateTimeOffset now)
    {
        for (var i = 0; i < EventMix.Domains; i++)
            db.Claims.Add(Proved(owner, EventMix.DomainOf(i), now));
    }

    public static DomainClaim Proved(PortalUser owner, string domain, DateTimeOffset now)
    {
        var claim = new DomainClaim { OwnerId = owner.Id, Domain = domain, Token = "t", CreatedAt = now, NextCheckAt = now.AddDays(30) };
        claim.Observe(new ClaimObservation(ClaimOutcome.Found, "found"), now, TimeSpan.FromDays(7));
        return claim;
    }

    private async Task WaitAsync()
    {
        using var http = new HttpClient { BaseAddress = Url, Timeout = Patience };
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri("/help", UriKind.Relative));
                return;
            }
            catch (HttpRequestException) when (Stopwatch.GetElapsedTime(started) < Patience && !_process.HasExited)
            {
                await Task.Delay(100);
            }
        }
    }

    /// <summary>In KB.</summary>
    private long Status(string name)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
