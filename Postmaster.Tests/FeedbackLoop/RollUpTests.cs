using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Features.FeedbackLoop.Limits;
using Postmaster.Web.Features.Suppression;
using Postmaster.Web.Model;

namespace Postmaster.Tests.FeedbackLoop;

/// <summary>Alike reports above the daily cap become one; what has no like waits.</summary>
public sealed class RollUpTests
{
    private const string Address = "fbl@owner.example";

    [Fact]
    public async Task Alike_reports_that_waited_become_one_which_names_each_recipient_and_the_odd_one_waits()
    {
        var relay = new ScriptedRelay();
        await using PostmasterApp app = await StartAsync(relay);
        DomainClaim claim = await app.ClaimAsync("owner.example", "owner@mail.example", Address);
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.InStateAsync(await app.PressAsync(Mail(sender, "first", "news")), KeptState.Counted);
        await PressKit.EventuallyAsync(() => Task.FromResult(relay.Mails.Count == 1), () => "the first report was not sent");
        foreach (string name in (string[])["bob", "carol", "dave"])
            await app.InStateAsync(await app.PressAsync(Mail(sender, name, "news"), $"{name}@provider.example"), KeptState.Counted);
        await app.InStateAsync(await app.PressAsync(Mail(sender, "eve", "other"), "eve@provider.example"), KeptState.Counted);
        await HeldAsync(app, 4);
        HeldReports held = Assert.Single(await app.Services.GetRequiredService<HeldQueries>().FindAsync(claim.Id, CancellationToken.None));
        Assert.Equal((OutboxHold.AddressDay, 4), (held.By, held.Count));

        app.Time.Advance(TimeSpan.FromMinutes(61));
        app.Wake();
        await PressKit.EventuallyAsync(() => { app.Wake(); return Task.FromResult(relay.Mails.Count == 2); }, () => $"{relay.Mails.Count} reports left");
        await HeldAsync(app, 1);

        RelayMail rolled = relay.Mails.Last();
        Assert.True(FeedbackReportReader.TryRead(MessageReader.Read(rolled.Content), out FeedbackReport? report, out _));
        Assert.Equal(3u, report.Incidents);
        Assert.Equal(3, report.OriginalRcptTo.Distinct(StringComparer.Ordinal).Count());
        Assert.True(MessageReader.Read(rolled.Content).Root.Parts[0].TryDecode(100_000, out byte[] first));
        string text = Encoding.UTF8.GetString(first), whole = Encoding.Latin1.GetString(rolled.Content);
        foreach (string name in (string[])["bob", "carol", "dave"])
        {
            Assert.Contains($"{name}-id@owner.example", text, StringComparison.Ordinal);
            Assert.DoesNotContain($"{name}@provider.example", text + whole, StringComparison.Ordinal);
        }

        // The reader of the other side takes all of them off the list.
        var reader = new SuppressionReader(new ReportTrust([], [], new DkimVerifier(app.Zone), app.Time), app.Time);
        ReportVerdict verdict = await reader.ReadAsync(rolled.Content, CancellationToken.None);
        Assert.Equal(ReportOutcome.Suppress, verdict.Outcome);
        Assert.Equal(report.OriginalRcptTo.Order(StringComparer.Ordinal), verdict.Entries.Select(e => e.Recipient!).Order(StringComparer.Ordinal));
        Assert.All(verdict.Entries, e => Assert.Null(e.MessageId));

        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(2, await db.Outbox.CountAsync(m => m.State == OutboxState.RolledUp));
        var rows = await app.Services.GetRequiredService<FeedbackLoopQueries>().LatestAsync(claim.Id, "owner.example", null, null, 10, CancellationToken.None);
        Assert.Equal(3, rows.Count(r => r.Delivery is { State: OutboxState.Sent, Incidents: 3 }));
        Assert.Equal("eve", Assert.Single(rows, r => r.Delivery is { State: OutboxState.Queued, HeldBy: OutboxHold.AddressDay }).Subject);

        app.Time.Advance(TimeSpan.FromHours(25));
        await PressKit.EventuallyAsync(() => { app.Wake(); return Task.FromResult(relay.Mails.Count == 3); }, () => "the odd one was not sent when the day had passed");
    }

