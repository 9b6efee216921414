using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
using Postmaster.Web.Data;
using Postmaster.Web.Data.Postgres;
using Postmaster.Web.Data.Sqlite;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Features.Operations;
using Postmaster.Web.Features.Traffic;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Support;

/// <summary>The whole product in this process: its own data folder, a free port on loopback, a zone in memory, a relay that writes files.</summary>
internal sealed class PostmasterApp : IAsyncDisposable
{
    public const string Password = "correct horse battery";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly HashSet<string> _handedOut = new(StringComparer.Ordinal);
    private readonly TestDatabase _database;
    private readonly PostmasterApp? _first;
    private WebApplication _host = default!;

    private PostmasterApp(TestDatabase database, PostmasterApp? first = null)
    {
        _database = database;
        _first = first;
        Zone = first?.Zone ?? new ZoneResolver();
        Time = first?.Time ?? new MovableTime();
    }

    public string DataPath { get; } = Directory.CreateTempSubdirectory("postmaster-test-").FullName;
    public ZoneResolver Zone { get; }
    public MovableTime Time { get; }
    public IServiceProvider Services => _host.Services;
    public WebApplication Host => _host;

    /// <summary>What the portal calls itself in mails: <c>http://127.0.0.1:41233</c> unless <c>Provider:PublicUrl</c> is set.</summary>
    public Uri Address { get; private set; } = default!;

