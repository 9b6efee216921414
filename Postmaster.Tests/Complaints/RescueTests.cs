using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Fbl.Arf;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Data.Cells;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Complaints;

/// <summary>"Not junk" after the complaint had counted: shown, counted once, and told to the owner who asked.</summary>
public sealed class RescueTests
{
    private const string Address = "fbl@owner.example";

    [Fact]
    public async Task A_counted_complaint_that_is_taken_back_is_marked_counted_as_rescued_and_reported_once()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        DomainClaim claim = await app.ClaimAsync("owner.example", "owner@mail.example", Address);
        await WantAsync(app, claim);
        var sender = new SigningSender(app.Zone, "owner.example");
        byte[] mail = sender.Newsletter("one");
        await app.InStateAsync(await app.PressAsync(mail), KeptState.Counted);
        await app.ReportToAsync(Address);

        app.Time.Advance(TimeSpan.FromHours(1));
        await RescueAsync(app, mail);
        await PressKit.EventuallyAsync(() => { app.Wake(); return Task.FromResult(app.ReportsTo(Address).Count == 2); }, () => "no not-spam report came");
        await RescueAsync(app, mail);
        await RescueAsync(app, mail);

        FeedbackReport report = Assert.Single(app.ReportsTo(Address), r => r.Report.FeedbackType is FeedbackType.NotSpam).Report;
        FeedbackReport abuse = Assert.Single(app.ReportsTo(Address), r => r.Report.FeedbackType is FeedbackType.Abuse).Report;
        Assert.Equal(abuse.OriginalRcptTo, report.OriginalRcptTo);
        Assert.Equal(abuse.MessageId, report.MessageId);
        Assert.Equal(1, await NotSpamAsync(app));
        Assert.Equal(1, await app.CountAsync("owner.example"));
        ComplaintRow row = Assert.Single(await app.Services.GetRequiredService<FeedbackLoopQueries>().LatestAsync(claim.Id, "owner.example", null, null, 10, CancellationToken.None));
        Assert.NotNull(row.RescuedAt);
        Assert.Equal(OutboxState.Sent, row.Delivery!.State);
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(2, await db.Outbox.CountAsync());
    }

    [Fact]
    public async Task A_rescue_before_the_count_sends_and_counts_nothing()
    {
        await using PostmasterApp app = await PressKit.StartAsync(("Complaints:UndoWindow", "00:10:00"));
        DomainClaim claim = await app.ClaimAsync("owner.example", "owner@mail.example", Address);
        await WantAsync(app, claim);
        byte[] mail = new SigningSender(app.Zone, "owner.example").Newsletter("one");
        Guid press = await app.PressAsync(mail);
        await app.InStateAsync(press, KeptState.Held);
        app.Time.Advance(TimeSpan.FromMinutes(1));
        await RescueAsync(app, mail);
        await app.InStateAsync(press, KeptState.Cancelled);
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal((0, 0, 0L), (await db.Outbox.CountAsync(), await db.Complaints.CountAsync(), await NotSpamAsync(app)));
    }

    [Fact]
    public async Task An_owner_who_did_not_ask_gets_no_report_of_a_rescue()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        await app.ClaimAsync("owner.example", "owner@mail.example", Address);
        byte[] mail = new SigningSender(app.Zone, "owner.example").Newsletter("one");
        await app.InStateAsync(await app.PressAsync(mail), KeptState.Counted);
        await app.ReportToAsync(Address);
        await RescueAsync(app, mail);
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.NotNull((await db.Complaints.SingleAsync()).RescuedAt);
        Assert.Equal(1, await db.Outbox.CountAsync());
        Assert.Equal(1, await NotSpamAsync(app));
    }

    /// <summary>Presses and rescues of three mailboxes and two messages in a seeded order; what holds is said by the times of the presses alone.</summary>
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public async Task In_whatever_order_each_complaint_is_rescued_and_told_at_most_once(int seed)
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        DomainClaim claim = await app.ClaimAsync("owner.example", "owner@mail.example", Address);
        await WantAsync(app, claim);
        var sender = new SigningSender(app.Zone, "owner.example");
        byte[][] mails = [sender.Newsletter("one"), sender.Newsletter("two")];
        var random = new Random(seed);
        var rescued = new HashSet<(int, int)>();
        var counted = new HashSet<(int, int)>();
        var takenBack = new Dictionary<(int, int), DateTimeOffset>();
        for (int step = 0; step < 14; step++)
        {
            app.Time.Advance(TimeSpan.FromMinutes(1));
            (int Mailbox, int Mail) who = (random.Next(3), random.Next(2));
            // Some come late: they were pressed before what was seen meanwhile.
            DateTimeOffset at = app.Time.GetUtcNow() - TimeSpan.FromMinutes(random.Next(3) * 2);
            string mailbox = $"user{who.Mailbox}@provider.example";
            if (random.Next(2) == 0)
            {
                Guid id = await app.PressAsync(mails[who.Mail], mailbox, at: at);
                if (counted.Contains(who))
                    await app.InStateAsync(id, KeptState.Duplicate);
                else if (takenBack.TryGetValue(who, out DateTimeOffset back) && back > at)
                    await app.InStateAsync(id, KeptState.Cancelled);
                else
                {
                    await app.InStateAsync(id, KeptState.Counted);
                    counted.Add(who);
                    Pressed[who] = at;
                }
            }
            else
            {
                await app.InStateAsync(await app.PressAsync(mails[who.Mail], mailbox, "not-spam", at: at), KeptState.Cancelled);
                if (counted.Contains(who) && Pressed[who] <= at)
                    rescued.Add(who);
                if (!takenBack.TryGetValue(who, out DateTimeOffset before) || before < at)
                    takenBack[who] = at;
            }
        }

        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(counted.Count, await db.Complaints.CountAsync());
        Assert.Equal(rescued.Count, await db.Complaints.CountAsync(c => c.RescuedAt != null));
        Assert.Equal(rescued.Count, await db.Outbox.CountAsync(m => m.Kind == OutboxKind.NotSpamReport));
        Assert.Equal(rescued.Count, await NotSpamAsync(app));
    }

    private Dictionary<(int, int), DateTimeOffset> Pressed { get; } = [];

    private static async Task RescueAsync(PostmasterApp app, byte[] mail) =>
        await app.InStateAsync(await app.PressAsync(mail, type: "not-spam"), KeptState.Cancelled);

    private static async Task WantAsync(PostmasterApp app, DomainClaim claim)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        db.FeedbackSettings.Add(new FeedbackSettings { ClaimId = claim.Id, WantsNotSpam = true });
        await db.SaveChangesAsync();
    }

    private static async Task<long> NotSpamAsync(PostmasterApp app)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        List<int> streams = await db.MailStreams.Where(s => s.Kind == StreamKind.Whole && db.MailDomains.Any(d => d.Id == s.DomainId && d.Name == "owner.example")).Select(s => s.Id).ToListAsync();
        IReadOnlyList<Cell> cells = await CellReader.DaysAsync(db, streams, new DateOnly(2020, 1, 1), new DateOnly(2100, 1, 1), CancellationToken.None);
        return cells.Sum(c => (long)c.Counts[TrafficCounter.NotSpam]);
    }
}
