using Postmaster.Fbl.Dns;
using Postmaster.Web.Features.Samples;

namespace Postmaster.Tests.Samples;

/// <summary>One change of the good mail or of its zone, one finding.</summary>
public sealed class TopicTests
{
    [Theory]
    [InlineData("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", "", "unsubscribe.no_one_click")]
    [InlineData("List-Unsubscribe=One-Click", "List-Unsubscribe=Yes", "unsubscribe.bad_post")]
    [InlineData("<https://example.org/u/abc>, ", "", "unsubscribe.no_https")]
    [InlineData("<https://example.org/u/abc>", "<http://example.org/u/abc>", "unsubscribe.http")]
    [InlineData("<https://example.org/u/abc>", "<https://a.example/>, <https://b.example/>", "unsubscribe.several_https")]
    [InlineData("<https://example.org/u/abc>", "https://example.org/u/abc", "unsubscribe.malformed")]
    [InlineData("List-Id:", "List-Unsubscribe: <https://x.example>\r\nList-Id:", "unsubscribe.several")]
    [InlineData("<spring.example.org>", "", "identifiers.bad_list_id")]
    [InlineData("exampleorg", "abcd", "identifiers.feedback_sender")] // four characters, five are needed
    [InlineData("exampleorg", "abcdefghijklmnop", "identifiers.feedback_sender")] // sixteen
    [InlineData("spring:shop", "shop:shop", "identifiers.feedback_repeats")]
    [InlineData("List-Id:", "CFBL-Address: fbl@elsewhere.example\r\nList-Id:", "identifiers.cfbl_not_signed")]
    [InlineData("List-Id:", "CFBL-Address: FBL <fbl@example.org>\r\nList-Id:", "identifiers.bad_cfbl")]
    [InlineData("List-Id:", "CFBL-Address: fbl@example.org; report=pdf\r\nList-Id:", "identifiers.cfbl_parameter")]
    [InlineData("List-Id:", "CFBL-Address: fbl@example.org\r\nCFBL-Feedback-ID: a;b\r\nList-Id:", "identifiers.bad_cfbl_id")]
    [InlineData("Date: Mon, 2 Mar 2026 09:59:58 +0000\r\n", "", "format.no_date")]
    [InlineData("Date: Mon, 2 Mar 2026", "Date: yesterday", "format.bad_date")]
    [InlineData("2 Mar 2026", "4 Mar 2026", "format.future_date")]
    [InlineData("2 Mar 2026", "2 Feb 2026", "format.old_date")]
    [InlineData("Message-ID: <1@example.org>\r\n", "", "format.no_message_id")]
    [InlineData("<1@example.org>", "1@example.org", "format.bad_message_id")]
    [InlineData("MIME-Version: 1.0\r\n", "", "format.no_mime_version")]
    [InlineData("From: News <news@example.org>", "From: News", "format.bad_from")]
    [InlineData("From: News <news@example.org>\r\n", "", "format.no_from")]
    [InlineData("To: bob@example.net\r\n", "", "format.no_recipient")]
    [InlineData("Spring offer of the Example shop", "Gr\u00fc\u00dfe", "format.eight_bit_header")]
    [InlineData("Garden chairs", "Garden\rchairs", "format.bare_cr")]
    [InlineData("--b--\r\n", "", "format.multipart_not_closed")]
    [InlineData("Spring offer of the Example shop", "You have a message!", "rules.subject_says_nothing")]
    [InlineData("Spring offer", "Re: Spring offer", "rules.false_reply")]
    [InlineData(" alt=\"A chair\"", "", "html.images_without_alt")]
    [InlineData(">Unsubscribe<", ">https://other.example/<", "html.link_mismatch")]
    [InlineData("<p>Garden", "<script>x</script><p>Garden", "html.active")]
    [InlineData("<p>Garden", "<p onclick=\"x()\">Garden", "html.active")]
    [InlineData("<p>Garden", "<form><input></form><p>Garden", "html.form")]
    [InlineData("<p><a href=\"https://example.org/u/abc\">Unsubscribe</a></p>", "", "html.no_unsubscribe_link")]
    [InlineData("<p><a", "<p style=\"display: none\"><a", "html.no_unsubscribe_link")]
    [InlineData("Unsubscribe: https://example.org/u/abc\r\n", "", "html.no_unsubscribe_text")]
    public async Task Each_mistake_is_found(string right, string wrong, string code)
    {
        string mail = SampleKit.Mail();
        Assert.Contains(right, mail, StringComparison.Ordinal);
        Assert.Null((await SampleKit.InspectAsync(SampleKit.Signed(mail), SampleKit.Envelope)).Find(code));

        SampleReport report = await SampleKit.InspectAsync(SampleKit.Signed(mail.Replace(right, wrong, StringComparison.Ordinal)), SampleKit.Envelope);
        SampleFinding finding = report.Find(code)!;
        Assert.NotNull(finding);
        Assert.NotEqual(SampleSeverity.Ok, finding.Severity);
    }

