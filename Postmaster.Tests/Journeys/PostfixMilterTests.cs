using System.Runtime.Versioning;
using System.Text;
using Postmaster.Tests.House;
using Postmaster.Tests.Milter;
using Postmaster.Tests.Support;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Journeys;

/// <summary>A real Postfix with the configuration that we ship tells the built product of the mail that it takes and refuses.</summary>
[SupportedOSPlatform("linux")]
public sealed class PostfixMilterTests
{
    private const string Address = "inet:127.0.0.1:2525", Known = "known@provider.example", From = "news@" + RealPortal.OwnerDomain;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    [NeedsFact("postfix")]
    public async Task Mail_to_known_and_unknown_users_is_counted_and_delivered_unchanged()
    {
        int relayPort = FreePorts.Next(), milterPort = FreePorts.Next();
        await using RealPortal portal = await RealPortal.CreateAsync(relayPort);
        portal.Zone.AddTxt(RealPortal.OwnerDomain, "v=spf1 ip4:192.0.2.17 -all").AddTxt("_dmarc." + RealPortal.OwnerDomain, "v=DMARC1; p=reject");
        string traps = Path.Combine(portal.DataPath, "traps");
        await File.WriteAllTextAsync(traps, "trap@provider.example\n");
        portal.Settings["Milter:Listen"] = $"127.0.0.1:{milterPort}";
        portal.Settings["Traffic:TrapAddresses"] = traps;
        await using PostfixInstance postfix = await PostfixInstance.StartAsync(portal.LmtpPort, RealPortal.Domain, relayPort, Settings(milterPort));
        await using ServerProcess server = await portal.StartServerAsync();

        IReadOnlyList<string> first = await OutsideClient.SendAsync(relayPort, From, portal.OwnersMail("m1"), Known, "gone@provider.example", "trap@provider.example", "grey@provider.example");
        Assert.Equal(["250", "550", "550", "450", "354", "250"], first);
        Assert.Equal(["550"], await OutsideClient.SendAsync(relayPort, From, message: null, "gone@provider.example"));

        await postfix.WaitForDeliveredAsync(1, Patience);
        string delivered = await File.ReadAllTextAsync(Assert.Single(postfix.Delivered));
        Assert.EndsWith(Encoding.ASCII.GetString(portal.OwnersMail("m1")).Replace("\r\n", "\n", StringComparison.Ordinal).Split("\n\n", 2)[1], delivered, StringComparison.Ordinal);
        await CountedTraffic.WaitAsync(portal.OpenDbAsync, 6);
        TrafficCounts counted = await CountedTraffic.OfAsync(portal.OpenDbAsync, TimeProvider.System.GetUtcNow(), RealPortal.OwnerDomain);
        Assert.Equal(1, counted[TrafficCounter.DeliveredInbox]);
        Assert.Equal(3, counted[TrafficCounter.RejectedUnknownUser]);
        Assert.Equal(1, counted[TrafficCounter.Deferred]);
        Assert.Equal(1, counted[TrafficCounter.Trap]);
        Assert.True(counted[TrafficCounter.DkimPass] >= 1, "the signature did not survive the way through Postfix and the milter");
        TrafficCounts client = await CountedTraffic.OfAsync(portal.OpenDbAsync, TimeProvider.System.GetUtcNow(), RealPortal.OwnerDomain, StreamKind.Ip);
        Assert.Equal(1, client[TrafficCounter.DeliveredInbox]);
    }

    [NeedsFact("postfix")]
    public async Task Mail_goes_on_when_the_product_is_killed_or_away()
    {
        int relayPort = FreePorts.Next(), milterPort = FreePorts.Next();
        await using RealPortal portal = await RealPortal.CreateAsync(relayPort);
        portal.Settings["Milter:Listen"] = $"127.0.0.1:{milterPort}";
        await using PostfixInstance postfix = await PostfixInstance.StartAsync(portal.LmtpPort, RealPortal.Domain, relayPort, Settings(milterPort));

        Assert.Equal(["250", "354", "250"], await OutsideClient.SendAsync(relayPort, From, portal.OwnersMail("away"), Known));
        await using (ServerProcess server = await portal.StartServerAsync())
        {
            using OutsideClient smtp = await OutsideClient.OpenAsync(relayPort);
            Assert.StartsWith("250", await smtp.SayAsync($"MAIL FROM:<{From}>"), StringComparison.Ordinal);
            Assert.StartsWith("250", await smtp.SayAsync($"RCPT TO:<{Known}>"), StringComparison.Ordinal);
            server.Kill();
            Assert.StartsWith("354", await smtp.SayAsync("DATA"), StringComparison.Ordinal);
            Assert.StartsWith("250", await smtp.SayAsync(Encoding.ASCII.GetString(portal.OwnersMail("killed")) + "."), StringComparison.Ordinal);
        }

        await postfix.WaitForDeliveredAsync(2, Patience);
    }

    /// <summary>The shipped configuration with the test's port, and an inbound server that knows one user.</summary>
    private static string Settings(int milterPort)
    {
        string shipped = SourceTree.Read("deploy/postfix/milter.cf.snippet");
        Assert.Contains(Address, shipped, StringComparison.Ordinal);
        return shipped.Replace(Address, $"inet:127.0.0.1:{milterPort}", StringComparison.Ordinal) + $$"""

            virtual_mailbox_domains = provider.example
            virtual_mailbox_maps = inline:{ {{Known}}=inbox/ }
            smtpd_relay_restrictions = reject_unauth_destination
            smtpd_recipient_restrictions = check_recipient_access inline:{ { grey@provider.example=450 4.2.0 Greylisted } } permit
            smtpd_authorized_xclient_hosts = 127.0.0.1
            mynetworks =

            """.Replace("            ", "", StringComparison.Ordinal);
    }
}
