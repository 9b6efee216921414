using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Traffic.Memory;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Traffic;

/// <summary>Who left and got mail again, who was invited too often: counted exactly, whatever batch the events come in.</summary>
public sealed class MannersTests
{
    private const string Ann = "ann@p.example";

    private static readonly (StreamKind, string) Whole = (StreamKind.Whole, ""), News = (StreamKind.ListId, "news.owner.example"), Offers = (StreamKind.ListId, "offers.owner.example");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Mail_more_than_48_hours_after_unsubscribing_is_counted_and_the_person_once(bool oneBatch)
    {
        await using PostmasterApp app = await EventKit.StartAsync(("Traffic:MemoryPartition", "2"));
        await app.ClaimAsync("owner.example");
        string[] lines =
        [
            app.Mail(1, Ago(240), mailbox: Ann),
            app.Later("unsubscribed", 1, Ann, Ago(200)),
            app.Mail(2, Ago(153), mailbox: Ann), // 47 hours later
            app.Mail(3, Ago(151), mailbox: Ann),
            app.Mail(4, Ago(100), mailbox: Ann),
            app.Mail(5, Ago(100), list: "offers.owner.example", mailbox: Ann), // another list
            app.Mail(6, Ago(100), mailbox: "bob@p.example"),
        ];
        if (oneBatch)
            await app.IngestAsync(string.Concat(lines.Reverse()));
        else
            await InTurnAsync(app, lines);
        Dictionary<(StreamKind, string), TrafficCounts> counts = await app.CountsAsync("owner.example");
        foreach (TrafficCounts cell in (TrafficCounts[])[counts[Whole], counts[News]])
            Assert.Equal((1, 2, 1), (cell[TrafficCounter.Left], cell[TrafficCounter.MailAfterLeaving], cell[TrafficCounter.LeftAndMailedAgain]));
        Assert.Equal((0, 0, 0), (counts[Offers][TrafficCounter.Left], counts[Offers][TrafficCounter.MailAfterLeaving], counts[Offers][TrafficCounter.LeftAndMailedAgain]));
    }

    [Theory]
    [InlineData(WebhookDeliveryState.Delivered, 1)]
    [InlineData(WebhookDeliveryState.Failed, 0)]
    public async Task Who_complained_has_left_for_the_rate_when_a_webhook_took_the_event(WebhookDeliveryState state, int left)
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync(PressKit.Settings(("Ingest:Token", EventKit.Token)));
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example");
        await app.IngestAsync(app.Mail(1, mailbox: PressKit.Mailbox));
        await using PostmasterDb db = await app.OpenDbAsync();
        DateTimeOffset now = app.Time.GetUtcNow();
        DomainClaim claim = await db.Claims.SingleAsync();
        db.Add(new WebhookEndpoint { ClaimId = claim.Id, Url = "https://hook.owner.example/", State = WebhookState.On, SealedSecret = [], CreatedBy = claim.OwnerId, CreatedAt = now, DueAt = now.AddDays(1) });
        await db.SaveChangesAsync();
        using (HttpResponseMessage kept = await app.PostAsync(sender.Newsletter("1"), token: EventKit.Token))
            Assert.True(kept.IsSuccessStatusCode);
        await PressKit.EventuallyAsync(
            async () => await db.WebhookDeliveries.ExecuteUpdateAsync(set => set.SetProperty(d => d.State, state).SetProperty(d => d.EndedAt, now)) == 1, () => "the complaint was not queued for the webhook");

