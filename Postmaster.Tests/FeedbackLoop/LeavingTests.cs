using System.Net;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Smtp;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Model;

namespace Postmaster.Tests.FeedbackLoop;

/// <summary>The way out in every report: one click (RFC 8058), for whoever reads the mailbox, without an account.</summary>
public sealed class LeavingTests
{
    private const string Address = "fbl@owner.example", Owner = "owner@mail.example";
    private static readonly HttpClient Plain = new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });

    private static async Task<(PostmasterApp App, SigningSender Sender, string Link)> StartAsync()
    {
        PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", Owner, Address);
        await app.PressAsync(sender.Newsletter("one"));
        RawMessage mail = (await app.ReportToAsync(Address)).Mail;
        return (app, sender, mail.Headers.First("List-Unsubscribe")!.Unfolded.Trim('<', '>'));
    }

    private static async Task<HttpResponseMessage> ClickAsync(string link, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(f => new KeyValuePair<string, string>(f.Name, f.Value)));
        return await Plain.PostAsync(new Uri(link), form);
    }

    private static async Task<FeedbackAddress> StandingAsync(PostmasterApp app)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        return await db.FeedbackAddresses.AsNoTracking().SingleAsync(a => a.EndedAt == null);
    }

    [Fact]
    public async Task The_fields_of_one_click_stand_in_every_report_and_under_its_signature()
    {
        var (app, _, _) = await StartAsync();
        await using PostmasterApp __ = app;
        RawMessage mail = (await app.ReportToAsync(Address)).Mail;

        Assert.Equal("List-Unsubscribe=One-Click", mail.Headers.First("List-Unsubscribe-Post")!.Unfolded);
        var signer = app.Services.GetRequiredService<ProviderSigner>();
        app.Zone.AddTxt(signer.TxtName, await signer.TxtValueAsync(CancellationToken.None));
        DkimResult result = Assert.Single(await new DkimVerifier(app.Zone).VerifyAsync(mail, app.Time.GetUtcNow(), CancellationToken.None));
        Assert.Equal(DkimStatus.Pass, result.Status);
        Assert.Contains("List-Unsubscribe", result.SignedFields, StringComparer.OrdinalIgnoreCase);
        Assert.Contains("List-Unsubscribe-Post", result.SignedFields, StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task One_click_ends_the_reports_at_once_empties_the_queue_and_tells_the_owner()
    {
        var relay = new ScriptedRelay();
        await using PostmasterApp app = await PostmasterApp.StartAsync(PressKit.Settings(), builder => builder.Services.AddSingleton<IMailRelay>(relay));
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", Owner, Address);
        await app.PressAsync(sender.Newsletter("one"));
        await app.MailInStateAsync(Address, OutboxState.Sent);
        string link = MessageReader.Read(relay.Mails.Single().Content).Headers.First("List-Unsubscribe")!.Unfolded.Trim('<', '>');
        relay.Answer(SmtpOutcome.TemporaryFailure, "421 Busy");
        await app.PressAsync(sender.Newsletter("two"));
        await PressKit.EventuallyAsync(async () =>
        {
            await using PostmasterDb queue = await app.OpenDbAsync();
            return await queue.Outbox.AnyAsync(m => m.LastAnswer == "421 Busy" && m.State == OutboxState.Queued && m.LeaseUntil == null);
        }, () => "not tried");

        HttpResponseMessage answer = await ClickAsync(link, ("List-Unsubscribe", "One-Click"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        Assert.Null((await StandingAsync(app)).ConfirmedAt);
        await app.MailInStateAsync(Address, OutboxState.Cancelled);
        Assert.Contains((await app.MailInStateAsync(Owner, OutboxState.Sent)).To, Owner, StringComparison.Ordinal);
        KeptComplaint later = await app.InStateAsync(await app.PressAsync(sender.Newsletter("three")), KeptState.Counted);
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.False(await db.Outbox.AnyAsync(m => m.KeptId == later.Id));
        Assert.Contains(await db.AuditEntries.ToListAsync(), e => e.UserId is null && e.What.Contains("ended the reports", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Opening_the_link_changes_nothing_and_its_button_ends_the_reports()
    {
        var (app, _, link) = await StartAsync();
        await using PostmasterApp __ = app;
        using PortalVisitor visitor = app.NewVisitor();

        PortalPage page = await visitor.GetAsync(link);
        Assert.NotNull((await StandingAsync(app)).ConfirmedAt);
        Assert.Contains(Address, page.Text, StringComparison.Ordinal);
        Assert.Contains("owner.example", page.Text, StringComparison.Ordinal);
        page = await visitor.FollowAsync(await ClickAsync(link, ("stop", "1")));

        Assert.Equal("No more mails about complaints", page.Heading);
        Assert.NotNull((await StandingAsync(app)).LeftAt);
    }

    [Theory]
    [InlineData("List-Unsubscribe", "one-click")]
    [InlineData("other", "One-Click")]
    public async Task A_post_without_the_pair_of_RFC_8058_changes_nothing(string name, string value)
    {
        var (app, _, link) = await StartAsync();
        await using PostmasterApp __ = app;

        Assert.Equal(HttpStatusCode.BadRequest, (await ClickAsync(link, (name, value))).StatusCode);
        Assert.NotNull((await StandingAsync(app)).ConfirmedAt);
    }

    [Fact]
    public async Task A_link_that_is_guessed_ends_nothing()
    {
        var (app, _, link) = await StartAsync();
        await using PostmasterApp __ = app;
        string token = link[(link.LastIndexOf('/') + 1)..];

        foreach (string wrong in (string[])[new string('0', 40), token[..39] + (token[39] == 'a' ? 'b' : 'a'), "x", token + "0"])
            Assert.Equal(HttpStatusCode.NotFound, (await ClickAsync(link.Replace(token, wrong, StringComparison.Ordinal), ("List-Unsubscribe", "One-Click"))).StatusCode);
        Assert.NotNull((await StandingAsync(app)).ConfirmedAt);
        using PortalVisitor anybody = app.NewVisitor();
        Assert.Equal("This link is none of ours", (await anybody.GetAsync("/stop-reports/" + new string('0', 40))).Heading);
        await using PostmasterDb db = await app.OpenDbAsync();
        LeaveLink kept = await db.LeaveLinks.SingleAsync();
        Assert.DoesNotContain(token, Convert.ToHexStringLower(kept.TokenHash), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_a_new_confirmation_takes_it_back_and_then_the_old_link_works_again()
    {
        var (app, sender, link) = await StartAsync();
        await using PostmasterApp __ = app;
        await ClickAsync(link, ("List-Unsubscribe", "One-Click"));
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        PortalPage page = await owner.GetAsync("/domains/owner.example/feedback");
        Assert.Contains("Ended by its reader", page.Text, StringComparison.Ordinal);
        app.Time.Advance(TimeSpan.FromMinutes(2));
        await owner.SubmitAsync(page, "section[aria-labelledby=state] form:has(button:not(.danger))");
        OutboxMessage asked = await app.MailInStateAsync(Address, OutboxState.Sent);
        PortalMail confirmation = app.RelayedMails().Single(m => string.Equals(m.MessageId, asked.MessageId, StringComparison.Ordinal));
        using PortalVisitor holder = app.NewVisitor();
        await holder.SubmitAsync(await holder.GetAsync(Regex.Match(confirmation.Text, "/feedback-address/[0-9a-f]+", RegexOptions.None, TimeSpan.FromSeconds(1)).Value), "form:has(.primary)");

        Assert.NotNull((await StandingAsync(app)).ConfirmedAt);
        Assert.Null((await StandingAsync(app)).LeftAt);
        await app.InStateAsync(await app.PressAsync(sender.Newsletter("two")), KeptState.Counted);
        await app.MailInStateAsync(Address, OutboxState.Sent);
        Assert.Equal(HttpStatusCode.OK, (await ClickAsync(link, ("List-Unsubscribe", "One-Click"))).StatusCode);
        Assert.NotNull((await StandingAsync(app)).LeftAt);
    }
}
