using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Journeys;

/// <summary>
/// The product is killed (SIGKILL) at random moments while complaints come in over several connections as fast as it takes them, so that each step is cut off
/// with many of them in it. The promise: each complaint that was acknowledged is counted exactly once, and its report leaves at least once, always with
/// the same Message-ID.
/// </summary>
public sealed class KilledLoadTests
{
    private const int MailsOfALife = 100, Senders = 6;

    /// <summary>CI goes on for longer.</summary>
    private static readonly int Kills = RequiredPrograms.RequireAll ? 25 : 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private readonly Random _random = new(7);
    private readonly ConcurrentDictionary<int, bool> _acknowledged = [];

    [Fact]
    public Task Killed_under_full_load_every_acknowledged_complaint_is_counted_once_and_reported_on_SQLite() => RunAsync(DatabaseKind.Sqlite);

    [NeedsFact("initdb")]
    public Task Killed_under_full_load_every_acknowledged_complaint_is_counted_once_and_reported_on_PostgreSQL() => RunAsync(DatabaseKind.Postgres);

    private async Task RunAsync(DatabaseKind kind)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(kind);
        await using var relay = ScriptedSmtpPeer.Accepting();
        await using RealPortal portal = await RealPortal.CreateAsync(relay.Port, more: Settings(database));
        byte[][] mails = [.. Enumerable.Range(0, Kills * MailsOfALife).Select(i => RealPortal.ComplaintMail(portal.OwnersMail($"m{i}"), vouched: true, $"user{i}@provider.example"))];
        int cutOff = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            await using ServerProcess server = await portal.StartServerAsync();
            Task<bool> sending = SendAsync(portal.LmtpPort, mails[..((kill + 1) * MailsOfALife)]);
            await WaitAsync(sending, relay);
            server.Kill();
            cutOff += await sending ? 0 : 1;
            await portal.LetLeasesEndAsync();
        }

        // How many it is depends on the machine; without any, nothing was tried.
        Assert.True(cutOff > 0, "no kill came while complaints were handed in");
        await using ServerProcess last = await portal.StartServerAsync();
        Assert.True(await SendAsync(portal.LmtpPort, mails));
        await portal.WaitUntilQuietAsync();
        await AssertTrueAsync(portal, relay, mails.Length);
    }

    private static Dictionary<string, string?> Settings(TestDatabase database) => new(database.Settings, StringComparer.Ordinal)
    {
        ["Complaints:Workers"] = "4", ["Relay:Connections"] = "4", ["Reports:MaxPerMinute"] = "1000000", ["Reports:MaxPerAddressPerMinute"] = "1000000", ["Reports:MaxPerAddressPerDay"] = "1000000",
        ["Logging:LogLevel:Default"] = "Warning",
    };

    private static async Task AssertTrueAsync(RealPortal portal, ScriptedSmtpPeer relay, int mails)
    {
        await using PostmasterDb db = await portal.OpenDbAsync();
        List<string?> counted = await db.Complaints.Select(c => c.MessageId).ToListAsync();
        Assert.Equal(mails, counted.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(mails, counted.Count);
        Assert.Equal(mails, await portal.CountedAsync());
        Assert.All(await db.KeptComplaints.Select(k => k.State).ToListAsync(), state => Assert.Equal(KeptState.Counted, state));
        var reports = relay.Messages.Select(m => MessageReader.Read(m.Data)).Select(r => (Id: r.Headers.First("Message-ID")!.Unfolded, About: AboutOf(r))).ToList();
        Assert.Equal(Enumerable.Range(0, mails).Select(i => $"<m{i}@{RealPortal.OwnerDomain}>").Order(StringComparer.Ordinal), reports.Select(r => r.About).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        // A report that left twice did so under one name.
        Assert.Equal(mails, reports.Select(r => r.Id).Distinct(StringComparer.Ordinal).Count());
    }

    /// <summary>The Message-ID of the message that a report tells of.</summary>
    private static string AboutOf(RawMessage report) => report.Root.Parts[^1].EmbeddedMessage!.Headers.First("Message-ID")!.Unfolded;

    /// <summary>A random number of complaints was acknowledged or reported since, and a moment has passed.</summary>
    private async Task WaitAsync(Task sending, ScriptedSmtpPeer relay)
    {
        int acknowledged = _acknowledged.Count + _random.Next(MailsOfALife), reported = relay.Messages.Count + _random.Next(MailsOfALife);
        while (!sending.IsCompleted && _acknowledged.Count < acknowledged && relay.Messages.Count < reported)
            await Task.Delay(1);
        await Task.Delay(_random.Next(40));
    }

    /// <summary>As a mail server over several connections: what was not acknowledged is handed in again. False: the server went away.</summary>
    private async Task<bool> SendAsync(int port, byte[][] mails)
    {
        var waiting = new ConcurrentQueue<int>(Enumerable.Range(0, mails.Length).Where(i => !_acknowledged.ContainsKey(i)));
        bool away = false;
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(async _ =>
        {
            while (!Volatile.Read(ref away) && waiting.TryDequeue(out int mail))
            {
                string? reply = await LmtpSender.SendAsync(port, mails[mail]).WaitAsync(Patience);
                if (reply is null)
                    Volatile.Write(ref away, true);
                else if (reply.StartsWith("250", StringComparison.Ordinal))
                    _acknowledged[mail] = true;
                else
                    waiting.Enqueue(mail);
            }
        }));
        return !away;
    }
}
