using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Traffic;
using Postmaster.Web.Features.Traffic.Intake;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Traffic;

/// <summary>The door for events: who may come in, with what, and what everybody else is told.</summary>
public sealed class EventDoorTests
{
    private static async Task<JsonElement> ProblemAsync(HttpResponseMessage response, HttpStatusCode status, string words)
    {
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{response.StatusCode}: {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        JsonElement json = JsonDocument.Parse(body).RootElement;
        Assert.Contains(words, json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        return json;
    }

    private static async Task AssertNothingCountedAsync(PostmasterApp app)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal((0, 0, 0, 0), (await db.MailDomains.CountAsync(), await db.MailStreams.CountAsync(), await db.TrafficDays.CountAsync(), await db.IngestBatches.CountAsync()));
    }

    [Fact]
    public async Task A_delivery_is_counted_for_the_domain_and_each_of_its_streams()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        await app.ClaimAsync("owner.example");
        JsonElement answer = await app.IngestAsync(app.Delivered(
            "owner.example",
            ""","ip":"192.0.2.7","helo":"mx.owner.example","mail_from":"bounce@b.owner.example","rcpt":"u@p.example","spf":"pass","dmarc":"pass","tls":"TLSv1.3","size":1000"""
            + ""","folder":"inbox","list_id":"News <news.owner.example>","feedback_id":"c1:cust:promo:owner","msgtype":"Promo","message_id":"<1@owner.example>" """));

        Assert.Equal("""{"accepted":1,"bad":0,"duplicate":false,"unjoined":0,"unattributed":0,"problems":[]}""", answer.GetRawText());
        Dictionary<(StreamKind, string), TrafficCounts> counts = await app.CountsAsync("owner.example");
        Assert.Equal(
            [
                (StreamKind.Whole, ""), (StreamKind.ListId, "news.owner.example"), (StreamKind.FeedbackSender, "owner"), (StreamKind.Feedback1, "c1"),
                (StreamKind.Feedback2, "cust"), (StreamKind.Feedback3, "promo"), (StreamKind.MessageType, "promo"), (StreamKind.Selector, "s1"),
                (StreamKind.EnvelopeDomain, "b.owner.example"), (StreamKind.Ip, "192.0.2.7"), (StreamKind.Network, "192.0.2.0/24"),
            ],
            counts.Keys.Order());
        foreach (TrafficCounts cell in counts.Values)
        {
            Assert.Equal((1, 1000), (cell[TrafficCounter.DeliveredInbox], cell[TrafficCounter.Octets]));
            Assert.Equal((1, 1, 1), (cell[TrafficCounter.DkimKnown], cell[TrafficCounter.DkimPass], cell[TrafficCounter.DkimAligned]));
            Assert.Equal((1, 1, 1), (cell[TrafficCounter.SpfKnown], cell[TrafficCounter.SpfPass], cell[TrafficCounter.SpfAligned]));
            Assert.Equal((1, 1, 1, 1), (cell[TrafficCounter.DmarcKnown], cell[TrafficCounter.DmarcPass], cell[TrafficCounter.TlsKnown], cell[TrafficCounter.Tls]));
            Assert.Equal(1, cell.Recipients.Estimate);
        }

        Feeder feeder = await (await app.OpenDbAsync()).Feeders.SingleAsync();
        Assert.Equal(("default", 1, 0), (feeder.Name, feeder.Events, feeder.BadLines));
        Assert.NotNull(feeder.NewestEventAt);
    }

    [Fact]
    public async Task Bad_lines_are_named_with_their_numbers_while_the_good_ones_count()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        string good = app.Delivered("a.example");
        string body = $"\uFEFF{good}\r\n\r\n{{\"kind\":\"eaten\"}}\n{good}\n{{{new string('x', 1_000_000)}}}\n  \nnot json\n{good}";
        JsonElement answer = await app.IngestAsync(body);

