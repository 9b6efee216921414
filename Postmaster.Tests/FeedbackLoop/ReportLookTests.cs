using System.Net;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Model;

namespace Postmaster.Tests.FeedbackLoop;

/// <summary>What a report shows is the owner's choice within what the provider lets out, and never more than each of its readers may see.</summary>
public sealed class ReportLookTests
{
    private const string Address = "fbl@owner.example", Owner = "owner@mail.example";

    private static async Task<RawMessage> ReportAsync(
        Action<FeedbackSettings> choose, params (string Key, string? Value)[] settings)
    {
        await using PostmasterApp app = await PressKit.StartAsync(settings);
        var sender = new SigningSender(app.Zone, "owner.example");
        DomainClaim claim = await app.ClaimAsync("owner.example", Owner, Address);
        await SetAsync(app, claim.Id, choose);
        await app.PressAsync(SigningSender.Under(
            "Received: from mta.owner.example (mta.owner.example [192.0.2.7]) by mx.provider.example; Fri, 2 Jan 2026 10:00:01 +0000\r\n",
            sender.Newsletter("one", fields: "List-Id: <weekly.owner.example>\r\nX-Secret: in the header\r\n", body: "the secret body for alice@provider.example\r\n")));
        await app.MailInStateAsync(Address, OutboxState.Sent);
        return MessageReader.Read(app.RelayedMails().Single(m => string.Equals(m.To, Address, StringComparison.Ordinal)).Bytes);
    }

