using System.Text;
using Postmaster.Fbl.Names;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.Samples;

namespace Postmaster.Tests.Samples;

/// <summary>What a mail without an envelope tells of its delivery by the fields that hosts on the way wrote.</summary>
public sealed class LastHopTests
{
    [Theory]
    [InlineData("from mta.example.org (mta.example.org [198.51.100.7]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)) by mx.example.net (Postfix) with ESMTPS id 1 for <a@example.net>", "TLSv1.3", SampleSeverity.Ok)]
    [InlineData("from mta.example.org ([198.51.100.7] helo=mta) by mx.example.net with esmtps  (TLS1.2) tls TLS_ECDHE_RSA (Exim 4.96) (envelope-from <b@example.org>) id 1", "TLSv1.2", SampleSeverity.Ok)]
    [InlineData("from mta.example.org ([198.51.100.7]:4711) by mx.example.net with esmtps (TLS1.0:ECDHE_RSA_AES_128_CBC_SHA1:128) (Exim 4.89) id 1", "TLSv1.0", SampleSeverity.Warning)]
    [InlineData("from mta.example.org (mta.example.org [198.51.100.7]) by mx.example.net (8.17.1/8.17.1) with ESMTPS id 1 (version=TLSv1.2 cipher=ECDHE-RSA-AES256-GCM-SHA384 bits=256 verify=NO)", "TLSv1.2", SampleSeverity.Ok)]
    [InlineData("from mta.example.org (198.51.100.7) by ex1.example.net (10.0.0.5) with Microsoft SMTP Server (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.1.2507", "TLSv1.2", SampleSeverity.Ok)]
    [InlineData("from mta.example.org (mta.example.org. [198.51.100.7]) by mx.google.example with ESMTPS id 1 for <a@example.net> (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128)", "TLSv1.3", SampleSeverity.Ok)]
    [InlineData("from mta.example.org (mta.example.org [198.51.100.7]) by mx.example.net with ESMTPS id 1", "by TLS.", SampleSeverity.Ok)]
    [InlineData("from TLSv1.3.example.org (mta.example.org [198.51.100.7]) by mx.example.net (Postfix) with ESMTP id 1 for <tls1.3@example.net>", "without TLS", SampleSeverity.Critical)]
    public async Task The_topmost_field_from_outside_tells_of_TLS(string received, string words, SampleSeverity severity)
    {
        string mail = "Received: from mx.example.net ([10.0.0.1]) by store.example.net with LMTP id 2; Mon, 2 Mar 2026 10:00:02 +0000\r\n"
            + $"Received: {received}; Mon, 2 Mar 2026 10:00:01 +0000\r\n"
            + "Received: from laptop ([203.0.113.9]) by mta.example.org with ESMTPA id 3; Mon, 2 Mar 2026 10:00:00 +0000\r\n" + SampleKit.Signed();
        SampleReport report = await SampleKit.InspectAsync(mail, envelope: null);
        SampleFinding told = report.Topics.SelectMany(t => t.Findings).Single(f => f.Code is "transport.tls" or "transport.no_tls" or "transport.old_tls");
        Assert.Equal(severity, told.Severity);
        Assert.Contains(words, told.Text, StringComparison.Ordinal);
        ByteRange range = Assert.Single(told.Evidence);
        Assert.StartsWith("Received: from mx.example.net", mail[..range.Offset], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_envelope_tells_goes_before_what_the_mail_says()
    {
        string mail = "Received: from a.example ([198.51.100.7]) by mx.example.net with SMTP id 1; Mon, 2 Mar 2026 10:00:01 +0000\r\n" + SampleKit.Signed();
        Assert.NotNull((await SampleKit.InspectAsync(mail, SampleKit.Envelope)).Find("transport.tls"));
        Assert.NotNull((await SampleKit.InspectAsync(SampleKit.Signed(), envelope: null)).Find("transport.tls_unknown"));
    }

    [Fact]
    public async Task Received_SPF_is_told_and_changes_no_verdict()
    {
        SampleReport plain = await SampleKit.InspectAsync(SampleKit.Signed(), SampleKit.Envelope);
        SampleReport noted = await SampleKit.InspectAsync("Received-SPF: fail (forged) client-ip=192.0.2.66; helo=x\r\n" + SampleKit.Signed(), SampleKit.Envelope);
        SampleFinding told = noted.Find("spf.received_spf")!;
        Assert.Equal((SampleSeverity.Info, "client-ip: 192.0.2.66"), (told.Severity, told.Details[0]));
        Assert.Equal(plain.Severity, noted.Severity);
        Assert.NotNull(noted.Find("spf.pass"));
        Assert.NotNull((await SampleKit.InspectAsync("Received-SPF: x\r\n" + SampleKit.Signed(), null)).Find("spf.bad_received_spf"));
    }

    [Fact]
    public async Task The_older_view_of_DMARC_is_told_only_where_it_differs()
    {
        var list = PublicSuffixList.Parse("org\nco.example\n");
        Postmaster.Fbl.Dns.ZoneResolver zone = SampleKit.Zone();
        var inspector = new SampleInspector(zone, new ManualTime(SampleKit.Now), scorers: null, new SampleSurroundings { PublicSuffixOf = list.PublicSuffixOf });
        Assert.Null((await InspectAsync()).Find("dmarc.legacy"));
        zone.Remove("_dmarc.example.org");
        zone.AddTxt("_dmarc.example.org", "v=DMARC1; p=reject; pct=20; rua=mailto:d@example.org");
        SampleFinding told = (await InspectAsync()).Find("dmarc.legacy")!;
        Assert.Contains("policy reject for 20 % of what fails", told.Text, StringComparison.Ordinal);

        Task<SampleReport> InspectAsync() => inspector.InspectAsync(new SampleInput(Encoding.Latin1.GetBytes(SampleKit.Signed()), SampleKit.Envelope), default);
    }

    [Fact]
    public async Task Each_edge_tells_how_the_envelope_is_told()
    {
        var cli = new SampleInspector(SampleKit.Zone(), new ManualTime(SampleKit.Now), scorers: null, new SampleSurroundings { EnvelopeAdvice = "Name them." });
        SampleReport there = await cli.InspectAsync(new SampleInput(Encoding.Latin1.GetBytes(SampleKit.Signed()), null), default), here = await SampleKit.InspectAsync(SampleKit.Signed(), null);
        Assert.EndsWith("Name them.", there.Find("spf.envelope_unknown")!.Text, StringComparison.Ordinal);
        Assert.EndsWith("Send the mail to a one-time address instead.", here.Find("spf.envelope_unknown")!.Text, StringComparison.Ordinal);
    }
}
