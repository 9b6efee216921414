using System.Net;
using System.Net.Sockets;
using Postmaster.Fbl.Dns;
using Postmaster.Tests.Support;
using Postmaster.Web.Hosting.Outward;

namespace Postmaster.Tests.Outward;

/// <summary>Tries to get in: no target, and no answer of DNS, makes the client knock at an address that is not public.</summary>
public sealed class OutwardGuardTests
{
    private const string Name = "hook.example";

    [Theory]
    [InlineData("http://hook.example/", OutwardRefusal.NotHttps)]
    [InlineData("ftp://hook.example/", OutwardRefusal.NotHttps)]
    [InlineData("file:///etc/passwd", OutwardRefusal.NotHttps)]
    [InlineData("https://hook.example:8443/", OutwardRefusal.Port)]
    [InlineData("https://hook.example:80/", OutwardRefusal.Port)]
    [InlineData("https://user@hook.example/", OutwardRefusal.UserInTarget)]
    [InlineData("https://hook.example@127.0.0.1/", OutwardRefusal.UserInTarget)]
    [InlineData("https://127.0.0.1/", OutwardRefusal.NoHostName)]
    [InlineData("https://127.1/", OutwardRefusal.NoHostName)]
    [InlineData("https://127.0.0.1./", OutwardRefusal.NoHostName)]
    [InlineData("https://2130706433/", OutwardRefusal.NoHostName)]
    [InlineData("https://0x7f000001/", OutwardRefusal.NoHostName)]
    [InlineData("https://0x7f.0.0.1/", OutwardRefusal.NoHostName)]
    [InlineData("https://0177.0.0.1/", OutwardRefusal.NoHostName)]
    [InlineData("https://169.254.169.254/latest/meta-data/", OutwardRefusal.NoHostName)]
    [InlineData("https://198.51.100.7/", OutwardRefusal.NoHostName)]
    [InlineData("https://[::1]/", OutwardRefusal.NoHostName)]
    [InlineData("https://[::ffff:127.0.0.1]/", OutwardRefusal.NoHostName)]
    [InlineData("https://[fe80::1%25eth0]/", OutwardRefusal.NoHostName)]
    [InlineData("https://localhost/", OutwardRefusal.NoHostName)]
    [InlineData("https://intranet/", OutwardRefusal.NoHostName)]
    [InlineData("https://１２７.０.０.１/", OutwardRefusal.NoHostName)]
    public async Task Targets_that_are_no_name_of_the_public_DNS_on_port_443_are_refused_unasked(string target, OutwardRefusal reason)
    {
        await using var server = new HttpsStranger(Name, HttpsStranger.Ok("in"));
        var zone = new ZoneResolver();
        var http = new OutwardHttps(zone, server.Options with { IsAllowed = new OutwardHttpsOptions().IsAllowed });
        var refused = Assert.IsType<OutwardOutcome.Refused>(await http.SendAsync(new OutwardRequest(HttpMethod.Get, new Uri(target)), default));
        Assert.Equal((reason, 0, 0), (refused.Reason, server.Connections, zone.Queries.Count));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("169.254.169.254")]
    [InlineData("192.168.0.1")]
    [InlineData("100.64.0.1")]
    [InlineData("::1")]
    [InlineData("::")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("2002:7f00:1::1")]
    [InlineData("fe80::1")]
    [InlineData("fd00::1")]
    [InlineData("224.0.0.1")]
    public async Task A_name_that_leads_inside_is_refused_alone_and_beside_a_public_address(string inside)
    {
        await using var server = new HttpsStranger(Name, HttpsStranger.Ok("in"));
        foreach (ZoneResolver zone in (ZoneResolver[])[new(), new ZoneResolver().AddAddress(Name, "1.1.1.1").AddAddress(Name, "2606:4700::1")])
        {
            var http = new OutwardHttps(zone.AddAddress(Name, inside), new OutwardHttpsOptions { ConnectPort = server.Port, TrustedRoots = TestAuthority.Roots });
            var refused = Assert.IsType<OutwardOutcome.Refused>(await http.SendAsync(Get(), default));
            Assert.Equal((OutwardRefusal.PrivateAddress, 0), (refused.Reason, server.Connections));
        }
    }

    [Fact]
    public async Task A_second_answer_of_DNS_does_not_count()
    {
        await using var server = new HttpsStranger(Name, HttpsStranger.Ok("fine"));
        await using var inside = new HttpsStranger((_, _, _) => Task.CompletedTask, TestAuthority.For(Name), IPAddress.Parse("127.0.0.2"));
        // 127.0.0.1 stands for the Internet; every answer after the first leads elsewhere.
        var dns = new Rebinding("127.0.0.1", "127.0.0.2");
        var http = new OutwardHttps(dns, server.Options);
        Assert.Equal(IPAddress.Loopback, Assert.IsType<OutwardOutcome.Answered>(await http.SendAsync(Get(), default)).Server);
        Assert.Equal(1, dns.Asked);
        // The next request asks anew, and is refused.
        Assert.Equal(OutwardRefusal.PrivateAddress, Assert.IsType<OutwardOutcome.Refused>(await http.SendAsync(Get(), default)).Reason);
        Assert.Equal((1, 0), (server.Connections, inside.Connections));
    }

    [Fact]
    public async Task A_certificate_does_not_make_the_client_fetch_what_it_names()
    {
        using var trap = new TcpListener(IPAddress.Loopback, 0);
        trap.Start();
        using var between = TestAuthority.Between();
        await using var server = new HttpsStranger(
            (_, _, _) => Task.CompletedTask, TestAuthority.For(Name, issuerAt: $"http://127.0.0.1:{((IPEndPoint)trap.LocalEndpoint).Port}/issuer.cer", issuer: between));
        var http = new OutwardHttps(new ZoneResolver().AddAddress(Name, "127.0.0.1"), server.Options);
        var failed = Assert.IsType<OutwardOutcome.Failed>(await http.SendAsync(Get(), default));
        Assert.Equal(OutwardFailure.Tls, failed.Reason);
        Assert.False(trap.Pending());
    }

    [Theory]
    [InlineData("X-Event", "a\r\nHost: inside")]
    [InlineData("X-Event\r\nA", "b")]
    [InlineData("X-Event", "a\0")]
    public async Task Fields_cannot_smuggle_others(string name, string value)
    {
        await using var server = new HttpsStranger(Name, HttpsStranger.Ok("in"));
        var http = new OutwardHttps(new ZoneResolver().AddAddress(Name, "127.0.0.1"), server.Options);
        var refused = Assert.IsType<OutwardOutcome.Refused>(await http.SendAsync(Get() with { Fields = [new(name, value)] }, default));
        Assert.Equal((OutwardRefusal.BadField, 0), (refused.Reason, server.Connections));
    }

    private static OutwardRequest Get() => new(HttpMethod.Get, new Uri($"https://{Name}/"));

    private sealed class Rebinding(string first, string then) : IDnsResolver
    {
        private int _asked;

        /// <summary>Questions for A records.</summary>
        public int Asked => _asked;

        public ValueTask<DnsAnswer> QueryAsync(string name, DnsRecordType type, CancellationToken ct)
        {
            if (type != DnsRecordType.A)
                return ValueTask.FromResult(new DnsAnswer { Status = DnsStatus.NoData, Name = name, Type = type });
            string address = _asked++ == 0 ? first : then;
            return ValueTask.FromResult(new DnsAnswer { Status = DnsStatus.Found, Name = name, Type = type, Records = [new ARecord(name, TimeSpan.Zero, IPAddress.Parse(address))] });
        }
    }
}
