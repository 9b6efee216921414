using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Traffic;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Traffic;

/// <summary>What is old goes, what is not stays, and what was deleted counts again when it comes back.</summary>
public sealed class TrafficRetentionTests
{
    [Fact]
    public async Task Partitions_and_answers_go_after_their_time()
    {
        await using PostmasterApp app = await EventKit.StartAsync(("Traffic:MemoryPartition", "10"));
        await app.IngestAsync(string.Concat(Enumerable.Range(0, 25).Select(i => app.Mail(i))), "key");
        await app.IngestAsync(string.Concat(Enumerable.Range(25, 5).Select(i => app.Mail(i))), "other");
        app.Time.Advance(TimeSpan.FromDays(13));
        await SweepAsync(app);
        Assert.Equal(0, (await app.IngestAsync(app.Later("read", 0) + app.Later("read", 29))).GetProperty("unjoined").GetInt32());
        app.Time.Advance(TimeSpan.FromDays(2));
        await SweepAsync(app);
        // The second batch's partition was closed a stretch later; both have expired by now at the latest.
        app.Time.Advance(TimeSpan.FromDays(14));
        await SweepAsync(app);
        Assert.Equal(2, (await app.IngestAsync(app.Later("deleted_read", 0) + app.Later("deleted_read", 29))).GetProperty("unjoined").GetInt32());
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(0, await db.MemoryPages.CountAsync(p => p.Key < MemoryPage.KeyOf(MemoryPart.IdOf(MemoryRoom.People, 0))));
        Assert.Equal((0, 0), (await db.MemoryParts.CountAsync(p => p.Room == MemoryRoom.Deliveries), await db.IngestBatches.CountAsync()));
        Assert.Equal(2, (await app.CountsAsync("owner.example"))[(StreamKind.Whole, "")][TrafficCounter.Read]);
    }

    [Fact]
    public async Task Cells_go_after_their_time_and_then_streams_and_domains_without_any()
    {
        await using PostmasterApp app = await EventKit.StartAsync(("Traffic:DayDays", "40"), ("Traffic:HourDays", "7"));
        await app.ClaimAsync("owner.example");
        await app.IngestAsync(app.Mail(1) + app.Delivered("stranger.example"));
        app.Time.Advance(TimeSpan.FromDays(8));
        await app.IngestAsync(app.Mail(2, list: "late.owner.example"));
        await SweepAsync(app);
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(1, await db.TrafficHours.CountAsync());
        Assert.Equal(2, (await app.CountsAsync("owner.example"))[(StreamKind.Whole, "")].Delivered);

        app.Time.Advance(TimeSpan.FromDays(34));
        await SweepAsync(app);
        Dictionary<(StreamKind, string), TrafficCounts> left = await app.CountsAsync("owner.example");
        Assert.Equal((1, false), (left[(StreamKind.Whole, "")].Delivered, left.ContainsKey((StreamKind.ListId, "news.owner.example"))));
        Assert.Equal(["owner.example"], await db.MailDomains.Select(d => d.Name).ToListAsync());

        app.Time.Advance(TimeSpan.FromDays(60));
        await SweepAsync(app);
        Assert.Equal((0, 0, 1), (await db.TrafficDays.CountAsync(), await db.MailStreams.CountAsync(), await db.MailDomains.CountAsync()));
        await app.IngestAsync(app.Mail(3) + app.Delivered("stranger.example"));
        Assert.Equal(1, (await app.CountsAsync("owner.example"))[(StreamKind.Whole, "")].Delivered);
        Assert.Equal(1, (await app.CountsAsync("stranger.example"))[(StreamKind.Whole, "")].Delivered);
    }

    [Fact]
    public async Task Which_feeder_told_of_a_day_goes_with_the_cells_of_the_day()
    {
        await using PostmasterApp app = await EventKit.StartAsync(("Traffic:DayDays", "40"));
        await app.IngestAsync(app.Mail(1));
        var first = DateOnly.FromDateTime(app.Time.GetUtcNow().UtcDateTime);
        app.Time.Advance(TimeSpan.FromDays(8));
        await app.IngestAsync(app.Mail(2));
        await using PostmasterDb db = await app.OpenDbAsync();
        app.Time.Advance(TimeSpan.FromDays(32));
        await SweepAsync(app);
        Assert.Equal([first, first.AddDays(8)], await db.FeederDays.Select(d => d.Day).Distinct().OrderBy(d => d).ToListAsync());
        app.Time.Advance(TimeSpan.FromDays(1));
        await SweepAsync(app);
        Assert.Equal([first.AddDays(8)], await db.FeederDays.Select(d => d.Day).Distinct().ToListAsync());
    }

    private static Task SweepAsync(PostmasterApp app) => app.Services.GetRequiredService<TrafficRetention>().SweepAsync(CancellationToken.None);
}