    [Fact]
    public async Task When_the_oldest_has_waited_for_long_enough_it_is_told_with_all_that_came_since_and_not_later()
    {
        var relay = new ScriptedRelay();
        await using PostmasterApp app = await StartAsync(relay, ("Reports:RollUpAfter", "00:05:00"));
        await app.ClaimAsync("owner.example", "owner@mail.example", Address);
        var sender = new SigningSender(app.Zone, "owner.example");
        foreach (string name in (string[])["first", "bob"])
            await app.InStateAsync(await app.PressAsync(Mail(sender, name, "news"), $"{name}@provider.example"), KeptState.Counted);
        await HeldAsync(app, 1);
        app.Time.Advance(TimeSpan.FromMinutes(4));
        foreach (string name in (string[])["carol", "dave"])
            await app.InStateAsync(await app.PressAsync(Mail(sender, name, "news"), $"{name}@provider.example"), KeptState.Counted);
        await HeldAsync(app, 3);

        app.Time.Advance(TimeSpan.FromSeconds(61));
        await PressKit.EventuallyAsync(() => { app.Wake(); return Task.FromResult(relay.Mails.Count == 2); }, () => $"{relay.Mails.Count} reports left");

        Assert.True(FeedbackReportReader.TryRead(MessageReader.Read(relay.Mails.Last().Content), out FeedbackReport? report, out _));
        Assert.Equal(3u, report.Incidents);
    }

    [Fact]
    public async Task Without_an_allowance_for_them_nothing_is_rolled_up_and_nothing_is_dropped()
    {
        var relay = new ScriptedRelay();
        await using PostmasterApp app = await StartAsync(relay, ("Reports:RollUpsPerAddressPerDay", "0"));
        await app.ClaimAsync("owner.example", "owner@mail.example", Address);
        var sender = new SigningSender(app.Zone, "owner.example");
        foreach (string name in (string[])["bob", "carol", "dave"])
            await app.InStateAsync(await app.PressAsync(Mail(sender, name, "news"), $"{name}@provider.example"), KeptState.Counted);
        await HeldAsync(app, 2);
        app.Time.Advance(TimeSpan.FromHours(2));
        app.Wake();
        await HeldAsync(app, 2);
        app.Time.Advance(TimeSpan.FromHours(23));
        await PressKit.EventuallyAsync(() => { app.Wake(); return Task.FromResult(relay.Mails.Count == 2); }, () => "the next day's report was not sent");
        await HeldAsync(app, 1);
    }

    [Fact]
    public async Task Reports_above_an_address_s_cap_of_a_minute_leave_in_the_next_one()
    {
        var relay = new ScriptedRelay();
        await using PostmasterApp app = await PostmasterApp.StartAsync(
            PressKit.Settings(("Reports:MaxPerAddressPerMinute", "1"), ("Relay:Connections", "1")), builder => builder.Services.Replace(ServiceDescriptor.Singleton<IMailRelay>(relay)));
        await app.ClaimAsync("owner.example", "owner@mail.example", Address);
        var sender = new SigningSender(app.Zone, "owner.example");
        foreach (string name in (string[])["bob", "carol"])
            await app.InStateAsync(await app.PressAsync(Mail(sender, name, "news"), $"{name}@provider.example"), KeptState.Counted);
        await HeldAsync(app, 1, OutboxHold.AddressMinute);
        Assert.Single(relay.Mails);
        app.Time.Advance(TimeSpan.FromSeconds(61));
        await PressKit.EventuallyAsync(() => { app.Wake(); return Task.FromResult(relay.Mails.Count == 2); }, () => "the second was not sent");
    }

    private static Task<PostmasterApp> StartAsync(ScriptedRelay relay, params (string Key, string? Value)[] more) => PostmasterApp.StartAsync(
        PressKit.Settings([("Reports:MaxPerAddressPerDay", "1"), ("Relay:Connections", "1"), .. more]), builder => builder.Services.Replace(ServiceDescriptor.Singleton<IMailRelay>(relay)));

    private static byte[] Mail(SigningSender sender, string name, string list) =>
        sender.Sign($"From: a@owner.example\r\nTo: {name}@provider.example\r\nSubject: {name}\r\nList-Id: <{list}.owner.example>\r\nMessage-ID: <{name}-id@owner.example>\r\nDate: Fri, 2 Jan 2026 10:00:00 +0000\r\n\r\nHello {name}@provider.example\r\n");

    private static Task HeldAsync(PostmasterApp app, int count, OutboxHold by = OutboxHold.AddressDay)
    {
        int found = 0;
        return PressKit.EventuallyAsync(async () =>
        {
            await using PostmasterDb db = await app.OpenDbAsync();
            found = await db.Outbox.CountAsync(m => m.State == OutboxState.Queued && m.HeldBy == by && m.LeaseUntil == null);
            return found == count && await db.Outbox.CountAsync(m => m.State == OutboxState.Queued) == count;
        }, () => $"{found} are held back and not {count}");
    }
}
