using System.Text;
using Postmaster.Fbl;
using Postmaster.Fbl.Cfbl;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Cfbl;

/// <summary>The values of the two fields (RFC 9477 §5) and the record of DKIM-FBL.</summary>
public sealed class CfblFieldReaderTests
{
    [Theory]
    [InlineData(" fbl@example.com", "fbl@example.com", CfblReportFormat.Arf, "")]
    [InlineData(" fbl@example.com; report=arf", "fbl@example.com", CfblReportFormat.Arf, "")]
    [InlineData(" fbl@example.com; report=xarf", "fbl@example.com", CfblReportFormat.Xarf, "")]
    [InlineData(" fbl@example.com;report=xarf", "fbl@example.com", CfblReportFormat.Xarf, "")]
    [InlineData("\r\n fbl@example.com;\r\n\treport=xarf", "fbl@example.com", CfblReportFormat.Xarf, "")]
    [InlineData(" (who reads (all) of it) fbl@example.com (x); (y) report=xarf (z)", "fbl@example.com", CfblReportFormat.Xarf, "")]
    [InlineData(" fbl@example.com(a;b)", "fbl@example.com", CfblReportFormat.Arf, "")]
    [InlineData(" fbl . one @ example . com", "fbl.one@example.com", CfblReportFormat.Arf, "")]
    [InlineData(" FBL@EXAMPLE.COM", "FBL@example.com", CfblReportFormat.Arf, "")]
    [InlineData(" \"f;b l\"@example.com; report=xarf", "\"f;b l\"@example.com", CfblReportFormat.Xarf, "")]
    [InlineData(" grüße@bücher.example", "grüße@xn--bcher-kva.example", CfblReportFormat.Arf, "")]
    [InlineData(" fbl@example.com; report=XARF", "fbl@example.com", CfblReportFormat.Arf, "unknown-format")]
    [InlineData(" fbl@example.com; Report=xarf", "fbl@example.com", CfblReportFormat.Arf, "unknown-format")]
    [InlineData(" fbl@example.com; report=json", "fbl@example.com", CfblReportFormat.Arf, "unknown-format")]
    [InlineData(" fbl@example.com; ttl=3", "fbl@example.com", CfblReportFormat.Arf, "unknown-parameter")]
    [InlineData(" fbl@example.com; ttl=3; report=xarf", "fbl@example.com", CfblReportFormat.Xarf, "unknown-parameter")]
    [InlineData(" fbl@example.com; report=arf; report=xarf", "fbl@example.com", CfblReportFormat.Arf, "repeated-parameter")]
    [InlineData(" fbl@example.com;", "fbl@example.com", CfblReportFormat.Arf, "")]
    public void An_address_is_read_with_its_format(string value, string address, CfblReportFormat format, string ignored)
    {
        Assert.True(CfblFieldReader.TryReadAddress(Encoding.UTF8.GetBytes(value), out CfblAddress? read, out ParseProblem problem), problem.Code);
        Assert.Equal(address, read.Address.ToString());
        Assert.Equal(format, read.Format);
        Assert.Equal(ignored, string.Join(' ', read.Ignored.Select(p => p.Code)));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData(" (nobody)", "empty")]
    [InlineData(" ; report=arf", "empty")]
    [InlineData(" <fbl@example.com>", "not-bare")]
    [InlineData(" Complaints <fbl@example.com>", "not-bare")]
    [InlineData(" Complaints fbl@example.com", "not-bare")]
    [InlineData(" fbl@example.com fbl@other.example", "not-bare")]
    [InlineData(" fbl@example.com, fbl@other.example", "several-addresses")]
    [InlineData(" fbl", "no-at-sign")]
    [InlineData(" @example.com", "empty-local-part")]
    [InlineData(" fbl@[192.0.2.1]", "address-literal")]
    [InlineData(" fbl@example..com", "empty-label")]
    [InlineData(" mailto:fbl@example.com", "bad-local-part")]
    [InlineData(" (open fbl@example.com", "open-comment")]
    [InlineData(" \"open@example.com", "open-quote")]
    [InlineData(" fbl@example.com; (open", "open-comment")]
    public void What_is_no_bare_address_is_refused_with_a_reason(string value, string code)
    {
        Assert.False(CfblFieldReader.TryReadAddress(Encoding.UTF8.GetBytes(value), out _, out ParseProblem problem));
        Assert.Equal(code, problem.Code);
    }

