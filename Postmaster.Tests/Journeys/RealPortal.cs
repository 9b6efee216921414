using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Journeys;

/// <summary>
/// A portal on disk with one proved domain and a confirmed feedback address, a DNS server over the wire, and the built product as a process that can be
/// started, killed and started again over the same data.
/// </summary>
internal sealed class RealPortal : IAsyncDisposable
{
    public const string Domain = "fbl.provider.example", OwnerDomain = "owner.example", FeedbackAddress = "complaints@" + OwnerDomain;
    public const string MailboxUser = "user@provider.example", AuthservId = "mx.provider.example";
    private const string Selector = "s1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);
    private readonly DkimPrivateKey _senderKey = DkimPrivateKey.CreateRsa();
    private readonly WebApplication _database;

    private RealPortal(int relayPort, string undoWindow, IReadOnlyDictionary<string, string?>? more)
    {
        Zone.AddTxt($"{Selector}._domainkey.{OwnerDomain}", _senderKey.PublicKeyRecord);
        Dns = LoopbackDnsServer.Start(Zone);
        Settings = new(StringComparer.Ordinal)
        {
            ["Provider:Name"] = "Example Mail",
            ["Provider:Domain"] = Domain,
            ["Provider:AuthservIds:0"] = AuthservId,
            ["Dns:Servers:0"] = Dns.Address,
            ["Relay:Kind"] = "smtp",
            ["Relay:Host"] = "127.0.0.1",
            ["Relay:Port"] = relayPort.ToString(CultureInfo.InvariantCulture),
            ["Lmtp:Listen"] = $"127.0.0.1:{LmtpPort}",
            ["Complaints:UndoWindow"] = undoWindow,
            ["Complaints:PollInterval"] = "00:00:00.250",
        };
        foreach ((string key, string? value) in more ?? new Dictionary<string, string?>(StringComparer.Ordinal))
            Settings[key] = value ?? "";
        _database = PostmasterHost.Build(
            new HostSettings(DataPath, "http://127.0.0.1:0", Settings.ToDictionary(s => s.Key, s => (string?)s.Value, StringComparer.Ordinal)),
            builder => builder.Logging.ClearProviders());
    }

    public string DataPath { get; } = Directory.CreateTempSubdirectory("postmaster-journey-").FullName;

    public ZoneResolver Zone { get; } = new();

    public LoopbackDnsServer Dns { get; }

    public int LmtpPort { get; } = FreePorts.Next();

    public string Url { get; } = $"http://127.0.0.1:{FreePorts.Next()}";

    public Dictionary<string, string> Settings { get; }

    /// <param name="undoWindow">As in the configuration: <c>00:00:00</c>.</param>
    /// <param name="more">Settings beside these.</param>
    public static async Task<RealPortal> CreateAsync(int relayPort, string undoWindow = "00:00:00", IReadOnlyDictionary<string, string?>? more = null)
    {
        var portal = new RealPortal(relayPort, undoWindow, more);
        await DataServices.MigrateAsync(portal._database.Services, CancellationToken.None);
        await portal.EnrolAsync();
        return portal;
    }

    /// <summary>Starts the product and waits until it listens.</summary>
    public async Task<ServerProcess> StartServerAsync()
    {
        ServerProcess server = ServerProcess.Start(["serve", "--data", DataPath, "--urls", Url], Settings);
        await server.WaitForLineAsync("Postmaster is at", Patience);
        return server;
    }

    public Task<PostmasterDb> OpenDbAsync() => _database.Services.GetRequiredService<IDbContextFactory<PostmasterDb>>().CreateDbContextAsync();

    /// <summary>A signed mail of the domain owner to the mailbox user.</summary>
    public byte[] OwnersMail(string id) => new DkimSigner(DomainName.Parse(OwnerDomain), Selector, _senderKey).Sign(
        Encoding.ASCII.GetBytes($"""
            From: Owner <news@{OwnerDomain}>
            To: {MailboxUser}
            Subject: Spring offer {id}
            Date: Sat, 21 Nov 2026 10:00:00 +0000
            Message-ID: <{id}@{OwnerDomain}>
            List-Id: <spring.{OwnerDomain}>
            MIME-Version: 1.0
            Content-Type: text/plain

            Hello {MailboxUser}, buy now.

            """.ReplaceLineEndings("\r\n")),
        TimeProvider.System.GetUtcNow());

