using System.Text;
using Postmaster.Fbl.Dmarc;

namespace Postmaster.Tests.Dmarc;

public sealed class DmarcRecordParserTests
{
    [Theory]
    [InlineData("v=DMARC1")]
    [InlineData("v=DMARC1;")]
    [InlineData("v=DMARC1; p=none")]
    [InlineData("v=DMARC1;p=none;;")] // an empty term spoils nothing
    [InlineData("v =\tDMARC1 ;p=none")] // white space around the equals sign
    [InlineData("V=DMARC1; p=none")] // names are ABNF strings
    [InlineData("v=DMARC1; rubbish")]
    public void The_version_alone_makes_a_record(string text) => Assert.NotNull(Read(text));

    [Theory]
    [InlineData("")]
    [InlineData("v=dmarc1; p=none")] // the value is case-sensitive
    [InlineData("v=DMARC2; p=none")]
    [InlineData("v=DMARC1x; p=none")]
    [InlineData("v=DMARC1 p=none")]
    [InlineData("v=DMARC1, p=none")]
    [InlineData("p=none; v=DMARC1")] // not the first tag
    [InlineData("DMARC1; p=none")]
    [InlineData("v=spf1 -all")]
    [InlineData(" v=DMARC1; p=none")] // nothing may stand before it
    [InlineData("\"v=DMARC1; p=none\"")]
    public void Other_text_is_none(string text)
    {
        Assert.False(DmarcRecordParser.IsRecord(Encoding.Latin1.GetBytes(text)));
        Assert.False(DmarcRecordParser.TryParse(Encoding.Latin1.GetBytes(text), out _));
    }

    [Fact]
    public void Every_tag_is_read()
    {
        var record = Read("v=DMARC1; p=reject; sp=quarantine; np=none; psd=n; t=y; adkim=s; aspf=s; fo=1:d:s; pct=20; rua=mailto:a@example.org,mailto:b@example.net; ruf=mailto:c@example.org; ri=3600; rf=afrf")!;
        Assert.Equal((DmarcPolicy.Reject, DmarcPolicy.Quarantine, DmarcPolicy.None), (record.Policy, record.SubdomainPolicy, record.NonexistentPolicy));
        Assert.Equal((DmarcPublicSuffix.No, true, DmarcAlignmentMode.Strict, DmarcAlignmentMode.Strict), (record.PublicSuffix, record.Testing, record.DkimAlignment, record.SpfAlignment));
        Assert.Equal(("1ds", 20), (record.FailureOptions, record.Percent));
        Assert.Equal(["a@example.org", "b@example.net"], record.AggregateReports.Select(u => u.Address?.ToString()));
        Assert.Equal("mailto:c@example.org", Assert.Single(record.FailureReports).Text);
        Assert.Empty(record.Ignored); // unknown tags and those of RFC 7489 are nothing odd
        Assert.True(record is { IsUsable: true, HasValidPolicies: true });
    }

    [Fact]
    public void What_is_absent_has_its_default()
    {
        var record = Read("v=DMARC1; p=none")!;
        Assert.Equal((null, null, null), (record.SubdomainPolicy, record.NonexistentPolicy, record.Percent));
        Assert.Equal((DmarcPublicSuffix.Unknown, false, DmarcAlignmentMode.Relaxed, DmarcAlignmentMode.Relaxed, "0"),
            (record.PublicSuffix, record.Testing, record.DkimAlignment, record.SpfAlignment, record.FailureOptions));
    }

    [Fact]
    public void What_is_malformed_has_its_default_and_is_told()
    {
        var record = Read("v=DMARC1; p=none; adkim=strict; aspf=; t=yes; psd=x; fo=0:1; pct=101; rubbish; 1=2; p=reject")!;
        Assert.Equal((DmarcPolicy.None, DmarcAlignmentMode.Relaxed, DmarcAlignmentMode.Relaxed, false, DmarcPublicSuffix.Unknown, "0", null),
            (record.Policy, record.DkimAlignment, record.SpfAlignment, record.Testing, record.PublicSuffix, record.FailureOptions, record.Percent));
        Assert.Equal(["rubbish", "1=2", "p=reject", "psd=x", "t=yes", "adkim=strict", "aspf=", "fo=0:1", "pct=101"], record.Ignored);
    }

    [Theory]
    [InlineData("p=none", true, true)]
    [InlineData("P = NONE", true, true)] // either case, spaces
    [InlineData("sp=none; p=reject", true, true)] // any order
    [InlineData("p=nothing", false, false)]
    [InlineData("p=nothing; rua=mailto:a@example.org", false, true)] // an address for reports saves it
    [InlineData("rua=mailto:a@example.org", false, true)]
    [InlineData("rua=https://example.org/reports", false, true)] // of any scheme
    [InlineData("", false, false)]
    [InlineData("p=", false, false)]
    [InlineData("p=reject; sp=none!", false, false)] // one bad policy is as bad as another
    [InlineData("p=reject; np=x; rua=mailto:a@example.org", false, true)]
    [InlineData("rua=a@example.org", false, false)] // no URI
    [InlineData("rua=mailto:example.org", false, false)] // no address
    [InlineData("rua=mailto:", false, false)]
    public void Without_valid_policies_an_address_for_reports_decides(string tags, bool valid, bool usable)
    {
        var record = Read("v=DMARC1; " + tags)!;
        Assert.Equal((valid, usable), (record.HasValidPolicies, record.IsUsable));
    }

    [Fact]
    public void Addresses_for_reports_are_read_one_by_one()
    {
        var record = Read("v=DMARC1; p=none; rua=mailto:a@example.org!10m , rubbish, MAILTO:b%2Bc@example.org?subject=x, https://example.org/x")!;
        Assert.Equal(["mailto:a@example.org", "MAILTO:b%2Bc@example.org?subject=x", "https://example.org/x"], record.AggregateReports.Select(u => u.Text));
        Assert.Equal(["a@example.org", "b+c@example.org", null], record.AggregateReports.Select(u => u.Address?.ToString()));
        Assert.Equal(["rua=rubbish"], record.Ignored);
        Assert.Equal(20, Read("v=DMARC1; p=none; rua=" + string.Join(',', Enumerable.Repeat("mailto:a@example.org", 500)))!.AggregateReports.Count);
    }

    private static DmarcRecord? Read(string text) => DmarcRecordParser.TryParse(Encoding.Latin1.GetBytes(text), out var record) ? record : null;
}
