using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Traffic;

/// <summary>Later events that carry Message-ID and mailbox alone find the delivery, through log, partitions, restarts and other machines.</summary>
public sealed class DeliveryMemoryTests
{
    private static readonly (StreamKind, string) Whole = (StreamKind.Whole, ""), News = (StreamKind.ListId, "news.owner.example");

    [Fact]
    public async Task A_later_event_counts_in_the_streams_of_its_delivery_on_its_own_day()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        await app.ClaimAsync("owner.example");
        await app.IngestAsync(app.Mail(1, TimeSpan.FromDays(3)));
        JsonElement answer = await app.IngestAsync(app.Later("read", 1));
        Assert.Equal(0, answer.GetProperty("unjoined").GetInt32());
        Dictionary<(StreamKind, string), TrafficCounts> counts = await app.CountsAsync("owner.example");
        Assert.Equal((1, 1), (counts[Whole][TrafficCounter.Read], counts[News][TrafficCounter.Read]));
        Assert.Equal((0, 1), (await app.CountedOnAsync(TrafficCounter.Read, daysAgo: 3), await app.CountedOnAsync(TrafficCounter.Read, daysAgo: 0)));
    }

    [Fact]
    public async Task A_kind_counts_once_a_delivery_in_one_batch_and_in_many()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        await app.IngestAsync(app.Mail(1) + app.Later("read", 1) + app.Later("read", 1) + app.Later("deleted_read", 1));
        await app.IngestAsync(app.Later("read", 1));
        await app.RestartAsync(EventKit.Settings);
        await app.IngestAsync(app.Later("read", 1, "U1@P.example"));
        TrafficCounts counts = (await app.CountsAsync("owner.example"))[Whole];
        Assert.Equal((1, 1), (counts[TrafficCounter.Read], counts[TrafficCounter.DeletedRead]));
    }

    [Fact]
    public async Task What_has_no_delivery_is_told_and_counted_as_unjoined_by_feeder_and_day()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        JsonElement answer = await app.IngestAsync(app.Later("read", 7) + app.Later("read", 8) + app.Mail(7));
        // The delivery of the same commit is there, wherever its line stands.
        Assert.Equal((3, 1), (answer.GetProperty("accepted").GetInt32(), answer.GetProperty("unjoined").GetInt32()));
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(1, await db.Feeders.SumAsync(f => f.Unjoined));
        Assert.Equal(1, await db.DailyCounts.Where(c => c.Kind == CountKind.Unjoined).SumAsync(c => c.Count));
    }

    [Fact]
    public async Task An_event_that_names_its_domain_counts_without_a_delivery_and_once()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        string line = app.Delivered("owner.example", ""","message_id":"<x@owner.example>","mailbox":"u@p.example" """).Replace("\"delivered\"", "\"read\"", StringComparison.Ordinal);
        Assert.Equal(0, (await app.IngestAsync(line)).GetProperty("unjoined").GetInt32());
        await app.IngestAsync(line);
        Assert.Equal(1, (await app.CountsAsync("owner.example"))[Whole][TrafficCounter.Read]);
    }

    [Theory]
    [InlineData(1)] // each commit closes the partition of the one before
    [InlineData(40)]
    [InlineData(100_000)] // all in the log
    public async Task Deliveries_are_found_wherever_they_have_gone(int partition)
    {
        await using PostmasterApp app = await EventKit.StartAsync(("Traffic:MemoryPartition", partition.ToString(CultureInfo.InvariantCulture)));
        var random = new Random(7);
        for (int batch = 0; batch < 12; batch++)
        {
            var lines = new StringBuilder();
            for (int i = 0; i < 25; i++)
                lines.Append(app.Mail((batch * 25) + i));
            int read = random.Next((batch + 1) * 25);
            lines.Append(app.Later("read", read)).Append(app.Later("read", read)).Append(app.Later("not_spam", batch * 25));
            Assert.Equal(0, (await app.IngestAsync(lines.ToString())).GetProperty("unjoined").GetInt32());
            if (batch % 5 == 4)
                await app.RestartAsync(EventKit.With(("Traffic:MemoryPartition", partition.ToString(CultureInfo.InvariantCulture))));
        }

        string all = string.Concat(Enumerable.Range(0, 300).Select(i => app.Later("deleted_unread", i)));
        Assert.Equal(0, (await app.IngestAsync(all)).GetProperty("unjoined").GetInt32());
        Assert.Equal(0, (await app.IngestAsync(all)).GetProperty("unjoined").GetInt32());
        Assert.Equal(1, (await app.IngestAsync(app.Later("deleted_unread", 300))).GetProperty("unjoined").GetInt32());
        TrafficCounts counts = (await app.CountsAsync("owner.example"))[Whole];
        Assert.Equal((300, 300, 12), (counts.Delivered, counts[TrafficCounter.DeletedUnread], counts[TrafficCounter.NotSpam]));
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(partition == 100_000, !await db.MemoryParts.AnyAsync());
        Assert.True(await db.MemoryLogs.CountAsync() <= 30);
    }

    [NeedsFact("initdb")]
    public async Task No_machine_misses_what_another_has_taken_in_or_closed()
    {
        (string, string) small = ("Traffic:MemoryPartition", "30");
        await using PostmasterApp first = await PostmasterApp.StartAsync(EventKit.With(small), database: await TestDatabase.CreateAsync(DatabaseKind.Postgres));
        await using PostmasterApp second = await first.StartSecondMachineAsync(EventKit.With(small));
        PostmasterApp[] machines = [first, second];
        for (int round = 0; round < 10; round++)
        {
            int start = round * 40;
            await Task.WhenAll(
                first.IngestAsync(string.Concat(Enumerable.Range(start, 20).Select(i => first.Mail(i)))),
                second.IngestAsync(string.Concat(Enumerable.Range(start + 20, 20).Select(i => first.Mail(i)))));
            // Each asks for what the other took in, both at once, and for the same.
            JsonElement[] answers = await Task.WhenAll(machines.Select(m => m.IngestAsync(string.Concat(Enumerable.Range(0, start + 40).Select(i => first.Later("read", i))))));
            Assert.All(answers, a => Assert.Equal(0, a.GetProperty("unjoined").GetInt32()));
        }

        Assert.Equal((400, 400), ((await first.CountsAsync("owner.example"))[Whole].Delivered, (await first.CountsAsync("owner.example"))[Whole][TrafficCounter.Read]));
        await using PostmasterDb db = await first.OpenDbAsync();
        Assert.True(await db.MemoryParts.CountAsync() > 5);
    }
}
