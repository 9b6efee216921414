using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Cfbl;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Data.Cells;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Features.FeedbackLoop.Cfbl;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Cfbl;

/// <summary>From a complaint to the report that its message itself asked for (RFC 9477).</summary>
public sealed class InvitedReportTests
{
    [Fact]
    public async Task The_report_shows_the_two_identifiers_is_signed_by_the_provider_and_names_the_complainer_nowhere()
    {
        await using PostmasterApp app = await CfblKit.StartAsync();
        CfblInvitation invitation = await app.ComplainAsync("one");
        Assert.Equal((CfblFate.Queued, "Strict", "RFC 9477 §3.1.1"), (invitation.Fate, invitation.Code, invitation.Section));
        (RawMessage mail, var report) = (await app.ReportsAsync(1))[0];

        string text = Encoding.UTF8.GetString(mail.Bytes.Span);
        Assert.DoesNotContain("alice", text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("abuse", report.FeedbackType);
        Assert.Equal(["shop.example"], report.ReportedDomain);
        Assert.Equal(["text/plain", "message/feedback-report", "text/rfc822-headers"], mail.Root.Parts.Select(p => p.ContentType.ToString()));
        Assert.True(mail.Root.Parts[2].TryDecode(10_000, out byte[] third));
        HeaderBlock shown = MessageReader.Read(third).Headers;
        Assert.Equal(["Message-ID", "CFBL-Feedback-ID"], shown.Select(f => f.Name));
        Assert.True(CfblFieldReader.TryReadFeedbackId(shown[1].RawValue.Span, out string? id, out _));
        Assert.Equal("111:222", id);
        Assert.Equal("<one@shop.example>", shown[0].Unfolded);
        Assert.Equal("auto-generated", mail.Headers.First("Auto-Submitted")!.Unfolded);

        var signer = app.Services.GetRequiredService<ProviderSigner>();
        app.Zone.AddTxt(signer.TxtName, await signer.TxtValueAsync(CancellationToken.None));
        DkimResult result = Assert.Single(await new DkimVerifier(app.Zone).VerifyAsync(mail, app.Time.GetUtcNow(), CancellationToken.None));
        Assert.Equal((DkimStatus.Pass, "fbl.provider.example"), (result.Status, result.Domain!.Ascii));
        Assert.Contains("List-Unsubscribe", result.SignedFields, StringComparer.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("https://portal.example", true)]
    [InlineData("http://portal.example", false)] // RFC 8058 §3.1: one click is for https
    public void One_click_is_offered_and_signed_where_the_portal_has_https(string portal, bool offered)
    {
        var style = new CfblStyle("Example Mail", DomainName.Parse("fbl.provider.example"), "postmaster", ReportShape.Identifiers, 100_000, "mx.provider.example", portal + "/cfbl/x", portal + "/cfbl/refuse/x");
        var subject = new CfblSubject
        {
            Id = Guid.Empty, To = MailAddress.Parse(CfblKit.Address), MessageId = "1@fbl.provider.example", Source = CfblSource.Field, Format = CfblReportFormat.Arf,
            By = [DomainName.Parse("shop.example")], Confirmed = false, Left = 2, Original = CfblKit.Mail("one"), Press = Press.Spam, PressedAt = DateTimeOffset.UnixEpoch,
        };
        byte[] report = CfblReportComposer.Compose(subject, style, new RedactionKey(new byte[RedactionKey.Length]), DateTimeOffset.UnixEpoch);
        using var key = DkimPrivateKey.CreateRsa(2048);
        HeaderBlock headers = MessageReader.Read(new DkimSigner(style.ProviderDomain, "fbl", key).Sign(report, DateTimeOffset.UnixEpoch)).Headers;
        Assert.Equal($"<{portal}/cfbl/refuse/x>", headers.First("List-Unsubscribe")!.Unfolded);
        Assert.Equal(offered ? "List-Unsubscribe=One-Click" : null, headers.First("List-Unsubscribe-Post")?.Unfolded);
        Assert.Contains("List-Unsubscribe-Post", headers.First("DKIM-Signature")!.Unfolded, StringComparison.OrdinalIgnoreCase); // RFC 8058 §4
    }

    [Fact]
    public async Task Whoever_asks_for_xarf_gets_json()
    {
        await using PostmasterApp app = await CfblKit.StartAsync();
        await app.ComplainAsync(CfblKit.Mail("one", $"CFBL-Address: {CfblKit.Address}; report=xarf\r\nCFBL-Feedback-ID: 7\r\n").SignedBy("shop.example"));
        await app.MailInStateAsync(CfblKit.Address, OutboxState.Sent);
        RawMessage mail = MessageReader.Read(app.RelayedMails().Single(m => string.Equals(m.To, CfblKit.Address, StringComparison.Ordinal)).Bytes);
        Assert.Equal("application/json", mail.Root.Parts[1].ContentType.ToString());
        Assert.True(mail.Root.Parts[1].TryDecode(100_000, out byte[] json));
        using var report = JsonDocument.Parse(json);
        Assert.Equal("<one@shop.example>", report.RootElement.GetProperty("message_id").GetString());
        string evidence = Encoding.ASCII.GetString(report.RootElement.GetProperty("evidence")[0].GetProperty("payload").GetBytesFromBase64());
        Assert.Contains("CFBL-Feedback-ID: 7", evidence, StringComparison.Ordinal);
        Assert.DoesNotContain("alice", Encoding.UTF8.GetString(json), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shop.example", "From,Subject", CfblProblem.AddressNotCovered)]
    [InlineData("shop.example", "From,CFBL-Address", CfblProblem.FeedbackIdNotCovered)]
    [InlineData("other.example", "From,CFBL-Address,CFBL-Feedback-ID", CfblProblem.NoAuthorSignature)]
    public async Task What_does_not_qualify_gets_nothing_and_keeps_its_reason(string signer, string fields, CfblProblem problem)
    {
        await using PostmasterApp app = await CfblKit.StartAsync();
        CfblInvitation invitation = await app.ComplainAsync(CfblKit.Mail("one").SignedBy(signer, fields.Split(',')));
        Assert.Equal((problem.ToString(), CfblFate.NotQualified), (invitation.Code, invitation.Fate));
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.False(await db.Outbox.AnyAsync());
        Assert.False(await db.CfblContacts.AnyAsync());
    }

    [Fact]
    public async Task An_address_of_a_service_needs_both_signatures_or_that_it_was_added_later()
    {
        const string Cfbl = "CFBL-Address: fbl@esp.example\r\n";
        await using PostmasterApp app = await CfblKit.StartAsync();
        Assert.Equal("NoAddressSignature", (await app.ComplainAsync(CfblKit.Mail("one", Cfbl).SignedBy("shop.example"))).Code);
        Assert.Equal("NoAuthorSignature", (await app.ComplainAsync(CfblKit.Mail("two", Cfbl).SignedBy("esp.example"))).Code);
        Assert.Equal("ThirdParty", (await app.ComplainAsync(CfblKit.Mail("three", Cfbl).SignedBy("shop.example").SignedBy("esp.example"))).Code);
        byte[] presigned = CfblKit.Mail("four", "").SignedBy("shop.example", "From", "Subject");
        Assert.Equal("Presigned", (await app.ComplainAsync(((byte[])[.. Encoding.ASCII.GetBytes(Cfbl), .. presigned]).SignedBy("esp.example"))).Code);
        await app.ReportsAsync(2, "fbl@esp.example");
    }

    [Fact]
    public async Task Off_is_off_and_the_verdict_is_kept()
    {
        await using PostmasterApp app = await CfblKit.StartAsync(("Cfbl:Mode", "off"));
        CfblInvitation invitation = await app.ComplainAsync("one");
        Assert.True(invitation.Qualifies);
        Assert.Equal(CfblFate.Off, invitation.Fate);
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.False(await db.Outbox.AnyAsync());
    }

    [Fact]
    public async Task With_dmarc_alone_mail_that_passes_it_gets_reports()
    {
        await using PostmasterApp app = await CfblKit.StartAsync(("Cfbl:Mode", "dmarc"));
        CfblInvitation without = await app.ComplainAsync("one");
        Assert.Equal(("DmarcNotPassed", CfblFate.NotQualified), (without.Code, without.Fate));
        app.Zone.AddTxt("_dmarc.shop.example", "v=DMARC1; p=none");
        app.Time.Advance(TimeSpan.FromDays(1)); // what DNS did not have is forgotten
        Assert.Equal(CfblFate.Queued, (await app.ComplainAsync("two")).Fate);
    }

    [Fact]
    public async Task An_address_that_a_claim_names_gets_one_report_by_the_claims_way_and_another_one_its_own()
    {
        await using PostmasterApp app = await CfblKit.StartAsync();
        await app.ClaimAsync("shop.example", "owner@mail.example", CfblKit.Address);
        List<CfblInvitation> all = await app.ComplainAllAsync(
            CfblKit.Mail("one", $"CFBL-Address: desk@shop.example\r\nCFBL-Address: {CfblKit.Address}\r\n").SignedBy("shop.example", "From", "CFBL-Address", "CFBL-Address"), KeptState.Counted);
        Assert.Equal([CfblFate.Queued, CfblFate.ByClaim], all.Select(i => i.Fate));
        Assert.False((await app.ReportsAsync(1))[0].Report.OriginalIsHeadersOnly);
        Assert.True((await app.ReportsAsync(1, "desk@shop.example"))[0].Report.OriginalIsHeadersOnly);
    }

    [Fact]
    public async Task Of_many_addresses_a_few_are_told_and_none_twice()
    {
        await using PostmasterApp app = await CfblKit.StartAsync(("Cfbl:MaxAddresses", "2"));
        string fields = string.Concat(((string[])["a", "A+x", "b", "c"]).Select(a => $"CFBL-Address: {a}@shop.example\r\n"));
        List<CfblInvitation> all = await app.ComplainAllAsync(CfblKit.Mail("one", fields).SignedBy("shop.example", "From", "CFBL-Address", "CFBL-Address", "CFBL-Address", "CFBL-Address"));
        Assert.Equal([CfblFate.Queued, CfblFate.OneOfMany, CfblFate.Queued, CfblFate.OneOfMany], all.Select(i => i.Fate));
    }

    [Fact]
    public async Task The_providers_own_domains_get_none()
    {
        await using PostmasterApp app = await CfblKit.StartAsync();
        app.Zone.AddTxt("s1._domainkey.mail.provider.example", "v=DKIM1; p=");
        byte[] mail = CfblKit.Mail("one", "CFBL-Address: bob@provider.example\r\n").SignedBy("shop.example").SignedBy("provider.example");
        app.Zone.AddTxt("s1._domainkey.provider.example", (await app.Zone.QueryAsync("s1._domainkey.shop.example", Fbl.Dns.DnsRecordType.TXT, CancellationToken.None)).Records.OfType<Fbl.Dns.TxtRecord>().Single().Text);
        CfblInvitation invitation = await app.ComplainAsync(mail);
        Assert.Equal((true, CfblFate.Ours), (invitation.Qualifies, invitation.Fate));
    }

    [Fact]
    public async Task A_message_that_could_loop_is_reported_to_nobody()
    {
        await using PostmasterApp app = await CfblKit.StartAsync();
        CfblInvitation invitation = await app.ComplainAsync([.. "Auto-Submitted: auto-replied\r\n"u8, .. CfblKit.Mail("one").SignedBy("shop.example")]);
        Assert.Equal(CfblFate.Open, invitation.Fate);
    }

    [Theory]
    [InlineData(ReputationLevel.Bad, "Low", "true", CfblFate.LowReputation)]
    [InlineData(ReputationLevel.Low, "Low", "true", CfblFate.Queued)]
    [InlineData(ReputationLevel.Low, "Medium", "true", CfblFate.LowReputation)]
    [InlineData(null, "High", "true", CfblFate.Queued)]
    [InlineData(null, "Bad", "false", CfblFate.UnknownReputation)]
    public async Task Senders_pass_the_gate_by_their_reputation(ReputationLevel? level, string least, string unknown, CfblFate fate)
    {
        await using PostmasterApp app = await CfblKit.StartAsync(("Cfbl:MinReputation", least), ("Cfbl:AllowUnknownReputation", unknown));
        if (level is { } known)
            await SetReputationAsync(app, "shop.example", known);
        Assert.Equal(fate, (await app.ComplainAsync("one")).Fate);
    }

    [Fact]
    public async Task Records_beside_the_key_count_when_the_switch_is_on_and_the_address_is_the_signers()
    {
        await using PostmasterApp app = await CfblKit.StartAsync(("Cfbl:Mode", "off"), ("Cfbl:DkimFbl", "true"));
        app.Zone.AddTxt("_feedback._domainkey.shop.example", $"v=DKIMRFBLv1; ra=mailto:{CfblKit.Address},mailto:victim@victim.example");
        List<CfblInvitation> all = await app.ComplainAllAsync(CfblKit.Mail("one", "").SignedBy("shop.example", "From"));
        Assert.Equal([CfblFate.Queued, CfblFate.NotQualified], all.Select(i => i.Fate));
        Assert.Equal([CfblSource.Record, CfblSource.Record], all.Select(i => i.Source));
        await app.ReportsAsync(1);
    }

    [Theory]
    [InlineData("c=n", "text/rfc822-headers")]
    [InlineData("c=y", "message/rfc822")]
    public async Task A_record_that_wants_no_bodies_gets_the_header_alone(string tag, string part)
    {
        await using PostmasterApp app = await CfblKit.StartAsync(("Cfbl:Mode", "off"), ("Cfbl:DkimFbl", "true"), ("Cfbl:Shape", "FullMessage"));
        app.Zone.AddTxt("_feedback._domainkey.shop.example", $"v=DKIMRFBLv1; ra=mailto:{CfblKit.Address}; {tag}");
        await app.ComplainAllAsync(CfblKit.Mail("one", "").SignedBy("shop.example", "From"));
        Assert.Equal(part, (await app.ReportsAsync(1))[0].Mail.Root.Parts[2].ContentType.ToString());
    }

    [Fact]
    public async Task Records_beside_the_key_are_not_asked_for_otherwise()
    {
        await using PostmasterApp app = await CfblKit.StartAsync();
        app.Zone.AddTxt("_feedback._domainkey.shop.example", $"v=DKIMRFBLv1; ra=mailto:{CfblKit.Address}");
        Assert.Empty(await app.ComplainAllAsync(CfblKit.Mail("one", "").SignedBy("shop.example", "From")));
    }

    private static async Task SetReputationAsync(PostmasterApp app, string domain, ReputationLevel level)
    {
        var today = DateOnly.FromDateTime(app.Time.GetUtcNow().UtcDateTime);
        await using PostmasterDb db = await app.OpenDbAsync();
        var known = new MailDomain { Name = domain, FirstDay = today, LastDay = today };
        db.MailDomains.Add(known);
        await db.SaveChangesAsync();
        var whole = new MailStream { DomainId = known.Id, Kind = StreamKind.Whole, Value = "", FirstDay = today, LastDay = today };
        db.MailStreams.Add(whole);
        await db.SaveChangesAsync();
        db.ReputationDays.Add(new ReputationDay { Key = CellKey.Day(whole.Id, today), Level = level, Score = 10, Causes = "{}", PerDay = 1000, ComputedAt = app.Time.GetUtcNow() });
        await db.SaveChangesAsync();
    }
}
