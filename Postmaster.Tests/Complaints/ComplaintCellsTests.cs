using System.Globalization;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Postmaster.Tests.Support;
using Postmaster.Tests.Traffic;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Complaints;

/// <summary>Complaints of the portal's own doors and of feeders' events are one number.</summary>
public sealed class ComplaintCellsTests
{
    private static readonly (StreamKind, string) Whole = (StreamKind.Whole, ""), News = (StreamKind.ListId, "news.owner.example");

    [Fact]
    public async Task A_press_counts_in_the_streams_that_the_message_leads_to()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example");
        await app.InStateAsync(await app.PressAsync(Listed(sender, 1)), KeptState.Counted);
        Dictionary<(StreamKind Kind, string Value), TrafficCounts> counts = await app.CountsAsync("owner.example");
        Assert.Equal([Whole, News, (StreamKind.FeedbackSender, "owner"), (StreamKind.Feedback1, "c1"), (StreamKind.Selector, "s1")], counts.Keys.Order());
        Assert.All(counts.Values, c => Assert.Equal((1, 1), (c[TrafficCounter.Complaint], c.Recipients.Estimate)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_press_and_an_event_for_the_same_delivery_count_once_whichever_comes_first(bool pressFirst)
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example", "fbl@owner.example");
        await IngestAsync(app, app.Mail(1, list: "other.owner.example", mailbox: PressKit.Mailbox));
        if (pressFirst)
            await app.InStateAsync(await app.PressAsync(Listed(sender, 1)), KeptState.Counted);
        await IngestAsync(app, app.Later("complaint", 1, PressKit.Mailbox.ToUpperInvariant()));
        if (!pressFirst)
            await app.InStateAsync(await app.PressAsync(Listed(sender, 1)), KeptState.Counted);

        Dictionary<(StreamKind, string), TrafficCounts> counts = await app.CountsAsync("owner.example");
        // Where the delivery was counted, there the complaint is.
        Assert.Equal((1, 1), (counts[Whole][TrafficCounter.Complaint], counts[(StreamKind.ListId, "other.owner.example")][TrafficCounter.Complaint]));
        await app.ReportToAsync("fbl@owner.example");
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(1, await db.Complaints.CountAsync());
    }

    [Fact]
    public async Task A_press_that_is_taken_back_in_time_never_counts()
    {
        await using PostmasterApp app = await PressKit.StartAsync(("Complaints:UndoWindow", "00:10:00"));
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example");
        Guid id = await app.PressAsync(Listed(sender, 1));
        await app.InStateAsync(id, KeptState.Held);
        await app.PressAsync(Listed(sender, 1), type: "not-spam");
        await app.InStateAsync(id, KeptState.Cancelled);
        app.Time.Advance(TimeSpan.FromHours(1));
        app.Wake();
        await app.InStateAsync(await app.PressAsync(Listed(sender, 2)), KeptState.Held);
        Assert.Equal(0, await app.CountAsync("owner.example"));
    }

    [Fact]
    public async Task What_was_counted_before_is_carried_over_into_the_cells()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        await using PostmasterDb db = await app.OpenDbAsync();
        var migrator = db.GetService<IMigrator>();
        string[] all = [.. db.Database.GetMigrations()];
        await migrator.MigrateAsync(all[Array.FindIndex(all, m => m.EndsWith("_ComplaintCells", StringComparison.Ordinal)) - 1]);
        foreach ((string domain, string day, int count) in ((string, string, int)[])[("old.example", "2026-02-28", 3), ("old.example", "2026-03-01", 4), ("both.example", "2026-03-01", 5)])
            await db.Database.ExecuteSqlAsync($"""INSERT INTO "DailyCounts" ("Domain", "Day", "Kind", "Count") VALUES ({domain}, {DateOnly.Parse(day, CultureInfo.InvariantCulture)}, 'Complaint', {count})""");
        await db.Database.ExecuteSqlAsync($"""INSERT INTO "DailyCounts" ("Domain", "Day", "Kind", "Count") VALUES ('', {new DateOnly(2026, 3, 1)}, 'Unattributed', 9)""");
        await app.IngestAsync(app.Delivered("both.example"));
        await migrator.MigrateAsync();
        Assert.Equal([(new DateOnly(2026, 2, 28), 3), (new DateOnly(2026, 3, 1), 4)], await PressKit.DaysAsync(db, "old.example"));
        Assert.Equal(5, await PressKit.CountAsync(db, "both.example"));
        Assert.Equal((9, 1), (await db.DailyCounts.SumAsync(c => c.Count), await db.DailyCounts.CountAsync()));
    }

    private static byte[] Listed(SigningSender sender, int number) => sender.Newsletter(
        number.ToString(CultureInfo.InvariantCulture), fields: "List-ID: News <news.owner.example>\r\nFeedback-ID: c1:owner\r\n");

    private static async Task IngestAsync(PostmasterApp app, string lines)
    {
        using HttpResponseMessage response = await app.PostEventsAsync(lines, token: PressKit.Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}
