using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Pages;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.Reputation;
using Postmaster.Web.Features.Reputation.Formula;
using Postmaster.Web.Features.Traffic;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Traffic;

/// <summary>What the pages and exports read, over a real database.</summary>
public sealed class TrafficQueriesTests
{
    private const string Domain = "news.example", Owner = "owner@news.example";

    [Fact]
    public async Task The_hours_of_seven_days_hold_what_was_counted_and_know_of_which_nobody_told()
    {
        await using PostmasterApp app = await EventKit.StartAsync(("Traffic:HourDays", "7"));
        await app.ClaimAsync(Domain);
        app.Time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(app.Time.GetUtcNow().Ticks % TimeSpan.TicksPerHour));
        DateTimeOffset begin = new(app.Time.GetUtcNow().UtcDateTime.Date.AddHours(app.Time.GetUtcNow().Hour), TimeSpan.Zero);
        for (int hour = 0; hour < 7 * 24; hour++)
        {
            // Every fourth hour has mail, every fourth after it a stranger's, and of the others nobody tells.
            if (hour % 4 == 0)
                await app.IngestAsync(app.Delivered(Domain) + "\n" + app.Delivered(Domain) + "\n" + app.Delivered("stranger.example"));
            else if (hour % 4 == 1)
                await app.IngestAsync(app.Delivered("stranger.example"));
            app.Time.Advance(TimeSpan.FromHours(1));
        }

        TrafficQueries queries = app.Services.GetRequiredService<TrafficQueries>();
        IReadOnlyList<TrafficHourPoint> hours = await queries.HoursAsync(Domain, begin, begin.AddHours((7 * 24) - 1), CancellationToken.None);

        Assert.Equal(Enumerable.Range(0, 7 * 24).Select(h => (long?)((h % 4) switch { 0 => 2, 1 => 0, _ => null })), hours.Select(h => h.Traffic?.Delivered));
        Assert.Equal(Enumerable.Range(0, 7 * 24).Select(h => begin.AddHours(h)), hours.Select(h => h.Hour));
        Assert.All(hours.Where(h => h.Traffic is not null), h => Assert.Equal("told by day alone", h.Traffic!.WhyHidden(TrafficCounter.Read)?.Cell));

