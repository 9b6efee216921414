using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Dns;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Domains;

/// <summary>The slice of the domains on a real database, with a zone in memory and a clock that a test moves; no pages, no workers.</summary>
internal sealed class DomainsStage : IAsyncDisposable
{
    public const string Label = "_postmaster-challenge";
    private readonly string _folder = Directory.CreateTempSubdirectory("postmaster-domains-").FullName;
    private readonly TestDatabase _database;
    private readonly ServiceProvider _services;

    private DomainsStage(TestDatabase database, Action<ClaimsOptions>? configure)
    {
        _database = database;
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(new DataDirectory(_folder));
        services.AddDataProtection();
        services.AddSingleton<Sealer>();
        services.AddSingleton<OneTimeLinks>();
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton<IDnsResolver>(Zone);
        services.AddSingleton<IServer, NoServer>();
        services.AddSingleton<PortalUrl>();
        services.AddSingleton<OutboxSignal>();
        services.AddSingleton<NoticeOutbox>();
        services.AddOptions<DatabaseOptions>().Configure(database.Configure);
        services.AddOptions<ProviderOptions>().Configure(o => (o.Name, o.Domain, o.PublicUrl) = ("Example Mail", "fbl.provider.example", "https://postmaster.provider.example"));
        services.AddOptions<ClaimsOptions>().Configure(o => configure?.Invoke(o));
        services.AddPostmasterData();
        services.AddDomains();
        _services = services.BuildServiceProvider();
    }

    public ManualTime Time { get; } = new();
    public ZoneResolver Zone { get; } = new("192.0.2.53");
    public ClaimStore Claims => Get<ClaimStore>();
    public ClaimChecks Checks => Get<ClaimChecks>();
    public MemberStore Members => Get<MemberStore>();
    public InvitationStore Invitations => Get<InvitationStore>();
    public FeedbackAddressStore Addresses => Get<FeedbackAddressStore>();

    public static async Task<DomainsStage> OpenAsync(Action<ClaimsOptions>? configure = null)
    {
        var stage = new DomainsStage(await TestDatabase.CreateAsync(), configure);
        await DataServices.MigrateAsync(stage._services, CancellationToken.None);
        return stage;
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public Task<PostmasterDb> DbAsync() => Get<IDbContextFactory<PostmasterDb>>().CreateDbContextAsync();

    public async Task<Guid> UserAsync(string email, bool isOperator = false, bool confirmed = true)
    {
        await using PostmasterDb db = await DbAsync();
        var name = $"{Guid.NewGuid():N}";
        var user = new PortalUser
        {
            Email = email, NormalizedEmail = email.ToUpperInvariant(), UserName = name, NormalizedUserName = name.ToUpperInvariant(),
            EmailConfirmed = confirmed, IsOperator = isOperator, CreatedAt = Time.GetUtcNow(),
        };
        db.Users.Add(user);
        await db.SaveChangesAsync();
        return user.Id;
    }

    public async Task<Guid> AddAsync(Guid owner, string domain) =>
        Assert.IsType<AddClaimResult.Added>(await Claims.AddAsync(owner, domain, CancellationToken.None)).ClaimId;

    /// <summary>A claim with its record in DNS, seen.</summary>
    public async Task<Guid> ProveAsync(Guid owner, string domain)
    {
        Guid claim = await AddAsync(owner, domain);
        await PublishAsync(claim);
        Assert.True(await Checks.CheckNowAsync(claim, CancellationToken.None));
        Assert.Equal(ClaimState.Proved, (await ClaimAsync(claim)).State);
        return claim;
    }

    public async Task PublishAsync(Guid claim) => Zone.Add(await RecordAsync(claim));

    public async Task UnpublishAsync(Guid claim) => Assert.True(Zone.Remove(await RecordAsync(claim)));

    public async Task<DomainClaim> ClaimAsync(Guid id)
    {
        await using PostmasterDb db = await DbAsync();
        return await db.Claims.AsNoTracking().IgnoreQueryFilters().FirstAsync(c => c.Id == id);
    }

    /// <summary>Moves the clock and lets the schedule run.</summary>
    public async Task<ClaimState> AfterAsync(TimeSpan span, Guid claim)
    {
        Time.Advance(span);
        await Checks.RunDueAsync(CancellationToken.None);
        return (await ClaimAsync(claim)).State;
    }

    /// <summary>The notices queued for an address, oldest first.</summary>
    public async Task<IReadOnlyList<NoticeContent>> MailsAsync(string to)
    {
        await using PostmasterDb db = await DbAsync();
        List<OutboxMessage> rows = await db.Outbox.AsNoTracking().Where(m => m.To == to && m.Kind == OutboxKind.Notice).ToListAsync();
        return [.. rows.OrderBy(m => m.CreatedAt).ThenBy(m => m.Id).Select(m => JsonSerializer.Deserialize<NoticeContent>(Get<Sealer>().Open(m.SealedContent!))!)];
    }

    /// <summary>The secret at the end of the link in the last mail to an address.</summary>
    public async Task<string> LastTokenAsync(string to)
    {
        string text = (await MailsAsync(to))[^1].Text;
        Time.Advance(TimeSpan.FromSeconds(1)); // the next mail is later than this one, so that the last one is known
        string link = text.Split('\n').First(l => l.StartsWith("https://", StringComparison.Ordinal));
        return link[(link.LastIndexOf('/') + 1)..];
    }

    public static ClaimsPrincipal Principal(Guid user) =>
        new(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, user.ToString())], "test"));

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _database.DisposeAsync();
        await TemporaryFolder.DeleteAsync(_folder);
    }

    private async Task<TxtRecord> RecordAsync(Guid claim)
    {
        DomainClaim found = await ClaimAsync(claim);
        return new TxtRecord($"{Label}.{found.Domain}", ZoneResolver.DefaultTtl, [System.Text.Encoding.ASCII.GetBytes(Challenge.Prefix + found.Token)]);
    }

    private sealed class NoServer : IServer
    {
        public IFeatureCollection Features { get; } = new FeatureCollection();

        public Task StartAsync<TContext>(Microsoft.AspNetCore.Hosting.Server.IHttpApplication<TContext> application, CancellationToken cancellationToken)
            where TContext : notnull => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose()
        {
        }
    }
}
