using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Traffic.Intake;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Traffic;

/// <summary>A batch that comes again counts once, whenever, however often and from wherever it comes.</summary>
public sealed class RepeatedBatchTests
{
    private static async Task<long> DeliveredAsync(PostmasterApp app) => (await app.CountsAsync("a.example"))[(StreamKind.Whole, "")].Delivered;

    [Fact]
    public async Task A_repeated_key_counts_once_and_is_answered_as_before()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        string lines = app.Delivered("a.example") + "\n{}";
        JsonElement first = await app.IngestAsync(lines, "k"), second = await app.IngestAsync(lines, "k");

        Assert.Equal("""{"accepted":1,"bad":1,"duplicate":false,"unjoined":0,"unattributed":0,"problems":[{"line":2,"problem":"kind is missing"}]}""", first.GetRawText());
        Assert.Equal(first.GetRawText().Replace("false", "true", StringComparison.Ordinal), second.GetRawText());
        Assert.Equal(1, await DeliveredAsync(app));
        await using PostmasterDb db = await app.OpenDbAsync();
        Feeder feeder = await db.Feeders.SingleAsync();
        Assert.Equal((1, 1), (feeder.Events, feeder.BadLines));
    }

    [Fact]
    public async Task A_key_that_comes_with_other_lines_is_refused_and_they_count_nothing()
    {
        await using PostmasterApp app = await EventKit.StartAsync(("Traffic:MaxBatchBytes", "65536"));
        string lines = app.Delivered("a.example") + "\n" + app.Delivered("a.example");
        await app.IngestAsync(lines, "k");
        foreach (string other in (string[])[lines + "\n" + app.Delivered("a.example"), app.Delivered("b.example"), lines + " ", "x", "", new string(' ', 70_000)])
        {
            using HttpResponseMessage answer = await app.PostEventsAsync(other, "k");
            Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
            Assert.Contains("used for other lines", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(2, await DeliveredAsync(app));
        Assert.Empty(await app.CountsAsync("b.example"));
        Assert.True((await app.IngestAsync(lines, "k")).GetProperty("duplicate").GetBoolean());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_same_lines_packed_or_plain_are_the_same_batch(bool packedFirst)
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        string lines = string.Join('\n', Enumerable.Repeat(app.Delivered("a.example"), 700)); // more than is read at a time
        using HttpResponseMessage first = await app.PostEventsAsync(lines, "k", gzip: packedFirst), second = await app.PostEventsAsync(lines, "k", gzip: !packedFirst);
        using HttpResponseMessage other = await app.PostEventsAsync(lines + "\n{}", "k", gzip: packedFirst);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.UnprocessableEntity), (first.StatusCode, second.StatusCode, other.StatusCode));
        Assert.Contains("\"duplicate\":true", await second.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(700, await DeliveredAsync(app));
    }

    [Fact]
    public async Task Of_different_lines_with_one_key_at_once_one_batch_counts_and_the_others_are_refused()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        HttpStatusCode[] answers = await Task.WhenAll(Enumerable.Range(1, 8).Select(async i =>
        {
            using HttpResponseMessage answer = await app.PostEventsAsync(string.Join('\n', Enumerable.Repeat(app.Delivered("a.example"), i)), "k");
            return answer.StatusCode;
        }));
        Assert.Equal(7, answers.Count(a => a == HttpStatusCode.UnprocessableEntity));
        Assert.Equal(Array.IndexOf(answers, HttpStatusCode.OK) + 1, await DeliveredAsync(app));
    }

    [Fact]
    public async Task A_batch_from_before_its_lines_were_kept_in_mind_is_still_known_by_its_key()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        await app.IngestAsync(app.Delivered("a.example"), "k");
        await using (PostmasterDb db = await app.OpenDbAsync())
            await db.IngestBatches.ExecuteUpdateAsync(set => set.SetProperty(b => b.BodyHash, (byte[]?)null));
        Assert.True((await app.IngestAsync(app.Delivered("a.example") + "\n", "k")).GetProperty("duplicate").GetBoolean());
    }

    [Fact]
    public async Task The_same_key_many_times_at_once_counts_once()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        string line = app.Delivered("a.example");
        JsonElement[] answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => app.IngestAsync(line, "k")));
        Assert.Single(answers, a => !a.GetProperty("duplicate").GetBoolean());
        Assert.Equal(1, await DeliveredAsync(app));
    }

    [Fact]
    public async Task The_same_key_of_another_feeder_is_another_batch()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            db.Feeders.Add(new Feeder { Name = "mx1", TokenHash = FeederQueries.HashToken("one"), CreatedAt = app.Time.GetUtcNow() });
            await db.SaveChangesAsync();
        }

        await app.IngestAsync(app.Delivered("a.example"), "k");
        Assert.Equal(HttpStatusCode.OK, (await app.PostEventsAsync(app.Delivered("a.example"), "k", token: "one")).StatusCode);
        Assert.Equal(2, await DeliveredAsync(app));
    }

    [Fact]
    public async Task Without_a_key_each_batch_counts_and_many_at_once_lose_nothing()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        await app.ClaimAsync("a.example");
        await Task.WhenAll(Enumerable.Range(0, 16).Select(i => app.IngestAsync(
            string.Concat(Enumerable.Range(0, 100).Select(j => app.Delivered("a.example", $",\"list_id\":\"l{(i + j) % 7}\"") + "\n")))));
        Dictionary<(StreamKind Kind, string Value), TrafficCounts> counts = await app.CountsAsync("a.example");
        Assert.Equal((1600, 1600, 7), (
            counts[(StreamKind.Whole, "")].Delivered, counts.Where(c => c.Key.Kind == StreamKind.ListId).Sum(c => c.Value.Delivered), counts.Keys.Count(k => k.Kind == StreamKind.ListId)));
    }

    [Fact]
    public async Task What_the_database_did_not_take_is_not_counted_and_the_key_is_free()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        await using (PostmasterDb db = await app.OpenDbAsync())
            await db.Database.ExecuteSqlRawAsync("ALTER TABLE \"TrafficHours\" RENAME TO \"Gone\"");
        using (HttpResponseMessage failed = await app.PostEventsAsync(app.Delivered("a.example"), "k"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.StatusCode);
            Assert.True(failed.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        }

        await using (PostmasterDb db = await app.OpenDbAsync())
            await db.Database.ExecuteSqlRawAsync("ALTER TABLE \"Gone\" RENAME TO \"TrafficHours\"");
        Assert.False((await app.IngestAsync(app.Delivered("a.example"), "k")).GetProperty("duplicate").GetBoolean());
        Assert.Equal(1, await DeliveredAsync(app));
    }

    [Fact]
    public async Task After_a_restart_the_same_streams_go_on_and_repeated_keys_are_known()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        await app.ClaimAsync("a.example");
        string line = app.Delivered("a.example", ",\"list_id\":\"l\"");
        await app.IngestAsync(line, "k");
        await app.RestartAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Ingest:Token"] = EventKit.Token });
        await app.IngestAsync(line, "k");
        await app.IngestAsync(app.Delivered("a.example", ",\"list_id\":\"<L>\""), "k2");
        Dictionary<(StreamKind Kind, string Value), TrafficCounts> counts = await app.CountsAsync("a.example");
        Assert.Equal((2, 2), (counts[(StreamKind.Whole, "")].Delivered, counts[(StreamKind.ListId, "l")].Delivered));
    }

    [Fact]
    public async Task A_claim_that_comes_into_force_has_streams_from_the_next_batch_on()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        await app.IngestAsync(app.Delivered("mail.a.example"));
        await app.ClaimAsync("a.example");
        await Task.Delay(1100); // claims are looked at every second
        await app.IngestAsync(app.Delivered("mail.a.example"));
        Assert.Equal([(StreamKind.Whole, "")], (await app.CountsAsync("mail.a.example")).Keys);
        Assert.Equal([(StreamKind.Whole, ""), (StreamKind.Selector, "s1")], (await app.CountsAsync("a.example")).Keys.Order());
    }

    [Fact]
    public async Task Days_and_hours_are_those_of_the_events()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        string old = app.Delivered("a.example", ago: TimeSpan.FromDays(3));
        await app.IngestAsync(app.Delivered("a.example") + "\n" + old);
        await app.IngestAsync(old);
        await using PostmasterDb db = await app.OpenDbAsync();
        MailStream stream = await db.MailStreams.SingleAsync();
        var today = DateOnly.FromDateTime(app.Time.GetUtcNow().UtcDateTime);
        Assert.Equal((today.AddDays(-3), today), (stream.FirstDay, stream.LastDay));
        var days = await Postmaster.Web.Data.Cells.CellReader.DaysAsync(db, [stream.Id], today.AddDays(-10), today, CancellationToken.None);
        var hours = await Postmaster.Web.Data.Cells.CellReader.HoursAsync(db, [stream.Id], app.Time.GetUtcNow().AddDays(-10), app.Time.GetUtcNow(), CancellationToken.None);
        Assert.Equal([2, 1], days.Select(d => d.Counts.Delivered));
        Assert.Equal([2, 1], hours.Select(h => h.Counts.Delivered));
    }
}
