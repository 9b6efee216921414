using System.Text;
using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Bounces;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Bounces;

/// <summary>From a report that leaves by SMTP to the bounce that comes by LMTP, and what follows for the address: real servers on loopback.</summary>
public sealed class PauseTests
{
    private const string Address = BounceSamples.Rcpt, Owner = "owner@mail.example", Operator = "desk@provider.example";

    private static async Task<(PostmasterApp App, SigningSender Sender)> StartAsync(ScriptedSmtpPeer relay, params (string Key, string? Value)[] more)
    {
        PostmasterApp app = await PostmasterApp.StartAsync(PressKit.Settings(
        [
            ("Relay:Kind", "smtp"), ("Relay:Host", ScriptedSmtpPeer.Host), ("Relay:Port", relay.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("Relay:Tls", "None"),
            ("Relay:Connections", "1"), ("Provider:OperatorAddress", Operator), .. more,
        ]));
        await app.ClaimAsync("owner.example", Owner, Address);
        return (app, new SigningSender(app.Zone, "owner.example"));
    }

    /// <summary>A complaint whose report the relay takes; returns the envelope sender and the Message-ID that it left with.</summary>
    private static async Task<(string Sender, string MessageId)> ReportAsync(PostmasterApp app, SigningSender sender, ScriptedSmtpPeer relay, string name)
    {
        int before = To(relay, Address).Count;
        await app.InStateAsync(await app.PressAsync(sender.Newsletter(name)), KeptState.Counted);
        await PressKit.EventuallyAsync(() => Task.FromResult(To(relay, Address).Count > before), () => "no report left");
        await app.MailInStateAsync(Address, OutboxState.Sent);
        return Envelope(To(relay, Address)[^1]);
    }

    private static List<ReceivedMessage> To(ScriptedSmtpPeer relay, string to) =>
        [.. relay.Messages.Where(m => m.Recipients.Any(r => r.Contains($"<{to}>", StringComparison.OrdinalIgnoreCase)))];

    private static (string Sender, string MessageId) Envelope(ReceivedMessage mail) =>
        (mail.MailFrom.Split('<', '>')[1], MessageReader.Read(mail.Data).Headers.First("Message-ID")!.Unfolded.Trim('<', '>'));

    private static async Task<FeedbackAddress> AddressAsync(PostmasterApp app)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        return await db.FeedbackAddresses.AsNoTracking().SingleAsync();
    }