    private static async Task SetAsync(PostmasterApp app, Guid claimId, Action<FeedbackSettings> choose)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        var settings = new FeedbackSettings { ClaimId = claimId };
        choose(settings);
        db.FeedbackSettings.Add(settings);
        await db.SaveChangesAsync();
    }

    private static string Text(RawMessage mail) => Encoding.Latin1.GetString(mail.Bytes.Span);

    [Fact]
    public async Task Headers_only_leave_the_body_out()
    {
        string text = Text(await ReportAsync(s => s.Shape = ReportShape.HeadersOnly));
        Assert.Contains("X-Secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("the secret body", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Identifiers_are_all_that_a_report_of_that_shape_shows()
    {
        string text = Text(await ReportAsync(s => s.Shape = ReportShape.Identifiers));
        Assert.Contains("Message-ID: <one@owner.example>", text, StringComparison.Ordinal);
        Assert.Contains("weekly.owner.example", text, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("the secret body", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_provider_who_lets_no_bodies_out_bounds_what_an_owner_may_choose()
    {
        string text = Text(await ReportAsync(s => s.Shape = ReportShape.FullMessage, ("Reports:IncludeBody", "false")));
        Assert.DoesNotContain("the secret body", text, StringComparison.Ordinal);
        Assert.Contains("X-Secret", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    public async Task The_recipient_is_told_in_clear_only_when_the_owner_wants_it_and_the_operator_allows_it(bool wants, bool allowed, bool clear)
    {
        RawMessage mail = await ReportAsync(s => (s.WantsClear, s.ClearAllowed) = (wants, allowed));
        Assert.True(FeedbackReportReader.TryRead(mail, out FeedbackReport? report, out _));
        Assert.Equal(clear, Assert.Single(report.OriginalRcptTo).Contains("alice@provider.example", StringComparison.Ordinal));
        Assert.Equal(clear, Text(mail).Contains("alice", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Xarf_is_a_mail_with_json_that_is_signed_and_can_be_left_by_one_click()
    {
        RawMessage mail = await ReportAsync(s => s.Format = ReportFormat.Xarf);
        Assert.Equal("PLAIN", mail.Headers.First("X-XARF")!.Unfolded);
        Assert.Equal("application/json", mail.Root.Parts[1].ContentType.ToString().Split(';')[0]);
        Assert.Contains("list-unsubscribe", mail.Headers.First("DKIM-Signature")!.Unfolded.Replace(" ", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
        Assert.NotNull(mail.Headers.First("List-Unsubscribe"));
    }

    [Fact]
    public async Task One_mail_to_two_owners_shows_what_the_stricter_of_them_chose()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        SigningSender first = new(app.Zone, "owner.example"), second = new(app.Zone, "other.example");
        DomainClaim one = await app.ClaimAsync("owner.example", Owner, Address), two = await app.ClaimAsync("other.example", "else@mail.example", Address);
        await SetAsync(app, one.Id, s => (s.WantsClear, s.ClearAllowed, s.Format) = (true, true, ReportFormat.Xarf));
        await SetAsync(app, two.Id, s => s.Shape = ReportShape.HeadersOnly);

        await app.PressAsync(second.Sign(first.Newsletter("one", body: "the secret body for alice\r\n")));
        var (mail, report) = await app.ReportToAsync(Address);

        Assert.Equal(2, report.ReportedDomain.Count);
        Assert.True(report.OriginalIsHeadersOnly);
        Assert.DoesNotContain("alice", Text(mail), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void The_strictest_of_several_looks_shows_no_more_than_any_of_them()
    {
        ReportLook open = new(ReportShape.FullMessage, ReportFormat.Xarf, RedactionMode.None), closed = new(ReportShape.Identifiers, ReportFormat.Xarf, RedactionMode.Recipient);
        Assert.Equal(closed, ReportLook.Strictest([open, closed]));
        Assert.Equal(ReportFormat.Arf, ReportLook.Strictest([open, open with { Format = ReportFormat.Arf }]).Format);
        Assert.Equal(open, ReportLook.Strictest([open, open]));
    }

    [Fact]
    public async Task The_owner_chooses_on_the_page_and_the_history_says_so()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        DomainClaim claim = await app.ClaimAsync("owner.example", Owner, Address);
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        PortalPage page = await owner.GetAsync("/domains/owner.example/feedback/report");
        Assert.Contains("A message that nobody sent", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("test.recipient", page.Document.QuerySelector(".sample-report")!.TextContent, StringComparison.Ordinal);
        page = await owner.SubmitAsync(page, "form.form", ("Shape", "Identifiers"), ("Format", "Xarf"), ("Clear", "yes"), ("NotSpam", "yes"));

        await using PostmasterDb db = await app.OpenDbAsync();
        FeedbackSettings settings = await db.FeedbackSettings.SingleAsync(s => s.ClaimId == claim.Id);
        Assert.Equal((ReportShape.Identifiers, ReportFormat.Xarf, false, true), (settings.Shape, settings.Format, settings.WantsClear, settings.WantsNotSpam));
        PortalPage history = await owner.GetAsync("/domains/owner.example/history");
        Assert.Contains("changed what reports look like", history.Text, StringComparison.Ordinal);
        Assert.Contains(Owner, history.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_operator_allows_the_recipient_in_clear_for_one_claim()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        DomainClaim claim = await app.ClaimAsync("owner.example", Owner, Address);
        using PortalVisitor op = await app.SignedInAsync("op@provider.example", isOperator: true), owner = await app.SignedInAsync(Owner);
        string path = $"/operator/domains/{claim.Id}";

        Assert.NotEqual(HttpStatusCode.OK, (await owner.GetAsync(path)).Status);
        await op.SubmitAsync(await op.GetAsync(path), "main form[method=post]");

        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.True((await db.FeedbackSettings.SingleAsync(s => s.ClaimId == claim.Id)).ClearAllowed);
        Assert.Contains("allowed recipients in clear", (await op.GetAsync("/operator/history?q=owner.example")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_redaction_key_is_for_the_account_that_it_belongs_to_and_computes_the_codes_of_its_reports()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        DomainClaim claim = await app.ClaimAsync("owner.example", Owner, Address);
        await app.PressAsync(sender.Newsletter("one"));
        FeedbackReport report = (await app.ReportToAsync(Address)).Report;
        PortalUser reader = await app.EnsureUserAsync("reader@mail.example"), second = await app.EnsureUserAsync("second@mail.example");
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            db.Members.Add(new DomainMember { ClaimId = claim.Id, UserId = reader.Id, Role = MemberRole.Reader, CreatedAt = app.Time.GetUtcNow() });
            db.Members.Add(new DomainMember { ClaimId = claim.Id, UserId = second.Id, Role = MemberRole.Owner, CreatedAt = app.Time.GetUtcNow() });
            await db.SaveChangesAsync();
        }

        using PortalVisitor owner = await app.SignedInAsync(Owner);
        HttpResponseMessage file = await owner.PostAsync(await owner.GetAsync("/domains/owner.example/feedback/report"), "form[action$=redaction-key]");
        Assert.True(RedactionKey.TryParse(await file.Content.ReadAsStringAsync(), out RedactionKey? key, out _));
        Assert.Equal(key.Redact(MailAddress.Parse("alice@provider.example")), Assert.Single(report.OriginalRcptTo).Trim('<', '>'));
        Assert.Contains("fetched the redaction key", (await owner.GetAsync("/domains/owner.example/history")).Text, StringComparison.Ordinal);

        foreach (string other in (string[])["reader@mail.example", "second@mail.example", "stranger@mail.example"])
        {
            using PortalVisitor visitor = await app.SignedInAsync(other);
            string token = (await visitor.GetAsync("/domains")).Document.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
            using var form = new FormUrlEncodedContent([new("__RequestVerificationToken", token)]);
            Assert.Equal(HttpStatusCode.NotFound, (await visitor.Http.PostAsync(new Uri("/domains/owner.example/feedback/redaction-key", UriKind.Relative), form)).StatusCode);
        }
    }
}