    /// <summary>What a mail program sends when its user presses "this is spam": the offending mail attached.</summary>
    /// <param name="vouched">Whether it carries the border's word for who sends it, as it does behind a border.</param>
    /// <param name="user">Who pressed.</param>
    public static byte[] ComplaintMail(byte[] offending, bool vouched, string user = MailboxUser) =>
    [
        .. Encoding.ASCII.GetBytes((vouched ? $"Authentication-Results: {AuthservId}; auth=pass smtp.auth={user}\r\n" : "") + $"""
            From: {user}
            To: spam@{Domain}
            Subject: spam
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary="cut"

            --cut
            Content-Type: message/rfc822


            """.ReplaceLineEndings("\r\n")),
        .. offending,
        .. "\r\n--cut--\r\n"u8,
    ];

    /// <summary>How many complaints the portal has counted for the owner's domain.</summary>
    public async Task<long> CountedAsync()
    {
        await using PostmasterDb db = await OpenDbAsync();
        return await PressKit.CountAsync(db, OwnerDomain);
    }

    /// <summary>What a while without the server does: leases of a process that was killed are over.</summary>
    public async Task LetLeasesEndAsync()
    {
        await using PostmasterDb db = await OpenDbAsync();
        DateTimeOffset over = TimeProvider.System.GetUtcNow().AddSeconds(-1);
        await db.KeptComplaints.Where(k => k.LeaseUntil != null).ExecuteUpdateAsync(set => set.SetProperty(k => k.LeaseUntil, over));
        await db.Outbox.Where(m => m.LeaseUntil != null).ExecuteUpdateAsync(set => set.SetProperty(m => m.LeaseUntil, over));
    }

    /// <summary>Waits until nothing is left to do: every kept complaint has ended and every report has left.</summary>
    public async Task WaitUntilQuietAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            await using PostmasterDb db = await OpenDbAsync();
            bool busy = await db.KeptComplaints.AnyAsync(k => k.State == KeptState.Kept || k.State == KeptState.Held)
                || await db.Outbox.AnyAsync(m => m.State == OutboxState.Queued);
            if (!busy)
                return;
            Assert.False(patience.IsCancellationRequested, $"still busy: {await DescribeAsync(db)}");
            await Task.Delay(100, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await Dns.DisposeAsync();
        _senderKey.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        await TemporaryFolder.DeleteAsync(DataPath);
    }

    private static async Task<string> DescribeAsync(PostmasterDb db)
    {
        var kept = await db.KeptComplaints.Select(k => new { k.State, k.DueAt, k.Problem }).ToListAsync();
        var outbox = await db.Outbox.Select(m => new { m.State, m.DueAt, m.LastAnswer }).ToListAsync();
        return string.Join("; ", kept.Select(k => k.ToString()).Concat(outbox.Select(o => o.ToString())));
    }

    private async Task EnrolAsync()
    {
        await using PostmasterDb db = await OpenDbAsync();
        DateTimeOffset now = TimeProvider.System.GetUtcNow().AddDays(-1);
        var owner = new PortalUser { UserName = "owner@" + OwnerDomain, Email = "owner@" + OwnerDomain, EmailConfirmed = true, CreatedAt = now };
        var claim = new DomainClaim { OwnerId = owner.Id, Domain = OwnerDomain, Token = Challenge.NewToken(), CreatedAt = now, NextCheckAt = now.AddDays(30) };
        claim.Observe(new ClaimObservation(ClaimOutcome.Found, "found"), now, TimeSpan.FromDays(7));
        db.Users.Add(owner);
        db.Claims.Add(claim);
        db.Members.Add(new DomainMember { ClaimId = claim.Id, UserId = owner.Id, Role = MemberRole.Owner, CreatedAt = now });
        db.FeedbackAddresses.Add(new FeedbackAddress { ClaimId = claim.Id, Address = FeedbackAddress, RateKey = FeedbackAddress, RequestedBy = owner.Id, RequestedAt = now, ConfirmedAt = now });
        await db.SaveChangesAsync();
    }
}