    /// <summary>Where it listens.</summary>
    public Uri Listened => new(Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <param name="settings">Configuration keys beside those of the tests, which they override.</param>
    /// <param name="compose">Last word on the services.</param>
    /// <param name="database">Null: a new one of the kind that this run is about.</param>
    public static async Task<PostmasterApp> StartAsync(
        IReadOnlyDictionary<string, string?>? settings = null, Action<WebApplicationBuilder>? compose = null, TestDatabase? database = null)
    {
        var app = new PostmasterApp(database ?? await TestDatabase.CreateAsync());
        await app.StartHostAsync(settings, compose);
        return app;
    }

    public Task<PostmasterDb> OpenDbAsync() => Services.GetRequiredService<IDbContextFactory<PostmasterDb>>().CreateDbContextAsync();

    /// <summary>A visitor with an empty cookie jar.</summary>
    public PortalVisitor NewVisitor() => new(Address);

    /// <summary>A visitor who is signed in; the account is made, with its address confirmed, when there is none.</summary>
    public async Task<PortalVisitor> SignedInAsync(string email, bool isOperator = false)
    {
        await EnsureUserAsync(email, isOperator);
        PortalVisitor visitor = NewVisitor();
        await visitor.SignInAsync(email, Password);
        return visitor;
    }

    /// <summary>The way of a new owner: asks for an account, opens the mailed link, chooses the password; is then signed in.</summary>
    public async Task<PortalVisitor> SignedUpAsync(string email)
    {
        PortalVisitor visitor = NewVisitor();
        await visitor.SubmitAsync(await visitor.GetAsync("/sign-up"), null, ("Input.Email", email));
        PortalMail mail = await NextMailAsync(email);
        PortalPage after = await visitor.SubmitAsync(await visitor.GetAsync(mail.LinkPath), null, ("Input.Password", Password));
        Assert.Equal("/domains", after.Address.AbsolutePath);
        return visitor;
    }

    /// <summary>An account with a confirmed address and <see cref="Password"/>.</summary>
    public async Task<PortalUser> EnsureUserAsync(string email, bool isOperator = false)
    {
        await using AsyncServiceScope scope = Services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>();
        if (await users.FindByEmailAsync(email) is { } known)
            return known;
        var user = new PortalUser { UserName = email, Email = email, EmailConfirmed = true, IsOperator = isOperator, CreatedAt = Time.GetUtcNow() };
        IdentityResult result = await users.CreateAsync(user, Password);
        Assert.True(result.Succeeded, string.Join(' ', result.Errors.Select(e => e.Description)));
        return user;
    }

    /// <summary>The next mail to an address that no call has returned yet; waits for it.</summary>
    public async Task<PortalMail> NextMailAsync(string to)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            foreach (PortalMail mail in await MailsAsync(to))
            {
                if (_handedOut.Add(mail.MessageId))
                    return mail;
            }

            Assert.False(patience.IsCancellationRequested, $"no mail to {to} came within {Patience.TotalSeconds} seconds");
            await Task.Delay(50, CancellationToken.None);
        }
    }

    /// <summary>All mails to an address so far, queued or handed to the relay, oldest first.</summary>
    public async Task<IReadOnlyList<PortalMail>> MailsAsync(string to)
    {
        // The queue first: what leaves it meanwhile is then found among the files.
        await using PostmasterDb db = await OpenDbAsync();
        List<OutboxMessage> queued = await db.Outbox.AsNoTracking().Where(m => m.To == to).OrderBy(m => m.CreatedAt).ThenBy(m => m.Id).ToListAsync();
        Dictionary<string, PortalMail> relayed = RelayedMails().Where(m => string.Equals(m.To, to, StringComparison.OrdinalIgnoreCase))
            .ToDictionary(m => m.MessageId, StringComparer.Ordinal);
        var sealer = Services.GetRequiredService<Sealer>();
        var mails = new List<PortalMail>();
        foreach (OutboxMessage row in queued)
        {
            if (relayed.TryGetValue(row.MessageId, out PortalMail? file))
                mails.Add(file);
            else if (row is { Kind: OutboxKind.Notice, SealedContent: { } content })
                mails.Add(FromNotice(row, JsonSerializer.Deserialize<NoticeContent>(sealer.Open(content))!));
        }

        return mails;
    }

    /// <summary>Every mail that the directory relay has written.</summary>
    public IEnumerable<PortalMail> RelayedMails()
    {
        string folder = Services.GetRequiredService<DataDirectory>().Mail;
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.eml").Order(StringComparer.Ordinal).Select(PortalMail.Read) : [];
    }

    /// <summary>Another machine of the same portal: a data folder of its own; database, keys, clock and DNS are shared.</summary>
    public async Task<PostmasterApp> StartSecondMachineAsync(IReadOnlyDictionary<string, string?> settings, Action<WebApplicationBuilder>? compose = null)
    {
        var second = new PostmasterApp(_database, this);
        await second.StartHostAsync(new Dictionary<string, string?>(settings, StringComparer.Ordinal) { ["Keys:Directory"] = Path.Combine(DataPath, "keys") }, compose);
        return second;
    }

    /// <summary>Stops the server and starts another over the same data folder.</summary>
    public async Task RestartAsync(IReadOnlyDictionary<string, string?>? settings = null, Action<WebApplicationBuilder>? compose = null)
    {
        await _host.StopAsync();
        await _host.DisposeAsync();
        await StartHostAsync(settings, compose);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await _host.DisposeAsync();
        if (_first is null)
            await _database.DisposeAsync();
        await TemporaryFolder.DeleteAsync(DataPath);
    }

    private async Task StartHostAsync(IReadOnlyDictionary<string, string?>? settings, Action<WebApplicationBuilder>? compose)
    {
        var keys = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Provider:Name"] = "Example Mail",
            ["Provider:Domain"] = "fbl.provider.example",
            ["Provider:AuthservIds:0"] = "mx.provider.example",
            ["Relay:Kind"] = "directory",
            ["Lmtp:Listen"] = "127.0.0.1:0",
            ["Accounts:FormsPerMinute"] = "1000",
        };
        foreach ((string key, string? value) in _database.Settings)
            keys[key] = value;
        foreach ((string key, string? value) in settings ?? new Dictionary<string, string?>(StringComparer.Ordinal))
            keys[key] = value;
        _host = PostmasterHost.Build(new HostSettings(DataPath, "http://127.0.0.1:0", keys), builder =>
        {
            builder.Logging.ClearProviders();
            builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Time));
            builder.Services.Replace(ServiceDescriptor.Singleton<IDnsResolver>(Zone));
            builder.Services.ConfigureDbContext<SqlitePostmasterDb>(RefuseChance);
            builder.Services.ConfigureDbContext<PostgresPostmasterDb>(RefuseChance);
            compose?.Invoke(builder);
        });
        await DataServices.MigrateAsync(_host.Services, CancellationToken.None);
        // Not drawn: two recipients share a bit of the sketch under one key in sixty-four, and their estimate would be one.
        await Services.GetRequiredService<ProviderKeys>().GetOrCreateAsync(TrafficKeys.Name, () => [.. Enumerable.Repeat((byte)7, KeyedHash.KeyLength)], CancellationToken.None);
        await _host.StartAsync();
        Address = new Uri(_host.Services.GetRequiredService<PortalUrl>().Root);
    }

    /// <summary>A query that takes some rows of many without saying which answers by chance: here it throws instead of warning in a log that nobody reads.</summary>
    private static void RefuseChance(DbContextOptionsBuilder options) => options.ConfigureWarnings(warnings => warnings.Throw(
        CoreEventId.RowLimitingOperationWithoutOrderByWarning, CoreEventId.FirstWithoutOrderByAndFilterWarning, CoreEventId.DistinctAfterOrderByWithoutRowLimitingOperatorWarning));

    private static PortalMail FromNotice(OutboxMessage row, NoticeContent content) =>
        new(row.To, content.Subject, content.Text, row.MessageId, ReadOnlyMemory<byte>.Empty);
}