        await app.Services.GetRequiredService<TrafficRetention>().SweepAsync(CancellationToken.None);
        app.Time.Advance(TimeSpan.FromHours(6));
        await app.Services.GetRequiredService<TrafficRetention>().SweepAsync(CancellationToken.None);
        hours = await queries.HoursAsync(Domain, begin, begin.AddHours((7 * 24) - 1), CancellationToken.None);
        Assert.Equal((null, 2L), (hours[4].Traffic?.Delivered, hours[8].Traffic?.Delivered)); // what was deleted is not known any more
    }

    [Fact]
    public async Task Exports_of_two_ranges_do_not_differ_by_what_one_recipient_of_a_day_did()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        await new PortalSeed(app).ClaimAsync(Owner, Domain);
        var seed = new TrafficSeed(app);
        int whole = await seed.StreamAsync(Domain, StreamKind.Whole);
        await seed.CountAsync(whole, 3, 200, (TrafficCounter.DeliveredInbox, 500), (TrafficCounter.DeletedUnread, 40), (TrafficCounter.Complaint, 3));
        await seed.CountAsync(whole, 2, 1, (TrafficCounter.DeliveredInbox, 1), (TrafficCounter.DeletedUnread, 1), (TrafficCounter.Complaint, 1));
        await seed.CountAsync(whole, 1, 200, (TrafficCounter.DeliveredInbox, 500), (TrafficCounter.DeletedUnread, 20), (TrafficCounter.Complaint, 2));
        TrafficQueries queries = app.Services.GetRequiredService<TrafficQueries>();
        var today = DateOnly.FromDateTime(app.Time.GetUtcNow().UtcDateTime);

        async Task<(long, long?, long?)> SumAsync(int first, int last)
        {
            VisibleTraffic total = (await queries.DaysAsync(Domain, today.AddDays(-first), today.AddDays(-last), CancellationToken.None)).Total!;
            return (total.Delivered, total.Of(TrafficCounter.DeletedUnread), total.Of(TrafficCounter.Complaint));
        }

        // Whether the border of four weeks lies between these days or not, the day of one is never told by itself.
        bool isBorder = PrivacyFloor.Border(today.AddDays(-1)) == today.AddDays(-1);
        (long, long) later = isBorder ? (20, 2) : (21, 3);
        Assert.Equal((500L, 40L, 3L), await SumAsync(3, 3));
        Assert.Equal((501L, 40L, 3L), await SumAsync(3, 2));
        Assert.Equal((1L, null, null), await SumAsync(2, 2));
        Assert.Equal((500L, later.Item1, later.Item2), await SumAsync(1, 1));
        Assert.Equal((501L, later.Item1, later.Item2), await SumAsync(2, 1));
        Assert.Equal((1001L, 40 + later.Item1, 3 + later.Item2), await SumAsync(3, 1));
        Assert.Equal(3 + later.Item2, (await queries.TotalsAsync([Domain], today.AddDays(-3), today, CancellationToken.None))[Domain].Of(TrafficCounter.Complaint));
        Assert.Equal(40 + later.Item1, (await app.Services.GetRequiredService<ReputationQueries>().NowAsync(Domain, CancellationToken.None)).Verdict!.Sheet.Signals.Single(s => s.Signal == Signal.DeletedUnread).Count);
    }

    [Fact]
    public async Task All_mail_less_the_told_streams_does_not_tell_of_a_small_one()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        await new PortalSeed(app).ClaimAsync(Owner, Domain);
        var seed = new TrafficSeed(app);
        int whole = await seed.StreamAsync(Domain, StreamKind.Whole), large = await seed.StreamAsync(Domain, StreamKind.ListId, "large"), middle = await seed.StreamAsync(Domain, StreamKind.ListId, "middle"),
            small = await seed.StreamAsync(Domain, StreamKind.ListId, "small"), network = await seed.StreamAsync(Domain, StreamKind.Network, "192.0.2.0/24");
        foreach (int all in (int[])[whole, network])
            await seed.CountAsync(all, 1, 200, (TrafficCounter.DeliveredInbox, 1303), (TrafficCounter.DeletedUnread, 111), (TrafficCounter.Complaint, 11));
        await seed.CountAsync(large, 1, 200, (TrafficCounter.DeliveredInbox, 1000), (TrafficCounter.DeletedUnread, 80), (TrafficCounter.Complaint, 8));
        await seed.CountAsync(middle, 1, 100, (TrafficCounter.DeliveredInbox, 300), (TrafficCounter.DeletedUnread, 30), (TrafficCounter.Complaint, 2));
        await seed.CountAsync(small, 1, 3, (TrafficCounter.DeliveredInbox, 3), (TrafficCounter.DeletedUnread, 1), (TrafficCounter.Complaint, 1));
        var today = DateOnly.FromDateTime(app.Time.GetUtcNow().UtcDateTime);
        TrafficQueries queries = app.Services.GetRequiredService<TrafficQueries>();

        StreamTable table = await queries.StreamsAsync(Domain, StreamKind.ListId, today.AddDays(-6), today, CancellationToken.None);
        (string, long, long?, long?)[] expected = [("large", 1000, 80, 8), ("middle", 300, null, 2), ("small", 3, null, null)];
        Assert.Equal(expected, table.Rows.Select(r => (r.Value, r.Traffic.Delivered, r.Traffic.Of(TrafficCounter.DeletedUnread), r.Traffic.Of(TrafficCounter.Complaint))));
        Assert.Equal("3 of 20 recipients", table.Rows[2].Traffic.WhyHidden(TrafficCounter.DeletedUnread)?.Cell);
        Assert.Null((await queries.StreamAsync(Domain, middle, today.AddDays(-6), today, CancellationToken.None))!.Value.Series.Total!.DeletedUnread);
        Assert.Equal(111, (await queries.StreamsAsync(Domain, StreamKind.Network, today.AddDays(-6), today, CancellationToken.None)).Rows[0].Traffic.Of(TrafficCounter.DeletedUnread));

        ReputationQueries verdicts = app.Services.GetRequiredService<ReputationQueries>();
        Assert.NotNull(await DeletedAsync(middle));
        Assert.Null(await DeletedAsync(large));

        async Task<BelowFloor?> DeletedAsync(int stream) =>
            (await verdicts.StreamNowAsync(Domain, stream, CancellationToken.None))!.Verdict!.Sheet.Signals.Single(s => s.Signal == Signal.DeletedUnread).Hidden;
    }
}
