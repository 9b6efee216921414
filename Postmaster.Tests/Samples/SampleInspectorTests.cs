using System.Text;
using System.Text.Json;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Web.Features.Samples;

namespace Postmaster.Tests.Samples;

public sealed class SampleInspectorTests
{
    [Fact]
    public async Task A_mail_that_is_right_has_nothing_to_mend()
    {
        SampleReport report = await SampleKit.InspectAsync(SampleKit.Signed(), SampleKit.Envelope);

        Assert.Empty(SampleKit.ToMend(report));
        Assert.Equal(
            [SampleTopics.Dkim, SampleTopics.Spf, SampleTopics.Dmarc, SampleTopics.Hosts, SampleTopics.Transport, SampleTopics.Unsubscribe, SampleTopics.Identifiers, SampleTopics.Format, SampleTopics.Html, SampleTopics.Rules],
            report.Topics.Select(t => t.Code));
        Assert.Equal(("Spring offer of the Example shop", "example.org"), (report.Subject, report.AuthorDomain));
        Assert.Equal("1 signature, 1 counts: example.org (s1, RSA 2048)", report.Topics[0].Verdict);
        Assert.Equal("Pass by DKIM and SPF, policy reject, organizational domain example.org.", report.Topics[2].Verdict);
    }

    [Fact]
    public async Task A_changed_body_is_critical_and_dmarc_still_passes_by_spf()
    {
        SampleReport report = await SampleKit.InspectAsync(SampleKit.Signed().Replace("Friday", "Sunday", StringComparison.Ordinal), SampleKit.Envelope);

        SampleFinding finding = report.Find("dkim.body_hash_mismatch")!;
        Assert.Equal((SampleSeverity.Critical, "RFC 6376 §3.7"), (finding.Severity, finding.Rfc));
        Assert.Equal("Pass by SPF, policy reject, organizational domain example.org.", report.Find("dmarc.pass")!.Text);
        Assert.Equal(SampleSeverity.Critical, report.Severity);
        Assert.Equal(SampleSeverity.Critical, report.Find("unsubscribe.not_signed")!.Severity);
    }

