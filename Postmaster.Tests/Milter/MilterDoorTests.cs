using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Postmaster.Fbl.Dns;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Milter;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Milter;

/// <summary>The milter in the running product: over real sockets, to the counters, and open whatever fails.</summary>
public sealed class MilterDoorTests
{
    private const string Known = "<user@provider.example>", Owner = "owner.example", From = "<news@owner.example>";

    [Fact]
    public async Task What_a_mail_server_tells_is_counted()
    {
        string traps = Path.GetTempFileName();
        await File.WriteAllTextAsync(traps, "trap@provider.example\n");
        await using PostmasterApp app = await StartAsync(("Traffic:TrapAddresses", traps));
        using (MilterPeer peer = await MilterPeer.OpenAsync(EndPointOf(app)))
        {
            byte[] recipients = [.. MilterWire.Recipient(Known), .. MilterWire.Refused("<gone@provider.example>"), .. MilterWire.Recipient("<trap@provider.example>")];
            Assert.Equal('c', await peer.DeliverAsync(From, recipients, Mail(app, "m1")));
            await peer.SendAsync([.. MilterWire.Mail(From), .. MilterWire.Refused("<gone@provider.example>"), .. MilterWire.Abort()]);
            await peer.SendAsync([.. MilterWire.Mail(From), .. MilterWire.Refused("<grey@provider.example>", "4.2.0", "Greylisted"), .. MilterWire.Quit()]);
        }

        await CountedTraffic.WaitAsync(app.OpenDbAsync, 6);
        TrafficCounts counted = await CountedTraffic.OfAsync(app.OpenDbAsync, app.Time.GetUtcNow(), Owner);
        Assert.Equal(2, counted[TrafficCounter.DeliveredInbox]);
        Assert.Equal(2, counted[TrafficCounter.RejectedUnknownUser]);
        Assert.Equal(1, counted[TrafficCounter.Deferred]);
        Assert.Equal(1, counted[TrafficCounter.Trap]);
        Assert.Equal(3, counted[TrafficCounter.DmarcPass]); // of the message, the refused recipient too
        File.Delete(traps);
    }