        var telling = app.Services.GetRequiredService<TellingWorker>();
        await PressKit.EventuallyAsync(async () => await telling.TellAsync(CancellationToken.None) >= 0 && await LeftAsync(app) == left, () => "nobody has left");
        Assert.Equal(0, await telling.TellAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Who_complained_has_left_for_the_rate_when_the_report_was_delivered()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync(PressKit.Settings(("Ingest:Token", EventKit.Token)));
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example", "fbl@owner.example");
        await app.IngestAsync(app.Mail(1, mailbox: PressKit.Mailbox) + app.Mail(2, mailbox: Ann));
        await app.IngestAsync(app.Later("complaint", 2, Ann)); // no report tells the sender of this one
        using (HttpResponseMessage kept = await app.PostAsync(sender.Newsletter("1"), token: EventKit.Token))
            Assert.True(kept.IsSuccessStatusCode);
        await app.ReportToAsync("fbl@owner.example");
        var telling = app.Services.GetRequiredService<TellingWorker>();
        await PressKit.EventuallyAsync(async () => await telling.TellAsync(CancellationToken.None) >= 0 && await LeftAsync(app) == 1, () => "nobody has left");
        Assert.Equal(0, await telling.TellAsync(CancellationToken.None));

        app.Time.Advance(TimeSpan.FromHours(50));
        await app.IngestAsync(app.Mail(3, mailbox: PressKit.Mailbox) + app.Mail(4, mailbox: Ann));
        await app.IngestAsync(app.Mail(5, mailbox: PressKit.Mailbox));
        TrafficCounts counts = (await app.CountsAsync("owner.example"))[Whole];
        Assert.Equal((2, 1, 3, 1), (
            counts[TrafficCounter.Complaint], counts[TrafficCounter.Left], counts[TrafficCounter.MailAfterLeaving], counts[TrafficCounter.LeftAndMailedAgain]));
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.False(await db.Complaints.AnyAsync(c => c.PersonKey != null));
    }

    [Fact]
    public async Task Transactional_mail_may_come_whatever_was_left_and_not_spam_takes_leaving_back()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        await app.ClaimAsync("owner.example");
        await app.IngestAsync(app.Mail(1, Ago(300), mailbox: Ann) + app.Mail(1, Ago(300), list: "offers.owner.example", mailbox: "bob@p.example"));
        await TypeAsync(app, "news.owner.example", MailType.Transactional);
        await InTurnAsync(app, app.Later("complaint", 1, Ann, Ago(200)), app.Mail(2, Ago(100), mailbox: Ann));
        await InTurnAsync(app, app.Later("complaint", 1, "bob@p.example", Ago(200)), app.Later("not_spam", 1, "bob@p.example", Ago(190)), app.Mail(2, Ago(100), list: "offers.owner.example", mailbox: "bob@p.example"));
        Assert.Equal(0, (await app.CountsAsync("owner.example"))[Whole][TrafficCounter.MailAfterLeaving]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Invitations_beyond_two_and_reminders_too_close_or_too_late_are_counted(bool oneBatch)
    {
        await using PostmasterApp app = await EventKit.StartAsync(("Traffic:MemoryPartition", "3"), ("Traffic:MaxPast", "200.00:00:00"));
        await app.ClaimAsync("owner.example");
        await app.IngestAsync(app.Mail(0, mailbox: "bob@p.example"));
        await TypeAsync(app, "news.owner.example", MailType.Invitation);
        string[] lines =
        [
            app.Mail(1, TimeSpan.FromDays(150), mailbox: Ann),
            app.Mail(2, TimeSpan.FromDays(130), mailbox: Ann), // the second, in good time
            app.Mail(3, TimeSpan.FromDays(120), mailbox: Ann), // one too many, and close
            app.Mail(4, TimeSpan.FromDays(50), mailbox: Ann), // one too many, and late
            app.Mail(5, TimeSpan.FromDays(50), list: "offers.owner.example", mailbox: Ann),
        ];
        if (oneBatch)
            await app.IngestAsync(string.Concat(lines));
        else
            await InTurnAsync(app, lines);
        Dictionary<(StreamKind, string), TrafficCounts> counts = await app.CountsAsync("owner.example");
        foreach (TrafficCounts cell in (TrafficCounts[])[counts[Whole], counts[News]])
            Assert.Equal((4, 2, 1, 1), (cell[TrafficCounter.Invitation], cell[TrafficCounter.InvitationOver], cell[TrafficCounter.ReminderClose], cell[TrafficCounter.ReminderLate]));
        Assert.Equal(0, counts[(StreamKind.Selector, "s1")][TrafficCounter.InvitationOver]);
    }

    private static TimeSpan Ago(int hours) => TimeSpan.FromHours(hours);

    private static async Task InTurnAsync(PostmasterApp app, params string[] lines)
    {
        foreach (string line in lines)
            await app.IngestAsync(line);
    }

    private static async Task<long> LeftAsync(PostmasterApp app) => (await app.CountsAsync("owner.example"))[Whole][TrafficCounter.Left];

    private static async Task TypeAsync(PostmasterApp app, string list, MailType type)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(1, await db.MailStreams.Where(s => s.Value == list).ExecuteUpdateAsync(set => set.SetProperty(s => s.OwnerType, type)));
    }
}