    [Fact]
    public async Task A_footer_that_was_added_on_the_way_is_named_and_marked()
    {
        string mail = SampleKit.Signed(SampleKit.Mail(body: "Content-Type: text/plain\r\n\r\n" + SampleKit.Plain)) + "-- \r\nScanned by example.net\r\n";
        SampleFinding finding = (await SampleKit.InspectAsync(mail, SampleKit.Envelope)).Find("dkim.body_hash_mismatch")!;
        ByteRange place = Assert.Single(finding.Evidence, r => r.Label is "changed after signing");
        Assert.Contains("Scanned by example.net", mail.Substring(place.Offset, place.Length), StringComparison.Ordinal);
        Assert.DoesNotContain("or another encoding", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chain_of_arc_is_information()
    {
        SampleReport report = await SampleKit.InspectAsync("ARC-Seal: i=1; a=rsa-sha256; cv=none; d=example.net; s=x; b=AAAA\r\n" + SampleKit.Signed(), SampleKit.Envelope);
        Assert.Equal(SampleSeverity.Info, report.Find("arc.fail")!.Severity);
        Assert.Empty(SampleKit.ToMend(report));
    }

    [Fact]
    public async Task A_pasted_mail_is_judged_without_its_envelope()
    {
        SampleReport report = await SampleKit.InspectAsync(SampleKit.Signed(), null);

        Assert.Empty(SampleKit.ToMend(report));
        Assert.NotNull(report.Find("spf.envelope_unknown"));
        Assert.NotNull(report.Find("hosts.client_unknown"));
        Assert.NotNull(report.Find("transport.tls_unknown"));
        Assert.StartsWith("Pass by DKIM,", report.Find("dmarc.pass")!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unsigned_mail_without_envelope_is_not_failed_for_good()
    {
        SampleReport report = await SampleKit.InspectAsync(SampleKit.Mail(), null);
        Assert.Equal(SampleSeverity.Critical, report.Find("dkim.none")!.Severity);
        Assert.Equal(SampleSeverity.Warning, report.Find("dmarc.no_aligned_signature")!.Severity);
    }

    [Fact]
    public async Task Evidence_marks_the_very_octets()
    {
        string mail = SampleKit.Signed(SampleKit.Mail("Subject: once\r\nSubject: twice\r\n" + SampleKit.Fields));
        SampleFinding finding = (await SampleKit.InspectAsync(mail, null)).Find("format.repeated_subject")!;
        Assert.Equal(["Subject: once\r\n", "Subject: twice\r\n", "Subject: Spring offer of the Example shop\r\n"], finding.Evidence.Select(r => mail.Substring(r.Offset, r.Length)));
    }

    [Fact]
    public async Task A_report_survives_json()
    {
        SampleReport report = await SampleKit.InspectAsync(SampleKit.Mail(), SampleKit.Envelope);
        string json = JsonSerializer.Serialize(report);
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<SampleReport>(json)));
        Assert.Contains("dkim.none", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("body_length", "l=")]
    [InlineData("uncovered", "Feedback-ID")]
    public async Task What_a_signature_leaves_open_is_told(string code, string word)
    {
        var options = new DkimSignerOptions { SignedFields = ["From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"], BodyLength = 10 };
        SampleFinding finding = (await SampleKit.InspectAsync(SampleKit.Signed(options: options), SampleKit.Envelope)).Find("dkim." + code)!;
        Assert.Equal(SampleSeverity.Warning, finding.Severity);
        Assert.Contains(word, finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_in_test_counts_for_nothing()
    {
        ZoneResolver zone = SampleKit.Zone();
        zone.Remove(Dkim.DkimKit.KeyName);
        zone.AddTxt(Dkim.DkimKit.KeyName, Dkim.DkimKit.Rsa.PublicKeyRecord + "; t=y");
        SampleReport report = await SampleKit.InspectAsync(SampleKit.Signed(), SampleKit.Envelope, zone);
        Assert.NotNull(report.Find("dkim.testing"));
        Assert.NotNull(report.Find("unsubscribe.not_signed"));
    }

    [Theory]
    [InlineData("v=spf1 -all", "spf.fail", SampleSeverity.Critical)]
    [InlineData("v=spf1 ~all", "spf.softfail", SampleSeverity.Warning)]
    [InlineData("v=spf1 ?all", "spf.neutral", SampleSeverity.Warning)]
    [InlineData("unrelated", "spf.none", SampleSeverity.Warning)]
    [InlineData("v=spf1 moo", "spf.permerror", SampleSeverity.Critical)]
    [InlineData("v=spf1 +all", "spf.everybody", SampleSeverity.Critical)]
    [InlineData("v=spf1 a:broken.example -all", "spf.temperror", SampleSeverity.Unknown)]
    public async Task Each_verdict_of_spf_has_its_finding(string record, string code, SampleSeverity severity)
    {
        SampleReport report = await SampleKit.InspectAsync(SampleKit.Signed(), SampleKit.Envelope, SampleKit.Zone(record).Fail("broken.example"));
        Assert.Equal(severity, report.Find(code)!.Severity);
    }

    [Fact]
    public async Task Every_text_of_the_outside_is_fit_for_a_page()
    {
        string mail = SampleKit.Mail(SampleKit.Fields.Replace("exampleorg", "\u001b[31m\u007f", StringComparison.Ordinal));
        SampleReport report = await SampleKit.InspectAsync(mail, new SampleEnvelope(null, "\u001b[2J", null, false, "\u0007", SampleKit.Now));
        Assert.DoesNotContain(report.Topics.SelectMany(t => t.Findings).SelectMany(f => f.Details.Append(f.Text)), line => line.Any(char.IsControl));
    }

    [Fact]
    public async Task A_mail_cut_anywhere_or_garbled_is_judged_without_an_exception()
    {
        byte[] mail = Encoding.Latin1.GetBytes(SampleKit.Signed());
        SampleInspector inspector = SampleKit.Inspector(SampleKit.Zone());
        for (int length = 0; length <= mail.Length; length += 7)
            await JudgeAsync(mail[..length]);

        var random = new Random(20260302);
        for (int round = 0; round < 200; round++)
        {
            byte[] garbled = [.. mail];
            for (int change = 0; change < 8; change++)
                garbled[random.Next(garbled.Length)] = (byte)random.Next(256);
            await JudgeAsync(garbled);
        }

        async Task JudgeAsync(byte[] octets)
        {
            SampleReport report = await inspector.InspectAsync(new SampleInput(octets, SampleKit.Envelope), CancellationToken.None);
            Assert.All(report.Topics.SelectMany(t => t.Findings).SelectMany(f => f.Evidence), r => Assert.InRange(r.Offset + r.Length, 0, Math.Max(octets.Length, r.Length)));
        }
    }

    [Fact]
    public async Task A_tower_of_elements_does_no_harm()
    {
        string tower = string.Concat(Enumerable.Repeat("<b><div>", 9_000)) + "<a href='https://a.example/'>https://b.example/</a>";
        SampleReport report = await SampleKit.InspectAsync(SampleKit.Mail(body: SampleKit.Body(html: tower)), null);
        Assert.NotNull(report.Find("html.link_mismatch"));
        SampleReport higher = await SampleKit.InspectAsync(SampleKit.Mail(body: SampleKit.Body(html: tower + tower)), null);
        Assert.NotNull(higher.Find("html.too_complex"));
    }

    [Fact]
    public async Task Dns_that_is_down_is_unknown_and_not_wrong()
    {
        var zone = new ZoneResolver();
        foreach (string name in (string[])["s1._domainkey.example.org", "example.org", "_dmarc.example.org", "_mta-sts.example.org", "_smtp._tls.example.org", "default._bimi.example.org", "mta.example.org", ReverseName.Of(SampleKit.Envelope.Ip!)])
            zone.Fail(name, DnsStatus.Timeout);
        SampleReport report = await SampleKit.InspectAsync(SampleKit.Signed(), SampleKit.Envelope, zone);
        Assert.All((string[])["dkim.dns_failure", "spf.temperror", "dmarc.temperror", "hosts.reverse_unknown", "transport.mta_sts_unknown"], code => Assert.Equal(SampleSeverity.Unknown, report.Find(code)!.Severity));
    }
}