    [Fact]
    public async Task Two_hundred_SMTP_sessions_at_once_are_held()
    {
        await using PostmasterApp app = await StartAsync();
        byte[] mail = Mail(app, "m1");
        MilterPeer[] peers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => MilterPeer.OpenAsync(EndPointOf(app))));
        for (int round = 0; round < 3; round++)
            Assert.All(await Task.WhenAll(peers.Select(p => p.DeliverAsync(From, MilterWire.Recipient(Known), mail))), reply => Assert.Equal('c', reply));
        foreach (MilterPeer peer in peers)
            peer.Dispose();
        await CountedTraffic.WaitAsync(app.OpenDbAsync, 600);
        Assert.Equal(600, (await CountedTraffic.OfAsync(app.OpenDbAsync, app.Time.GetUtcNow(), Owner))[TrafficCounter.DeliveredInbox]);
    }

    [Fact]
    public async Task A_Unix_socket_is_opened_for_the_group_and_taken_away_at_the_end()
    {
        string folder = Directory.CreateTempSubdirectory("milter-").FullName, path = Path.Combine(folder, "milter");
        PostmasterApp app = await StartAsync(("Milter:Listen", "unix:" + path));
        using (MilterPeer peer = await MilterPeer.OpenAsync(new UnixDomainSocketEndPoint(path)))
            Assert.Equal('c', await peer.DeliverAsync(From, MilterWire.Recipient(Known), Mail(app, "m1")));
        if (!OperatingSystem.IsWindows())
            Assert.True(File.GetUnixFileMode(path).HasFlag(UnixFileMode.GroupWrite));
        await app.DisposeAsync();
        Assert.False(File.Exists(path));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task DNS_that_never_answers_delays_no_mail()
    {
        var silent = new SilentResolver();
        await using PostmasterApp app = await StartAsync(
            builder => builder.Services.Replace(ServiceDescriptor.Singleton<IDnsResolver>(silent)), ("Milter:MaxQueued", "5"), ("Milter:Workers", "2"));
        using MilterPeer peer = await MilterPeer.OpenAsync(EndPointOf(app));
        for (int i = 0; i < 100; i++)
            Assert.Equal('c', await peer.DeliverAsync(From, MilterWire.Recipient(Known), Mail(app, "m1")));
        await PressKit.EventuallyAsync(() => Task.FromResult(silent.Asked > 0), () => "DNS was not asked");
        Assert.Equal(0, await CountedTraffic.EventsAsync(app.OpenDbAsync));
    }

    [Fact]
    public async Task Mail_on_its_way_out_is_not_counted()
    {
        await using PostmasterApp app = await StartAsync();
        byte[] mail = Mail(app, "m1");
        using MilterPeer inside = await MilterPeer.OpenAsync(EndPointOf(app), client: "10.1.2.3");
        byte[] leaving = [.. MilterWire.Macros('R', "{rcpt_mailer}", "smtp"), .. MilterWire.Recipient("<friend@elsewhere.example>")];
        Assert.Equal('c', await inside.DeliverAsync(From, leaving, mail));
        using MilterPeer user = await MilterPeer.OpenAsync(EndPointOf(app));
        await user.SendAsync(MilterWire.Macros('M', "{auth_authen}", "alice"));
        Assert.Equal('c', await user.DeliverAsync(From, MilterWire.Recipient("<friend@elsewhere.example>"), mail));
        Assert.Equal('c', await user.DeliverAsync(From, MilterWire.Recipient(Known), mail)); // without a login, to see that the others had their time
        await CountedTraffic.WaitAsync(app.OpenDbAsync, 1);
        Assert.Equal(1, await CountedTraffic.EventsAsync(app.OpenDbAsync));
    }

    [Fact]
    public async Task Mail_of_the_provider_s_own_machines_counts_unless_it_is_told_not_to()
    {
        await using PostmasterApp app = await StartAsync();
        using (MilterPeer inside = await MilterPeer.OpenAsync(EndPointOf(app), client: "127.0.0.1"))
            Assert.Equal('c', await inside.DeliverAsync(From, [.. MilterWire.Macros('R', "{rcpt_mailer}", "virtual"), .. MilterWire.Recipient(Known)], Mail(app, "m1")));
        await CountedTraffic.WaitAsync(app.OpenDbAsync, 1);

        await app.RestartAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Milter:Listen"] = "127.0.0.1:0", ["Milter:CountInternalClients"] = "false" });
        using MilterPeer again = await MilterPeer.OpenAsync(EndPointOf(app), client: "127.0.0.1");
        Assert.Equal('c', await again.DeliverAsync(From, MilterWire.Recipient(Known), Mail(app, "m2")));
        using MilterPeer outside = await MilterPeer.OpenAsync(EndPointOf(app));
        Assert.Equal('c', await outside.DeliverAsync(From, MilterWire.Recipient(Known), Mail(app, "m3")));
        await CountedTraffic.WaitAsync(app.OpenDbAsync, 2);
        Assert.Equal(2, await CountedTraffic.EventsAsync(app.OpenDbAsync));
    }

    [Fact]
    public async Task A_connection_beyond_the_limit_is_closed_and_the_others_go_on()
    {
        await using PostmasterApp app = await StartAsync(("Milter:MaxConnections", "1"));
        using MilterPeer first = await MilterPeer.OpenAsync(EndPointOf(app));
        using var second = new TcpClient();
        await second.ConnectAsync((IPEndPoint)EndPointOf(app));
        Assert.Equal(0, await second.GetStream().ReadAsync(new byte[1]));
        Assert.Equal('c', await first.DeliverAsync(From, MilterWire.Recipient(Known), Mail(app, "m1")));
    }

    [Fact]
    public async Task What_was_told_before_the_server_stops_is_counted()
    {
        await using PostmasterApp app = await StartAsync();
        byte[] mail = Mail(app, "m1");
        using (MilterPeer peer = await MilterPeer.OpenAsync(EndPointOf(app)))
        {
            for (int i = 0; i < 50; i++)
                Assert.Equal('c', await peer.DeliverAsync(From, MilterWire.Recipient(Known), mail));
            await peer.SendAsync([.. MilterWire.Mail(From), .. MilterWire.Refused("<gone@provider.example>")]);
            await app.RestartAsync(); // in the middle of a transaction
        }

        Assert.InRange(await CountedTraffic.EventsAsync(app.OpenDbAsync), 50, 51); // the last packet may still have been on its way
    }

    [Fact]
    public async Task A_database_that_is_held_up_for_a_while_loses_nothing()
    {
        await using PostmasterApp app = await StartAsync();
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            // Another writer holds the file.
            await using IDbContextTransaction lockIt = await db.Database.BeginTransactionAsync(System.Data.IsolationLevel.Serializable);
            using MilterPeer peer = await MilterPeer.OpenAsync(EndPointOf(app));
            for (int i = 0; i < 10; i++)
                Assert.Equal('c', await peer.DeliverAsync(From, MilterWire.Recipient(Known), Mail(app, "m" + i.ToString(System.Globalization.CultureInfo.InvariantCulture))));
            await Task.Delay(TimeSpan.FromSeconds(3));
            await lockIt.RollbackAsync();
        }

        await CountedTraffic.WaitAsync(app.OpenDbAsync, 10);
        Assert.Equal(10, await CountedTraffic.EventsAsync(app.OpenDbAsync));
    }

    [Fact]
    public async Task It_is_off_unless_it_is_told_where_to_listen()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        Assert.Null(app.Services.GetRequiredService<MilterListener>().EndPoint);
    }

    private static byte[] Mail(PostmasterApp app, string name) => new SigningSender(app.Zone, Owner).Newsletter(name);

    private static EndPoint EndPointOf(PostmasterApp app) => app.Services.GetRequiredService<MilterListener>().EndPoint!;

    private static Task<PostmasterApp> StartAsync(params (string Key, string? Value)[] more) => StartAsync(_ => { }, more);

    private static async Task<PostmasterApp> StartAsync(Action<WebApplicationBuilder> compose, params (string Key, string? Value)[] more)
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Milter:Listen"] = "127.0.0.1:0" };
        foreach ((string key, string? value) in more)
            settings[key] = value;
        PostmasterApp app = await PostmasterApp.StartAsync(settings, compose);
        app.Zone.AddTxt(Owner, "v=spf1 ip4:192.0.2.17 -all").AddTxt("_dmarc." + Owner, "v=DMARC1; p=reject");
        return app;
    }

    private sealed class SilentResolver : IDnsResolver
    {
        private int _asked;

        public int Asked => _asked;

        public async ValueTask<DnsAnswer> QueryAsync(string name, DnsRecordType type, CancellationToken ct)
        {
            Interlocked.Increment(ref _asked);
            await Task.Delay(Timeout.Infinite, ct);
            throw new InvalidOperationException("unreachable");
        }
    }
}