    [Fact]
    public void Octets_that_are_no_utf8_and_fields_without_end_are_refused()
    {
        Assert.False(CfblFieldReader.TryReadAddress([.. " f"u8, 0xE4, .. "bl@example.com"u8], out _, out ParseProblem problem));
        Assert.Equal("not-utf8", problem.Code);
        Assert.False(CfblFieldReader.TryReadAddress(new byte[CfblFieldReader.MaxOctets + 1], out _, out problem));
        Assert.Equal("too-long", problem.Code);
    }

    [Theory]
    [InlineData(" 111:222:333:4444", "111:222:333:4444")]
    [InlineData(" 3789e1ae1938aa2f\r\n   63f9e64a43dfedc0", "3789e1ae1938aa2f63f9e64a43dfedc0")]
    [InlineData(" a (one (nested) comment) b\t:c", "ab:c")]
    [InlineData(" grüße:1", "grüße:1")]
    [InlineData(" a=b/c+d", "a=b/c+d")]
    public void Whitespace_and_comments_are_no_part_of_the_identifier(string value, string id)
    {
        Assert.True(CfblFieldReader.TryReadFeedbackId(Encoding.UTF8.GetBytes(value), out string? read, out _));
        Assert.Equal(id, read);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData(" (only a comment)", "empty")]
    [InlineData(" bob@example.net", "bad-character")]
    [InlineData(" a;b", "bad-character")]
    [InlineData(" (open", "open-comment")]
    public void What_is_no_identifier_is_refused(string value, string code)
    {
        Assert.False(CfblFieldReader.TryReadFeedbackId(Encoding.UTF8.GetBytes(value), out _, out ParseProblem problem));
        Assert.Equal(code, problem.Code);
    }

    [Theory]
    [InlineData("v=DKIMRFBLv1; ra=mailto:fbl@example.org", "fbl@example.org", true)]
    [InlineData("v=DKIMRFBLv1;ra=mailto:fbl@example.org,https://example.org/fbl, mailto:b%2Bc@example.org?subject=x;c=n", "fbl@example.org b+c@example.org", false)]
    public void A_record_of_dkim_fbl_names_addresses(string text, string addresses, bool content)
    {
        Assert.True(DkimFblRecord.TryParse(Encoding.ASCII.GetBytes(text), out DkimFblRecord? record, out _));
        Assert.Equal(addresses, string.Join(' ', record.Addresses));
        Assert.Equal(content, record.WantsContent);
    }

    [Theory]
    [InlineData("", "empty-tag")]
    [InlineData("ra=mailto:fbl@example.org; v=DKIMRFBLv1", "bad-version")]
    [InlineData("v=DKIM1; p=", "bad-version")]
    [InlineData("v=DKIMRFBLv1", "no-address")]
    [InlineData("v=DKIMRFBLv1; ra=https://example.org/fbl", "no-address")]
    public void What_is_no_record_of_dkim_fbl_is_refused(string text, string code)
    {
        Assert.False(DkimFblRecord.TryParse(Encoding.ASCII.GetBytes(text), out _, out ParseProblem problem));
        Assert.Equal(code, problem.Code);
    }

