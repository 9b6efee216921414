using System.Net;
using Postmaster.Fbl.Dns;

namespace Postmaster.Tests.Dns;

public sealed class DnsAnswerTests
{
    [Theory]
    [InlineData(DnsStatus.NxDomain, "192.0.2.53", null, "NXDOMAIN from 192.0.2.53")]
    [InlineData(DnsStatus.NxDomain, null, null, "NXDOMAIN")]
    [InlineData(DnsStatus.NxDomain, null, "bad-name", "no such name can exist in DNS")]
    [InlineData(DnsStatus.NoData, "192.0.2.53", null, "no TXT record (NODATA) from 192.0.2.53")]
    [InlineData(DnsStatus.ServFail, "192.0.2.53", "servfail", "SERVFAIL from 192.0.2.53")]
    [InlineData(DnsStatus.ServFail, "192.0.2.53", "cname-loop", "a loop of CNAMEs from 192.0.2.53")]
    [InlineData(DnsStatus.ServFail, "192.0.2.53", "unreachable", "the DNS server 192.0.2.53 cannot be reached")]
    [InlineData(DnsStatus.ServFail, null, "no-servers", "no DNS server is configured")]
    [InlineData(DnsStatus.Timeout, "192.0.2.53", null, "no answer in time from 192.0.2.53")]
    public void An_answer_is_told_in_one_line(DnsStatus status, string? server, string? problem, string words) =>
        Assert.Equal(words, new DnsAnswer { Status = status, Name = "a.example", Type = DnsRecordType.TXT, Server = server, Problem = problem }.Describe());

    [Fact]
    public void Waiting_is_told_in_seconds()
    {
        var answer = new DnsAnswer { Status = DnsStatus.Timeout, Name = "a.example", Type = DnsRecordType.MX, Server = "192.0.2.53" };
        Assert.Equal("no answer within 5 s from 192.0.2.53", (answer with { Waited = TimeSpan.FromSeconds(5.02) }).Describe());
        Assert.Equal("no answer within 1.5 s from 192.0.2.53", (answer with { Waited = TimeSpan.FromSeconds(1.5) }).Describe());
    }

    [Fact]
    public void Records_are_counted()
    {
        var record = new ARecord("a.example", TimeSpan.Zero, IPAddress.Loopback);
        var answer = new DnsAnswer { Status = DnsStatus.Found, Name = "a.example", Type = DnsRecordType.A, Records = [record] };
        Assert.Equal("1 A record", answer.Describe());
        Assert.Equal("2 A records from 192.0.2.53", (answer with { Records = [record, record], Server = "192.0.2.53" }).Describe());
    }
}