    private static async Task<Bounce> LastAsync(PostmasterApp app)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        return await db.Bounces.AsNoTracking().OrderByDescending(b => b.ReceivedAt).FirstAsync();
    }

    [Fact]
    public async Task Two_reports_to_no_such_mailbox_pause_the_address_and_its_reports_wait_until_it_is_confirmed_again()
    {
        await using var relay = ScriptedSmtpPeer.Accepting();
        var (app, sender) = await StartAsync(relay);
        await using PostmasterApp _ = app;
        var (first, firstId) = await ReportAsync(app, sender, relay, "one");
        var (second, _) = await ReportAsync(app, sender, relay, "two");

        Assert.StartsWith("250", await app.DeliverAsync(first, BounceSamples.Dsn(id: firstId)), StringComparison.Ordinal);
        Assert.StartsWith("250", await app.DeliverAsync(first, BounceSamples.Dsn(id: firstId) + "again"), StringComparison.Ordinal); // one report counts once
        Assert.Null((await AddressAsync(app)).PausedAt);
        Assert.StartsWith("250", await app.DeliverAsync(second.ToUpperInvariant().Replace("FBL.PROVIDER.EXAMPLE", "fbl.provider.example", StringComparison.Ordinal), BounceSamples.Postfix), StringComparison.Ordinal);

        FeedbackAddress paused = await AddressAsync(app);
        Assert.NotNull(paused.PausedAt);
        Assert.Contains("550 5.1.1", paused.PauseAnswer, StringComparison.Ordinal);
        await PressKit.EventuallyAsync(() => Task.FromResult(To(relay, Owner).Count == 1), () => "the owner was not told");
        await app.InStateAsync(await app.PressAsync(sender.Newsletter("three")), KeptState.Counted);
        await PressKit.EventuallyAsync(async () => await HeldAsync(app) == 3, () => "not all reports wait");
        Assert.Equal(2, To(relay, Address).Count);

        using PortalVisitor owner = await app.SignedInAsync(Owner);
        PortalPage page = await owner.GetAsync("/domains/owner.example/feedback");
        Assert.Contains("Paused since", page.Text, StringComparison.Ordinal);
        Assert.Contains($"the portal paused the reports to the feedback address {Address}: ", (await owner.GetAsync("/domains/owner.example/history")).Text, StringComparison.Ordinal);
        Assert.Contains("550 5.1.1", page.Text, StringComparison.Ordinal);
        PortalPage overview = await owner.GetAsync("/domains/owner.example");
        Assert.Contains("Reports paused", overview.Text, StringComparison.Ordinal);
        Assert.Contains("Mend it and confirm it again", overview.Text, StringComparison.Ordinal);
        await owner.SubmitAsync(page, "form:has(input[value='resend'])");
        await PressKit.EventuallyAsync(() => Task.FromResult(To(relay, Address).Count == 3), () => "no confirmation mail");
        string mail = Encoding.ASCII.GetString(To(relay, Address)[^1].Data);
        int link = mail.IndexOf("/feedback-address/", StringComparison.Ordinal);
        using PortalVisitor holder = app.NewVisitor();
        await holder.SubmitAsync(await holder.GetAsync(mail[link..mail.IndexOf("\r\n", link, StringComparison.Ordinal)]), "form:has(input[value='agree'])");

        await PressKit.EventuallyAsync(() => Task.FromResult(To(relay, Address).Count == 6), () => $"{To(relay, Address).Count} mails left");
        Assert.Null((await AddressAsync(app)).PausedAt);
        Assert.Single(To(relay, Owner));
    }

    private static async Task<int> HeldAsync(PostmasterApp app)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        return await db.Outbox.CountAsync(m => m.To == Address && m.State == OutboxState.Queued && m.LastAnswer!.StartsWith("Held:") && m.LeaseUntil == null);
    }

    [Fact]
    public async Task Other_failures_pause_only_when_they_lie_days_apart()
    {
        await using var relay = ScriptedSmtpPeer.Accepting();
        var (app, sender) = await StartAsync(relay);
        await using PostmasterApp _ = app;
        foreach (string name in (string[])["one", "two", "three"])
        {
            var (from, id) = await ReportAsync(app, sender, relay, name);
            await app.DeliverAsync(from, BounceSamples.Dsn(status: "5.7.1", diagnostic: "smtp; 550 5.7.1 not wanted", id: id));
        }

        Assert.Null((await AddressAsync(app)).PausedAt);
        app.Time.Advance(TimeSpan.FromDays(3));
        var (last, lastId) = await ReportAsync(app, sender, relay, "four");
        await app.DeliverAsync(last, BounceSamples.Dsn(status: "5.7.1", diagnostic: "smtp; 550 5.7.1 not wanted", id: lastId));
        Assert.NotNull((await AddressAsync(app)).PausedAt);
    }

    [Fact]
    public async Task A_forged_bounce_changes_nothing_and_is_never_answered_with_a_bounce()
    {
        await using var relay = ScriptedSmtpPeer.Accepting();
        var (app, sender) = await StartAsync(relay);
        await using PostmasterApp _ = app;
        var (from, id) = await ReportAsync(app, sender, relay, "one");

        Assert.StartsWith("250", await app.DeliverAsync("fbl-bounce+0123456789abcdef0123@fbl.provider.example", BounceSamples.Dsn()), StringComparison.Ordinal);
        Assert.StartsWith("250", await app.DeliverAsync("fbl-bounce@fbl.provider.example", BounceSamples.Dsn()), StringComparison.Ordinal);
        await app.DeliverAsync(from, BounceSamples.Dsn(rcpt: "someone@else.example", id: null));
        await app.DeliverAsync(from, BounceSamples.Dsn(id: "another@fbl.provider.example"));
        await app.DeliverAsync(from, BounceSamples.Dsn(id: id), reversePath: "mallory@evil.example");
        Assert.Equal(OutboxState.Sent, (await app.MailInStateAsync(Address, OutboxState.Sent)).State);
        for (int i = 0; i < 20; i++)
            await app.DeliverAsync(from, BounceSamples.Dsn(rcpt: $"x{i}@else.example", id: null));
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            Assert.Equal(10, await db.Bounces.CountAsync());
            Assert.False(await db.Bounces.AnyAsync(b => b.Counts));
        }

        app.Time.Advance(TimeSpan.FromDays(15));
        var late = await LastAsync(app);
        Assert.StartsWith("250", await app.DeliverAsync(from, BounceSamples.Dsn(id: id)), StringComparison.Ordinal);
        Assert.Equal(late.Id, (await LastAsync(app)).Id); // the token has expired
    }

    [Fact]
    public async Task A_soft_bounce_has_the_report_sent_again_a_few_times_and_then_it_has_failed()
    {
        await using var relay = ScriptedSmtpPeer.Accepting();
        var (app, sender) = await StartAsync(relay, ("Bounces:SoftRetries", "2"));
        await using PostmasterApp _ = app;
        var (from, id) = await ReportAsync(app, sender, relay, "one");
        for (int tries = 1; tries <= 2; tries++)
        {
            await app.DeliverAsync(from, BounceSamples.Dsn(status: "4.2.2", diagnostic: $"smtp; 452 4.2.2 full, {tries}", id: id));
            await app.MailInStateAsync(Address, OutboxState.Queued);
            app.Time.Advance(TimeSpan.FromHours(5));
            await app.MailInStateAsync(Address, OutboxState.Sent);
            Assert.Equal(tries + 1, To(relay, Address).Count);
        }

        await app.DeliverAsync(from, BounceSamples.Dsn(status: "4.2.2", diagnostic: "smtp; 452 4.2.2 full, at last", id: id));
        Assert.Contains("Came back 3 times", (await app.MailInStateAsync(Address, OutboxState.Failed)).LastAnswer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delays_and_vacation_messages_change_nothing()
    {
        await using var relay = ScriptedSmtpPeer.Accepting();
        var (app, sender) = await StartAsync(relay);
        await using PostmasterApp _ = app;
        var (from, _) = await ReportAsync(app, sender, relay, "one");

        await app.DeliverAsync(from, BounceSamples.EximDelay);
        Assert.Equal(BounceKind.Delayed, (await LastAsync(app)).Kind);
        app.Time.Advance(TimeSpan.FromMinutes(1));
        await app.DeliverAsync(from, BounceSamples.Vacation);
        Assert.Equal(BounceKind.AutoReply, (await LastAsync(app)).Kind);
        await app.MailInStateAsync(Address, OutboxState.Sent);
        Assert.Empty(To(relay, Operator));
    }

    [Fact]
    public async Task Refusals_of_the_relay_itself_count_likewise()
    {
        await using var relay = ScriptedSmtpPeer.Accepting(line => line.StartsWith("RCPT TO:<fbl@owner", StringComparison.OrdinalIgnoreCase) ? "550 5.1.1 No such user here\r\n" : null);
        var (app, sender) = await StartAsync(relay);
        await using PostmasterApp _ = app;
        await app.InStateAsync(await app.PressAsync(sender.Newsletter("one")), KeptState.Counted);
        await app.MailInStateAsync(Address, OutboxState.Failed);
        await app.InStateAsync(await app.PressAsync(sender.Newsletter("two")), KeptState.Counted);

        await PressKit.EventuallyAsync(async () => (await AddressAsync(app)).PausedAt is not null, () => "not paused");
        Assert.Equal("550 5.1.1 No such user here", (await AddressAsync(app)).PauseAnswer);
        await PressKit.EventuallyAsync(async () => await HeldAsync(app) == 2, () => "the reports do not wait");
    }

    [Fact]
    public async Task A_persons_reply_goes_on_to_the_operator_and_a_machines_does_not()
    {
        await using var relay = ScriptedSmtpPeer.Accepting();
        var (app, sender) = await StartAsync(relay);
        await using PostmasterApp _ = app;
        var (from, _) = await ReportAsync(app, sender, relay, "one");

        Assert.StartsWith("250", await app.DeliverAsync("fbl@fbl.provider.example", BounceSamples.Person, "ann@owner.example"), StringComparison.Ordinal);
        await app.DeliverAsync("fbl@fbl.provider.example", BounceSamples.Person, "ann@owner.example"); // the same again
        await app.DeliverAsync("fbl@fbl.provider.example", BounceSamples.Vacation, "fbl@owner.example");
        await app.DeliverAsync("fbl@fbl.provider.example", BounceSamples.Dsn());
        await app.DeliverAsync(from, BounceSamples.Person + "and more", "ann@owner.example");
        await PressKit.EventuallyAsync(() => Task.FromResult(To(relay, Operator).Count == 2), () => $"{To(relay, Operator).Count} replies went on");

        RawMessage first = MessageReader.Read(To(relay, Operator)[0].Data);
        Assert.Equal("auto-generated", first.Headers.First("Auto-Submitted")!.Unfolded);
        Assert.Contains("Who are you, please?", BounceReader.PlainText(first), StringComparison.Ordinal);
        // What comes back for it ends at its token.
        await app.DeliverAsync(Envelope(To(relay, Operator)[0]).Sender, BounceSamples.Vacation, Operator);
        Assert.Equal(2, To(relay, Operator).Count);
    }

    [Fact]
    public async Task Without_an_operator_the_reports_From_is_refused_and_the_bounce_address_is_not()
    {
        await using var relay = ScriptedSmtpPeer.Accepting();
        var (app, _) = await StartAsync(relay, ("Provider:OperatorAddress", ""));
        await using PostmasterApp disposing = app;
        Assert.StartsWith("550 5.1.1", await app.DeliverAsync("fbl@fbl.provider.example", BounceSamples.Person, "ann@owner.example"), StringComparison.Ordinal);
        Assert.StartsWith("250", await app.DeliverAsync("fbl-bounce+x@fbl.provider.example", BounceSamples.Person, "ann@owner.example"), StringComparison.Ordinal);
    }
}
