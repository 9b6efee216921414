using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using Postmaster.Tests.House;
using Postmaster.Tests.Milter;
using Postmaster.Tests.Support;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Journeys;

/// <summary>
/// Debian's Postfix, rspamd and Dovecot with the configuration that we ship feed a running portal: rspamd tells of deliveries, the milter of refused
/// recipients, imapsieve of complaints, Dovecot's log of what people do. Each number is exact, so nothing is counted by two of them.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class FeedersTests
{
    private const string Token = "journey-token", From = "news@" + RealPortal.OwnerDomain, User = RealPortal.MailboxUser;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    [NeedsFact("postfix", "rspamd", "dovecot", "sievec")]
    public async Task Each_mail_and_each_deed_of_its_reader_is_counted_once()
    {
        int relayPort = FreePorts.Next(), milterPort = FreePorts.Next();
        await using RealPortal portal = await RealPortal.CreateAsync(relayPort);
        portal.Zone.AddTxt(RealPortal.OwnerDomain, $"v=spf1 ip4:{OutsideClient.Address} -all").AddTxt("_dmarc." + RealPortal.OwnerDomain, "v=DMARC1; p=reject");
        portal.Settings["Ingest:Token"] = Token;
        portal.Settings["Ingest:Url"] = portal.Url;
        portal.Settings["Milter:Listen"] = $"127.0.0.1:{milterPort}";
        portal.Settings["Milter:CountDeliveries"] = "false";
        portal.Settings["Traffic:PrivacyFloor"] = "1";
        await using ServerProcess server = await portal.StartServerAsync();
        await using DovecotInstance dovecot = await DovecotInstance.StartAsync(portal.Url, Token);
        await using RspamdInstance rspamd = await RspamdInstance.StartAsync(portal.Dns.Address, portal.Url, Token);
        await using PostfixInstance postfix = await PostfixInstance.StartAsync(
            portal.LmtpPort, RealPortal.Domain, relayPort, Settings(rspamd.MilterPort, milterPort, dovecot.LmtpPort));

        foreach (string id in (string[])["m1", "m2", "m3", "m4", "m5", "prize"])
            Assert.Equal(["250", "354", "250"], await OutsideClient.SendAsync(relayPort, From, portal.OwnersMail(id), User));
        Assert.Equal(["250", "354", "554"], await OutsideClient.SendAsync(relayPort, From, portal.OwnersMail("casino"), User));
        Assert.Equal(["550"], await OutsideClient.SendAsync(relayPort, From, message: null, "gone@provider.example"));
        await UntilAsync(async () => (await CountsAsync(portal)).Messages == 8, () => $"{rspamd.Log}\n{postfix.Log}\n{string.Join('\n', server.Lines)}");

        await ActAsync(dovecot, portal);
        await UntilAsync(async () => await portal.CountedAsync() == 1, () => $"{dovecot.Log}\n{string.Join('\n', server.Lines)}");
        await ReadLogAsync(dovecot, portal);

        TrafficCounts whole = await CountsAsync(portal);
        Assert.Equal((5, 1), (whole[TrafficCounter.DeliveredInbox], whole[TrafficCounter.DeliveredSpam]));
        Assert.Equal((1, 1), (whole[TrafficCounter.RejectedUnknownUser], whole[TrafficCounter.RejectedSpam]));
        Assert.Equal((2, 1, 1, 1), (whole[TrafficCounter.Read], whole[TrafficCounter.DeletedUnread], whole[TrafficCounter.DeletedRead], whole[TrafficCounter.NotSpam]));
        Assert.Equal((7, 7, 7), (whole[TrafficCounter.DkimPass], whole[TrafficCounter.DmarcPass], whole[TrafficCounter.DkimAligned]));
        Assert.Equal(8, whole[TrafficCounter.SpfPass]);
        TrafficCounts list = await CountedTraffic.OfAsync(portal.OpenDbAsync, TimeProvider.System.GetUtcNow(), RealPortal.OwnerDomain, StreamKind.ListId);
        Assert.Equal((5, 2, 1), (list[TrafficCounter.DeliveredInbox], list[TrafficCounter.Read], list[TrafficCounter.DeletedUnread]));
        await AssertShownAsync(server, portal);
    }

    /// <summary>What the mailbox's user does with six mails.</summary>
    private static async Task ActAsync(DovecotInstance dovecot, RealPortal portal)
    {
        await UntilAsync(() => Task.FromResult(dovecot.Log.Split("stored mail into mailbox").Length == 7), () => dovecot.Log);
        using ImapSession imap = await ImapSession.OpenAsync(dovecot.ImapPort, User);
        await imap.SayAsync("SELECT INBOX");
        await imap.SayAsync($"FETCH {await imap.FindAsync("m1@")} BODY[]");
        await imap.SayAsync($"FETCH {await imap.FindAsync("m4@")} BODY[]");
        await imap.SayAsync($"MOVE {await imap.FindAsync("m2@")} Junk");
        await imap.SayAsync($"MOVE {await imap.FindAsync("m3@")} Trash");
        // m5 goes to the archive by a client that uploads and deletes.
        await imap.AppendAsync("Archive", "", portal.OwnersMail("m5"));
        await imap.SayAsync($"STORE {await imap.FindAsync("m5@")} +FLAGS (\\Deleted)");
        await imap.SayAsync("EXPUNGE");
        // Reading m4 took longer than its deletion.
        await Task.Delay(TimeSpan.FromSeconds(4));
        await imap.SayAsync($"STORE {await imap.FindAsync("m4@")} +FLAGS (\\Deleted)");
        await imap.SayAsync("EXPUNGE");
        await imap.SayAsync("SELECT Junk");
        await imap.SayAsync($"MOVE {await imap.FindAsync("prize@")} INBOX");
        await imap.SayAsync("MOVE 1 Trash");
        await imap.SayAsync("SELECT Trash");
        await imap.SayAsync("STORE 1:* +FLAGS (\\Deleted)");
        await imap.SayAsync("EXPUNGE");
        await imap.SayAsync("LOGOUT");
    }

    /// <summary>Twice, as after a restart of the reader.</summary>
    private static async Task ReadLogAsync(DovecotInstance dovecot, RealPortal portal)
    {
        for (int i = 0; i < 2; i++)
        {
            await using ServerProcess reader = ServerProcess.Start(["ingest", "--format", "dovecot", "--json", "--data", portal.DataPath, dovecot.InfoLog], portal.Settings);
            Assert.Equal(0, await reader.WaitForExitAsync(Patience));
            JsonElement said = JsonDocument.Parse(reader.Lines.Single(l => l.StartsWith('{'))).RootElement;
            Assert.Equal((5, 0), (said.GetProperty("events").GetInt32(), said.GetProperty("unjoined").GetInt32()));
        }
    }

    /// <summary>The page of the domain, as an operator sees it.</summary>
    private static async Task AssertShownAsync(ServerProcess server, RealPortal portal)
    {
        string link = server.Lines.First(l => l.Contains("/setup/", StringComparison.Ordinal));
        using var visitor = new PortalVisitor(new Uri(portal.Url));
        PortalPage form = await visitor.GetAsync(link[link.IndexOf("/setup/", StringComparison.Ordinal)..].Trim());
        await visitor.SubmitAsync(form, null, ("Input.Email", "ops@provider.example"), ("Input.Password", PostmasterApp.Password));
        string text = (await visitor.GetAsync("/domains/" + RealPortal.OwnerDomain)).Text;
        foreach (string number in (string[])["1 of 7", "Unknown users"])
            Assert.Contains(number, text, StringComparison.Ordinal);
        Assert.Contains("Talks", (await visitor.GetAsync("/operator/feeders")).Text, StringComparison.Ordinal);
    }

    private static Task<TrafficCounts> CountsAsync(RealPortal portal) =>
        CountedTraffic.OfAsync(portal.OpenDbAsync, TimeProvider.System.GetUtcNow(), RealPortal.OwnerDomain);

    private static async Task UntilAsync(Func<Task<bool>> holds, Func<string> said)
    {
        var waited = Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(waited.Elapsed < Patience, said());
            await Task.Delay(200);
        }
    }

    /// <summary>rspamd first, then our milter as it is shipped; mailboxes are Dovecot's.</summary>
    private static string Settings(int rspamd, int milter, int lmtp)
    {
        const string address = "inet:127.0.0.1:2525", list = "smtpd_milters = {";
        string shipped = SourceTree.Read("deploy/postfix/milter.cf.snippet");
        Assert.Contains(address, shipped, StringComparison.Ordinal);
        Assert.Contains(list, shipped, StringComparison.Ordinal);
        return shipped.Replace(address, $"inet:127.0.0.1:{milter}", StringComparison.Ordinal)
            .Replace(list, $"smtpd_milters = inet:127.0.0.1:{rspamd}, {{", StringComparison.Ordinal) + $$"""

            virtual_mailbox_domains = provider.example, {{RealPortal.OwnerDomain}}
            virtual_mailbox_maps = inline:{ {{User}}=x {{RealPortal.FeedbackAddress}}=x }
            virtual_transport = lmtp:inet:127.0.0.1:{{lmtp}}
            smtpd_relay_restrictions = reject_unauth_destination
            smtpd_authorized_xclient_hosts = 127.0.0.1
            mynetworks =

            """.Replace("            ", "", StringComparison.Ordinal);
    }
}
