using System.Net;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Spf;
using Postmaster.Web.Features.Samples;

namespace Postmaster.Tests.Samples;

public sealed class SpfRecordFixTests
{
    [Fact]
    public async Task A_dead_include_is_named_and_the_record_without_it_is_offered()
    {
        ZoneResolver zone = SampleKit.Zone("v=spf1 ip4:198.51.100.0/24 include:_spf.old.example mx -all");
        SampleFinding finding = (await SampleKit.InspectAsync(SampleKit.Signed(), SampleKit.Envelope, zone)).Find("spf.dead_term")!;
        Assert.StartsWith("include:_spf.old.example in the record of example.org leads to nothing.", finding.Text, StringComparison.Ordinal);
        Assert.Equal(new CopyText("dns-txt", "example.org", "v=spf1 ip4:198.51.100.0/24 mx -all"), finding.Fix);
    }

    [Fact]
    public async Task A_record_over_its_limit_gets_one_that_fits()
    {
        ZoneResolver zone = SampleKit.Zone("v=spf1 include:a.example include:b.example mx -all");
        foreach (string letter in (string[])["a", "b"])
        {
            zone.AddTxt($"{letter}.example", "v=spf1 " + string.Join(' ', Enumerable.Range(1, 5).Select(i => $"include:{letter}{i}.example")) + " ~all");
            for (int i = 1; i <= 5; i++)
                zone.AddTxt($"{letter}{i}.example", $"v=spf1 ip4:203.0.113.{i} -all");
        }

        SampleReport report = await SampleKit.InspectAsync(SampleKit.Signed(), SampleKit.Envelope, zone);
        Assert.Equal(SampleSeverity.Critical, report.Find("spf.permerror")!.Severity);
        SampleFinding finding = report.Find("spf.too_many_lookups")!;
        Assert.StartsWith("The record of example.org needs 13 DNS look-ups, 10 are allowed.", finding.Text, StringComparison.Ordinal);
        Assert.Equal("RFC 7208 §4.6.4", finding.Rfc);
        Assert.Contains("include:a.example (6)", finding.Details);

        zone.Remove("example.org", DnsRecordType.TXT);
        zone.AddTxt("example.org", finding.Fix!.Value);
        SpfResult published = await new SpfEvaluator(zone).CheckHostAsync(IPAddress.Parse("192.0.2.1"), "example.org", "a@example.org", "h.example", CancellationToken.None);
        Assert.Equal((SpfStatus.Fail, true), (published.Status, published.Lookups <= 10));
        Assert.Contains("ip4:203.0.113.5", finding.Fix.Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_that_cannot_be_mended_by_words_alone_gets_advice_and_no_record()
    {
        ZoneResolver zone = SampleKit.Zone("v=spf1 " + string.Join(' ', Enumerable.Range(1, 12).Select(i => $"exists:%{{i}}.l{i}.example")) + " -all");
        SampleFinding finding = (await SampleKit.InspectAsync(SampleKit.Signed(), SampleKit.Envelope, zone)).Find("spf.too_many_lookups")!;
        Assert.Null(finding.Fix);
        Assert.Contains("subdomain of its own", finding.Text, StringComparison.Ordinal);
    }
}