    [Fact]
    public async Task The_record_of_the_selector_goes_before_that_of_the_domain_and_two_say_nothing()
    {
        var zone = new ZoneResolver();
        var domain = DomainName.Parse("example.org");
        Assert.Null(await DkimFblRecord.FindAsync(zone, domain, "news", CancellationToken.None));
        zone.AddTxt("_feedback._domainkey.example.org", "v=DKIMRFBLv1; ra=mailto:all@example.org");
        Assert.Equal("all@example.org", (await DkimFblRecord.FindAsync(zone, domain, "news", CancellationToken.None))!.Addresses[0].ToString());
        zone.AddTxt("news._feedback._domainkey.example.org", "v=DKIMRFBLv1; ra=mailto:news@example.org");
        Assert.Equal("news@example.org", (await DkimFblRecord.FindAsync(zone, domain, "news", CancellationToken.None))!.Addresses[0].ToString());
        zone.AddTxt("news._feedback._domainkey.example.org", "v=DKIMRFBLv1; ra=mailto:more@example.org");
        Assert.Null(await DkimFblRecord.FindAsync(zone, domain, "news", CancellationToken.None));
    }

    private static readonly string[] Words =
        ["CFBL-Address:", "CFBL-Feedback-ID:", " fbl@example.com", ";", " report=", "arf", "xarf", "(", ")", "\\", "\"", "@", ".", ",", "<", ">", " ", "\t", "\r\n ", ":", "ü", "v=DKIMRFBLv1", "ra=mailto:", "c=n", "%40"];

    [Fact]
    public void Any_field_is_read_or_refused() => new ParserFuzz
    {
        Seed = 9477, Alphabet = Words, Allocation = (200, 512 * 1024),
        Samples = [" (a) \"f b\"@example.com (b); report=xarf; x=\"y\"", "\r\n fbl@example.com;\r\n report=arf", "111:222\r\n :333 (c)", "v=DKIMRFBLv1; ra=mailto:a%40@example.org, mailto:b@example.org; c=n"],
    }.Run(octets =>
    {
        if (CfblFieldReader.TryReadAddress(octets, out CfblAddress? address, out _))
            Assert.True(MailAddress.TryParse(address.Address.ToString(), out _, out _));
        if (CfblFieldReader.TryReadFeedbackId(octets, out string? id, out _))
            Assert.DoesNotContain(id, char.IsWhiteSpace);
        if (DkimFblRecord.TryParse(octets, out DkimFblRecord? record, out _))
            Assert.InRange(record.Addresses.Count, 1, DkimFblRecord.MaxAddresses);
    });

    [Fact]
    public void Any_header_is_judged() => new ParserFuzz
    {
        Seed = 94770, Alphabet = ["From: a@example.com\r\n", "CFBL-Address: ", "fbl@example.com", "fbl@esp.example", "CFBL-Feedback-ID: 1\r\n", "DKIM-Signature: ", "v=1; a=rsa-sha256; ", "d=example.com; ", "h=From:CFBL-Address; ", "\r\n", " ", ";"],
        Allocation = (2000, 1024 * 1024), Rounds = 500, FloodLength = 32 * 1024,
        Samples = ["From: a@example.com\r\nCFBL-Address: fbl@example.com; report=arf\r\nCFBL-Address: fbl@esp.example\r\nCFBL-Feedback-ID: 1\r\nDKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s; h=From:CFBL-Address; bh=AAAA; b=AAAA\r\n\r\n"],
    }.Run(octets =>
    {
        HeaderBlock headers = MessageReader.Read(octets).Headers;
        DomainName domain = DomainName.Parse("example.com");
        CfblResult result = CfblEvaluator.Evaluate(headers, [.. CfblSignature.OfBorder(headers, [new(domain, null, null, null)]), new(domain, ["From", "CFBL-Address"], CfblSignatureState.Valid, "")]);
        Assert.All(result.Fields, v => Assert.Equal(v.Qualifies, v.Problem == CfblProblem.None));
        Assert.All(result.Fields, v => Assert.NotEmpty(v.Section));
    });
}