        Assert.Equal((3, 3), (answer.GetProperty("accepted").GetInt32(), answer.GetProperty("bad").GetInt32()));
        Assert.Equal(
            [(3, "kind is none of the words of the schema"), (5, "the line is longer than 65536 octets"), (7, "the line is not a JSON object")],
            answer.GetProperty("problems").EnumerateArray().Select(p => (p.GetProperty("line").GetInt32(), p.GetProperty("problem").GetString()!)));
        Assert.Equal(3, (await app.CountsAsync("a.example"))[(StreamKind.Whole, "")].Delivered);
    }

    [Fact]
    public async Task A_hundred_bad_lines_are_named_and_the_rest_counted()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        JsonElement answer = await app.IngestAsync(app.Delivered("a.example") + "\n" + string.Concat(Enumerable.Repeat("{}\n", 500)));
        Assert.Equal((500, 100), (answer.GetProperty("bad").GetInt32(), answer.GetProperty("problems").GetArrayLength()));
    }

    [Fact]
    public async Task Wrong_requests_are_told_what_to_do_and_nothing_is_counted()
    {
        await using PostmasterApp app = await EventKit.StartAsync(("Intake:WrongTokensPerMinute", "5"));
        byte[] good = Encoding.UTF8.GetBytes(app.Delivered("a.example"));

        await ProblemAsync(await app.PostEventsAsync(good, token: null), HttpStatusCode.Unauthorized, "Authorization");
        await ProblemAsync(await app.PostEventsAsync(good, token: EventKit.Token + "x"), HttpStatusCode.Unauthorized, "Authorization");
        await ProblemAsync(await app.PostEventsAsync(good, token: " "), HttpStatusCode.Unauthorized, "Authorization");
        await ProblemAsync(await app.PostEventsAsync(good, type: "application/json"), HttpStatusCode.UnsupportedMediaType, "application/x-ndjson");
        await ProblemAsync(await app.PostEventsAsync(good, encoding: "br"), HttpStatusCode.UnsupportedMediaType, "gzip");
        await ProblemAsync(await app.PostEventsAsync(good, key: new string('k', 201)), HttpStatusCode.BadRequest, "Idempotency-Key");
        await ProblemAsync(await app.PostEventsAsync([]), HttpStatusCode.BadRequest, "empty");
        await ProblemAsync(await app.PostEventsAsync("\n \r\n"u8.ToArray()), HttpStatusCode.BadRequest, "empty");
        JsonElement unread = await ProblemAsync(await app.PostEventsAsync("{}\nx\n", key: "k"), HttpStatusCode.BadRequest, "No line");
        Assert.Equal((2, 2), (unread.GetProperty("bad").GetInt32(), unread.GetProperty("problems")[1].GetProperty("line").GetInt32()));
        await AssertNothingCountedAsync(app);
    }

    [Fact]
    public async Task Guesses_at_a_token_are_told_when_to_come_back()
    {
        await using PostmasterApp app = await EventKit.StartAsync(("Intake:WrongTokensPerMinute", "1"));
        await app.PostEventsAsync("{}", token: "guess");
        using HttpResponseMessage second = await app.PostEventsAsync("{}", token: "guess");
        await ProblemAsync(second, HttpStatusCode.TooManyRequests, "Too many");
        Assert.True(second.Headers.RetryAfter?.Delta > TimeSpan.Zero);
    }

    [Fact]
    public async Task Each_feeder_has_its_own_token_until_it_ends()
    {
        await using PostmasterApp app = await EventKit.StartAsync(("Ingest:Token", ""));
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            db.Feeders.Add(new Feeder { Name = "mx1", TokenHash = FeederQueries.HashToken("one"), CreatedAt = app.Time.GetUtcNow() });
            db.Feeders.Add(new Feeder { Name = "mx2", TokenHash = FeederQueries.HashToken("two"), CreatedAt = app.Time.GetUtcNow(), EndedAt = app.Time.GetUtcNow() });
            await db.SaveChangesAsync();
        }

        string line = app.Delivered("a.example");
        Assert.Equal(HttpStatusCode.OK, (await app.PostEventsAsync(line, token: "one")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.PostEventsAsync(line, token: "two")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.PostEventsAsync(line, token: "")).StatusCode);
        await using PostmasterDb after = await app.OpenDbAsync();
        Assert.Equal([("mx1", 1), ("mx2", 0)], (await after.Feeders.OrderBy(f => f.Name).ToListAsync()).Select(f => (f.Name, f.Events)));
    }

    [Fact]
    public async Task Packed_events_count_and_what_is_cut_off_or_no_gzip_counts_nothing()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        byte[] lines = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 500).Select(i => app.Delivered("a.example", $",\"size\":{i}") + "\n")));
        byte[] packed = EventKit.Zip(lines);

        await ProblemAsync(await app.PostEventsAsync(lines, encoding: "gzip"), HttpStatusCode.BadRequest, "gzip");
        foreach (int cut in (int[])[packed.Length - 1, packed.Length - 8, packed.Length - 9, packed.Length / 2, 20, 12, 3])
            await ProblemAsync(await app.PostEventsAsync(packed[..cut], encoding: "gzip"), HttpStatusCode.BadRequest, "");
        packed[^6] ^= 1; // CRC 32
        await ProblemAsync(await app.PostEventsAsync(packed, encoding: "gzip"), HttpStatusCode.BadRequest, "gzip");
        await AssertNothingCountedAsync(app);

        Assert.Equal(HttpStatusCode.OK, (await app.PostEventsAsync(lines, gzip: true)).StatusCode);
        Assert.Equal(500, (await app.CountsAsync("a.example"))[(StreamKind.Whole, "")].Delivered);
    }

    [Fact]
    public async Task A_batch_is_bounded_by_what_it_unpacks_to()
    {
        await using PostmasterApp app = await EventKit.StartAsync(("Traffic:MaxBatchBytes", "1000000"), ("Traffic:MaxBatchLines", "1000"));
        byte[] bomb = new byte[200_000_000]; // zeros pack to a thousandth
        await ProblemAsync(await app.PostEventsAsync(bomb, gzip: true), HttpStatusCode.RequestEntityTooLarge, "1000000");
        await ProblemAsync(await app.PostEventsAsync(new byte[1_000_001]), HttpStatusCode.RequestEntityTooLarge, "1000000");
        await ProblemAsync(await app.PostEventsAsync(string.Concat(Enumerable.Repeat("{}\n", 1001))), HttpStatusCode.RequestEntityTooLarge, "1000 lines");
        Array.Fill(bomb, (byte)'\n');
        await ProblemAsync(await app.PostEventsAsync(bomb, gzip: true), HttpStatusCode.RequestEntityTooLarge, "1000");
        await AssertNothingCountedAsync(app);
        Assert.Equal(HttpStatusCode.OK, (await app.PostEventsAsync(string.Concat(Enumerable.Repeat(app.Delivered("a.example") + "\n", 1000)))).StatusCode);
    }

    [Fact]
    public async Task Made_up_values_and_names_make_a_bounded_number_of_rows()
    {
        await using PostmasterApp app = await EventKit.StartAsync(("Traffic:MaxStreamsPerKind", "5"), ("Traffic:MaxDomains", "10"));
        await app.ClaimAsync("owner.example");
        for (int batch = 0; batch < 3; batch++)
        {
            await app.IngestAsync(string.Concat(Enumerable.Range(batch * 300, 300).Select(i => app.Delivered(
                $"x{i}.made-up.example",
                $$""","ip":"10.{{i / 250}}.{{i % 250}}.1","list_id":"l{{i}}","feedback_id":"a{{i}}:b{{i}}:c{{i}}:d{{i}}","msgtype":"m{{i}}","mail_from":"a@e{{i}}.example" """) + "\n"
                + app.Delivered(
                    "owner.example",
                    $$""","ip":"10.{{i / 250}}.{{i % 250}}.1","list_id":"l{{i}}","feedback_id":"a{{i}}:b{{i}}:c{{i}}:d{{i}}","msgtype":"m{{i}}","mail_from":"a@e{{i}}.example" """) + "\n")));
        }

        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.InRange(await db.MailDomains.CountAsync(), 2, 12);
        Dictionary<(StreamKind Kind, string Value), TrafficCounts> counts = await app.CountsAsync("owner.example");
        foreach (IGrouping<StreamKind, KeyValuePair<(StreamKind Kind, string Value), TrafficCounts>> kind in counts.GroupBy(c => c.Key.Kind))
        {
            // Each message once in each kind, the flood under "other".
            Assert.Equal(900, kind.Sum(s => s.Value.Delivered));
            Assert.InRange(kind.Count(), 1, 6);
        }

        Assert.Equal(895, counts[(StreamKind.ListId, MailStream.Other)].Delivered);
        Assert.Equal(900, await OthersAsync(app));
    }

    /// <summary>What the domains that are no claim's have together.</summary>
    private static async Task<long> OthersAsync(PostmasterApp app)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        long sum = 0;
        foreach (string name in await db.MailDomains.Where(d => d.Name != "owner.example").Select(d => d.Name).ToListAsync())
            sum += (await app.CountsAsync(name)).Values.Sum(c => c.Delivered);
        return sum;
    }

    [Fact]
    public async Task Values_that_look_like_the_others_or_hold_controls_are_values_like_any()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        await app.ClaimAsync("owner.example");
        string longValue = new('ü', 400);
        await app.IngestAsync(app.Delivered("owner.example", $$""","list_id":"\u0001other","msgtype":"a\u0000b\n","feedback_id":"{{longValue}}" """));
        Assert.Equal(
            [(StreamKind.Whole, ""), (StreamKind.ListId, "other"), (StreamKind.FeedbackSender, longValue[..255]), (StreamKind.MessageType, "a b"), (StreamKind.Selector, "s1")],
            (await app.CountsAsync("owner.example")).Keys.Order());
    }

    [Fact]
    public async Task As_many_requests_as_may_be_are_taken_and_further_ones_are_told_when_to_come_back()
    {
        await using PostmasterApp app = await EventKit.StartAsync(("Traffic:MaxRequests", "1"));
        var pipe = new Pipe();
        int feeder = await app.Services.GetRequiredService<FeederStore>().EnsureAsync(FeederQueries.Default, CancellationToken.None);
        Task<IntakeOutcome> first = app.Services.GetRequiredService<EventIntake>().AcceptAsync(feeder, null, pipe.Reader.AsStream(), CancellationToken.None);
        using HttpResponseMessage second = await app.PostEventsAsync(app.Delivered("a.example"));
        await ProblemAsync(second, HttpStatusCode.ServiceUnavailable, "again");
        Assert.True(second.Headers.RetryAfter?.Delta > TimeSpan.Zero);

        await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(app.Delivered("a.example")));
        await pipe.Writer.CompleteAsync();
        Assert.IsType<IntakeOutcome.Counted>(await first);
        Assert.Equal(HttpStatusCode.OK, (await app.PostEventsAsync(app.Delivered("a.example"))).StatusCode);
    }
}
