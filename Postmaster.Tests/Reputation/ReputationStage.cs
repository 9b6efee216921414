using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Data.Cells;
using Postmaster.Web.Features.Reputation;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Reputation;

/// <summary>The slice of reputation over a real database, with counters that a test writes and a clock that it moves.</summary>
internal sealed class ReputationStage : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("postmaster-reputation-").FullName;
    private readonly TestDatabase _database;
    private readonly ServiceProvider _services;

    private ReputationStage(TestDatabase database)
    {
        _database = database;
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(new DataDirectory(_folder));
        services.AddSingleton<TimeProvider>(Time);
        services.AddOptions<DatabaseOptions>().Configure(database.Configure);
        services.AddOptions<ReputationOptions>();
        services.AddOptions<PrivacyOptions>();
        services.AddPostmasterData();
        services.AddSingleton<ReputationStore>();
        services.AddSingleton<ReputationQueries>();
        _services = services.BuildServiceProvider();
    }

    public ManualTime Time { get; } = new();
    public ReputationStore Store => _services.GetRequiredService<ReputationStore>();
    public ReputationQueries Queries => _services.GetRequiredService<ReputationQueries>();
    public DateOnly Today => DateOnly.FromDateTime(Time.GetUtcNow().UtcDateTime);

    public static async Task<ReputationStage> OpenAsync()
    {
        var stage = new ReputationStage(await TestDatabase.CreateAsync());
        await DataServices.MigrateAsync(stage._services, CancellationToken.None);
        return stage;
    }

    public Task<PostmasterDb> OpenDbAsync() => _services.GetRequiredService<IDbContextFactory<PostmasterDb>>().CreateDbContextAsync();

    /// <summary>Another machine on the same database.</summary>
    public ReputationStore OtherMachine() => new(
        _services.GetRequiredService<IDbContextFactory<PostmasterDb>>(), _services.GetRequiredService<IOptions<ReputationOptions>>(), _services.GetRequiredService<IOptions<PrivacyOptions>>(), Time);

    /// <summary>A claim in force and a counted domain; returns the id of its whole stream.</summary>
    public async Task<int> AddDomainAsync(string name, bool claimed = true)
    {
        await using PostmasterDb db = await OpenDbAsync();
        if (claimed)
        {
            PortalUser owner = await db.Users.FirstOrDefaultAsync() ?? new PortalUser { UserName = "ann@owner.example", Email = "ann@owner.example", CreatedAt = Time.GetUtcNow() };
            if (db.Entry(owner).State == EntityState.Detached)
                db.Add(owner);
            var claim = new DomainClaim { OwnerId = owner.Id, Domain = name, Token = "token", CreatedAt = Time.GetUtcNow(), NextCheckAt = null };
            claim.Observe(new ClaimObservation(ClaimOutcome.Found, "found"), Time.GetUtcNow(), TimeSpan.FromDays(3));
            db.Add(claim);
        }

        var domain = new MailDomain { Name = name, FirstDay = Today.AddDays(-100), LastDay = Today };
        db.Add(domain);
        await db.SaveChangesAsync();
        return await AddStreamAsync(name, StreamKind.Whole, "");
    }

    public async Task<int> AddStreamAsync(string domain, StreamKind kind, string value, MailType type = MailType.Unknown)
    {
        await using PostmasterDb db = await OpenDbAsync();
        int id = await db.MailDomains.Where(d => d.Name == domain).Select(d => d.Id).SingleAsync();
        var stream = new MailStream { DomainId = id, Kind = kind, Value = value, OwnerType = type, FirstDay = Today.AddDays(-100), LastDay = Today };
        db.Add(stream);
        await db.SaveChangesAsync();
        return stream.Id;
    }

    /// <summary>Adds to the counters of days, the last of them today.</summary>
    public async Task CountAsync(int stream, int days, Action<TrafficCounts> eachDay)
    {
        var cells = new Dictionary<long, TrafficCounts>();
        for (int ago = 0; ago < days; ago++)
        {
            var counts = new TrafficCounts();
            eachDay(counts);
            cells[CellKey.Day(stream, Today.AddDays(-ago))] = counts;
        }

        await using PostmasterDb db = await OpenDbAsync();
        await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync();
        await CellWriter.AddAsync(db, CellTable.Days, cells, CancellationToken.None);
        await transaction.CommitAsync();
    }

    /// <summary>A day passes on which the domains and streams are heard of again.</summary>
    public async Task NextDayAsync()
    {
        Time.Advance(TimeSpan.FromDays(1));
        await using PostmasterDb db = await OpenDbAsync();
        DateOnly today = Today;
        await db.MailDomains.ExecuteUpdateAsync(set => set.SetProperty(d => d.LastDay, today));
        await db.MailStreams.ExecuteUpdateAsync(set => set.SetProperty(s => s.LastDay, today));
    }

    public async Task<IReadOnlyList<ReputationDay>> RowsAsync(int stream)
    {
        long from = CellKey.Day(stream, new DateOnly(2000, 1, 1)), to = CellKey.Day(stream + 1, new DateOnly(2000, 1, 1));
        await using PostmasterDb db = await OpenDbAsync();
        return await db.ReputationDays.AsNoTracking().Where(r => r.Key >= from && r.Key < to).OrderBy(r => r.Key).ToListAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _database.DisposeAsync();
        await TemporaryFolder.DeleteAsync(_folder);
    }
}