    [Fact]
    public async Task Long_lines_large_html_and_hidden_words_are_found()
    {
        string html = SampleKit.Html.Replace("<p>Garden", $"<div style='display:none'>{string.Concat(Enumerable.Repeat("word ", 30_000))}</div><p>Garden", StringComparison.Ordinal);
        SampleReport report = await SampleKit.InspectAsync(SampleKit.Mail(body: SampleKit.Body(html: html)), SampleKit.Envelope);
        Assert.All((string[])["html.cut", "html.hidden_text", "format.long_lines"], code => Assert.NotNull(report.Find(code)));
    }

    [Fact]
    public async Task A_cfbl_address_of_the_author_that_is_signed_counts()
    {
        string mail = SampleKit.Mail("CFBL-Address: fbl@example.org; report=arf\r\n" + SampleKit.Fields);
        var options = new Fbl.Dkim.DkimSignerOptions { SignedFields = ["From", "CFBL-Address"] };
        Assert.NotNull((await SampleKit.InspectAsync(SampleKit.Signed(mail, options), SampleKit.Envelope)).Find("identifiers.cfbl"));
    }

    [Theory]
    [InlineData("hosts.no_reverse_name", "7.100.51.198.in-addr.arpa", DnsRecordType.PTR)]
    [InlineData("hosts.reverse_not_confirmed", "mta.example.org", DnsRecordType.A)]
    [InlineData("hosts.helo_elsewhere", "mta.example.org", DnsRecordType.A)]
    [InlineData("hosts.author_unreachable", "example.org", DnsRecordType.MX)]
    [InlineData("dmarc.none", "_dmarc.example.org", DnsRecordType.TXT)]
    [InlineData("dkim.no_key", "s1._domainkey.example.org", DnsRecordType.TXT)]
    [InlineData("transport.no_mta_sts", "_mta-sts.example.org", DnsRecordType.TXT)]
    [InlineData("transport.no_tls_rpt", "_smtp._tls.example.org", DnsRecordType.TXT)]
    [InlineData("transport.no_bimi", "default._bimi.example.org", DnsRecordType.TXT)]
    public async Task Each_record_that_is_missing_is_found(string code, string name, DnsRecordType type)
    {
        ZoneResolver zone = SampleKit.Zone();
        Assert.True(zone.Remove(name, type));
        Assert.NotNull((await SampleKit.InspectAsync(SampleKit.Signed(), SampleKit.Envelope, zone)).Find(code));
    }

    [Fact]
    public async Task A_reverse_name_whose_addresses_dns_does_not_tell_is_unknown_and_not_wrong()
    {
        ZoneResolver zone = SampleKit.Zone();
        zone.Fail("mta.example.org");
        SampleReport report = await SampleKit.InspectAsync(SampleKit.Signed(), SampleKit.Envelope, zone);
        Assert.NotNull(report.Find("hosts.reverse_unknown"));
        Assert.Null(report.Find("hosts.reverse_not_confirmed"));
    }

    [Theory]
    [InlineData("", "transport.no_tls")]
    [InlineData("TLSv1", "transport.old_tls")]
    [InlineData("TLSv1.1", "transport.old_tls")]
    [InlineData("TLSv1.2", "transport.tls")]
    [InlineData("TLSv1.3", "transport.tls")]
    public async Task The_last_hop_is_judged_by_its_tls(string tls, string code) =>
        Assert.NotNull((await SampleKit.InspectAsync(SampleKit.Signed(), SampleKit.Envelope with { Tls = tls })).Find(code));

    [Theory]
    [InlineData("v=DMARC1; p=none; rua=mailto:d@example.org", "dmarc.policy_none")]
    [InlineData("v=DMARC1; p=reject; pct=50; rua=mailto:d@example.org", "dmarc.pct")]
    [InlineData("v=DMARC1; p=reject; t=y; rua=mailto:d@example.org", "dmarc.testing")]
    [InlineData("v=DMARC1; p=reject", "dmarc.no_reports")]
    [InlineData("v=DMARC1; p=reject; adkim=x; rua=mailto:d@example.org", "dmarc.ignored_tags")]
    [InlineData("v=DMARC1; rua=mailto:d@example.org", "dmarc.no_policy")]
    public async Task A_weak_dmarc_record_is_told(string record, string code)
    {
        ZoneResolver zone = SampleKit.Zone();
        zone.Remove("_dmarc.example.org");
        Assert.NotNull((await SampleKit.InspectAsync(SampleKit.Signed(), SampleKit.Envelope, zone.AddTxt("_dmarc.example.org", record))).Find(code));
    }
}
