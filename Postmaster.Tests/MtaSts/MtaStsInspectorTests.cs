using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Tests.Samples;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.Domains.Inspection;
using Postmaster.Web.Features.Samples;
using Postmaster.Web.Hosting.Outward;
using Postmaster.Web.Model;

namespace Postmaster.Tests.MtaSts;

/// <summary>The policy fetched from a real server on loopback, and what is said about it.</summary>
public sealed class MtaStsInspectorTests
{
    private const string Policy = "version: STSv1\r\nmode: enforce\r\nmx: mx.example.org\r\nmax_age: 1209600\r\n";
    private const string Host = "mta-sts.example.org";

    [Fact]
    public async Task A_good_policy_is_told_with_mode_and_time()
    {
        await using var server = new HttpsStranger(Host, HttpsStranger.Ok(Policy));
        MtaStsView view = await InspectAsync(server, Zone());
        MtaStsFinding only = Assert.Single(view.Findings);
        Assert.Equal(("mta-sts", FindingSeverity.Ok), (only.Code, only.Severity));
        Assert.Contains("kept for 14 days", only.Text, StringComparison.Ordinal);
        Assert.StartsWith("GET /.well-known/mta-sts.txt HTTP/1.1\r\n", Assert.Single(server.Requests), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "mta-sts-no-policy", "HTTP 404")]
    [InlineData("HTTP/1.1 301 Moved\r\nLocation: https://example.org/\r\nContent-Length: 0\r\n\r\n", "mta-sts-no-policy", "redirect (HTTP 301), which senders do not follow")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n#", "mta-sts-no-policy", "larger than 64 KB")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n$", "mta-sts-content-type", "not served as text/plain")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nversion: STSv1\nmode: on\nmax_age: 1\n", "mta-sts-bad-policy", "the mode in line 2 is not enforce, testing or none")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n$max_age: 5", "mta-sts", "enforce")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nversion: STSv1\nmode: testing\nmx: *.example.org\nmax_age: 60\n", "mta-sts-short-age", "60 seconds only")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nversion: STSv1\nmode: enforce\nmx: other.example.org\nmax_age: 604800\n", "mta-sts-mx", "does not allow mx.example.org, which is an MX")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nversion: STSv1\nmode: none\nmax_age: 60\n", "mta-sts", "mode none")]
    public async Task What_is_wrong_with_a_policy_is_said(string answer, string code, string words)
    {
        await using var server = new HttpsStranger(Host, answer.Replace("$", Policy, StringComparison.Ordinal).Replace("#", new string('a', 70_000), StringComparison.Ordinal));
        MtaStsFinding only = Assert.Single((await InspectAsync(server, Zone())).Findings);
        Assert.Equal(code, only.Code);
        Assert.Contains(words, only.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_for_another_name_and_a_host_inside_are_told()
    {
        await using var server = new HttpsStranger("example.org", HttpsStranger.Ok(Policy));
        Assert.Contains($"its certificate does not name {Host}", Assert.Single((await InspectAsync(server, Zone())).Findings).Text, StringComparison.Ordinal);
        var guarded = new MtaStsInspector(Zone(), new OutwardHttps(Zone()));
        Assert.Contains("no address of the public Internet", Assert.Single((await guarded.InspectAsync(DomainName.Parse("example.org"), default)).Findings).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v=STSv1", "mta-sts-bad-record")]
    [InlineData("v=STSv1; id=2026-01-01", "mta-sts-bad-record")]
    public async Task Without_a_record_that_counts_nobody_is_asked(string record, string code)
    {
        await using var server = new HttpsStranger(Host, HttpsStranger.Ok(Policy));
        ZoneResolver zone = Zone(record);
        Assert.Equal(code, Assert.Single((await InspectAsync(server, zone)).Findings).Code);
        Assert.Equal("mta-sts-several", Assert.Single((await InspectAsync(server, Zone().AddTxt("_mta-sts.example.org", "v=STSv1; id=2"))).Findings).Code);
        Assert.Empty((await InspectAsync(server, new ZoneResolver())).Findings);
        Assert.Equal("mta-sts-unknown", Assert.Single((await InspectAsync(server, new ZoneResolver().Fail("_mta-sts.example.org"))).Findings).Code);
        Assert.Equal(0, server.Connections);
    }

    [Fact]
    public async Task The_sample_and_the_domain_tell_it_too()
    {
        await using var server = new HttpsStranger(Host, HttpsStranger.Ok(Policy.Replace("mx.example", "other.example", StringComparison.Ordinal)));
        ZoneResolver zone = SampleKit.Zone().AddAddress(Host, "127.0.0.1");
        var https = new OutwardHttps(zone, server.Options);
        var inspector = new SampleInspector(zone, new ManualTime(SampleKit.Now), scorers: null, new SampleSurroundings { Https = https });
        SampleReport report = await inspector.InspectAsync(new SampleInput(System.Text.Encoding.Latin1.GetBytes(SampleKit.Signed()), SampleKit.Envelope), default);
        Assert.Equal(SampleSeverity.Critical, report.Find("transport.mta_sts_mx")?.Severity);
        DomainInspection domain = await new DomainInspector(zone, "_challenge", new MtaStsInspector(zone, https)).InspectAsync(DomainName.Parse("example.org"), [], default);
        Assert.Contains(domain.Findings, f => f is { Code: "mta-sts-mx", Severity: FindingSeverity.Critical });
        Assert.Equal("other.example.org", Assert.Single(domain.MtaSts.Policy!.Mx).ToString());
    }

    private static ZoneResolver Zone(string record = "v=STSv1; id=1") =>
        new ZoneResolver().AddTxt("_mta-sts.example.org", record).AddAddress(Host, "127.0.0.1").AddMx("example.org", 10, "mx.example.org");

    private static Task<MtaStsView> InspectAsync(HttpsStranger server, ZoneResolver zone) =>
        new MtaStsInspector(zone, new OutwardHttps(zone, server.Options)).InspectAsync(DomainName.Parse("example.org"), default);
}
