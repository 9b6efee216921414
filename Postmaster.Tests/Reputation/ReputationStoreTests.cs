using Postmaster.Web.Features.Reputation;
using Postmaster.Web.Features.Reputation.Formula;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Reputation;

/// <summary>Stored verdicts follow from the counters, whoever works them out and how often.</summary>
public sealed class ReputationStoreTests : IAsyncLifetime
{
    private ReputationStage _stage = default!;

    public async Task InitializeAsync() => _stage = await ReputationStage.OpenAsync();

    public async Task DisposeAsync() => await _stage.DisposeAsync();

    [Fact]
    public async Task Every_stream_of_a_claimed_domain_gets_a_row_a_day()
    {
        int whole = await _stage.AddDomainAsync("news.example"), list = await _stage.AddStreamAsync("news.example", StreamKind.ListId, "spring"), ip = await _stage.AddStreamAsync("news.example", StreamKind.Ip, "192.0.2.7"),
            other = await _stage.AddStreamAsync("news.example", StreamKind.Unauthenticated, "");
        foreach (int stream in (int[])[whole, list, ip, other])
            await _stage.CountAsync(stream, 10, counts => Mail(counts, 1000, 1));
        Assert.Equal(1, await _stage.Store.RefreshDueAsync(CancellationToken.None));
        foreach (int stream in (int[])[whole, list, ip])
        {
            IReadOnlyList<ReputationDay> rows = await _stage.RowsAsync(stream);
            Assert.Equal(Enumerable.Range(0, 10).Select(i => _stage.Today.AddDays(i - 9)), rows.Select(r => CellKey.OfDay(r.Key).Day));
            Assert.Equal([ReputationLevel.Medium, ReputationLevel.Medium, ReputationLevel.High], rows.Take(3).Select(r => r.Level));
        }

        Assert.Empty(await _stage.RowsAsync(other));
    }

    [Fact]
    public async Task Nothing_is_worked_out_for_a_domain_that_nobody_claims_or_whose_claim_is_not_in_force()
    {
        int whole = await _stage.AddDomainAsync("free.example", claimed: false);
        await _stage.CountAsync(whole, 3, counts => Mail(counts, 1000, 1));
        Assert.Equal(0, await _stage.Store.RefreshDueAsync(CancellationToken.None));
        Assert.Empty(await _stage.RowsAsync(whole));
    }

    [Fact]
    public async Task The_level_of_a_day_remembers_the_days_before_it()
    {
        int whole = await _stage.AddDomainAsync("news.example");
        await _stage.CountAsync(whole, 45, counts => Mail(counts, 10_000, 60));
        Assert.Equal(1, await _stage.Store.RefreshDueAsync(CancellationToken.None));
        // Without complaints the score rises at once; the level only after ten days in a row.
        var levels = new List<ReputationLevel>();
        for (int day = 0; day < 40; day++)
        {
            await _stage.NextDayAsync();
            await _stage.CountAsync(whole, 1, counts => Mail(counts, 10_000, 0));
            Assert.Equal(1, await _stage.Store.RefreshDueAsync(CancellationToken.None));
            levels.Add((await _stage.RowsAsync(whole))[^1].Level);
        }

        Assert.Equal(ReputationLevel.High, levels[^1]);
        IReadOnlyList<ReputationDay> rows = await _stage.RowsAsync(whole);
        ReputationDay high = rows.First(r => r.Level == ReputationLevel.High);
        Assert.All(rows.SkipWhile(r => r != high).Take(1).Concat(rows.TakeWhile(r => r != high).TakeLast(9)), r => Assert.True(r.Score >= LevelRule.HighFrom));
        Assert.Equal(levels, rows.TakeLast(40).Select(r => r.Level));
    }

    [Fact]
    public async Task An_event_that_comes_late_changes_its_day()
    {
        int whole = await _stage.AddDomainAsync("news.example");
        await _stage.CountAsync(whole, 20, counts => Mail(counts, 1000, 0));
        await _stage.Store.RefreshDueAsync(CancellationToken.None);
        Assert.All((await _stage.RowsAsync(whole)).Skip(2), r => Assert.Equal(ReputationLevel.High, r.Level));
        await _stage.CountAsync(whole, 15, counts => counts[TrafficCounter.Complaint] = 9);
        _stage.Time.Advance(TimeSpan.FromHours(2));
        await _stage.Store.RefreshDueAsync(CancellationToken.None);
        IReadOnlyList<ReputationDay> rows = await _stage.RowsAsync(whole);
        Assert.Equal(ReputationLevel.High, rows[4].Level);
        Assert.Equal(ReputationLevel.Bad, rows[19].Level);
    }

    [Fact]
    public async Task A_domain_is_renewed_once_an_hour_by_one_of_the_machines()
    {
        int whole = await _stage.AddDomainAsync("news.example");
        await _stage.CountAsync(whole, 5, counts => Mail(counts, 1000, 0));
        ReputationStore other = _stage.OtherMachine();
        Assert.Equal(1, await _stage.Store.RefreshDueAsync(CancellationToken.None));
        Assert.Equal(0, await _stage.Store.RefreshDueAsync(CancellationToken.None));
        Assert.Equal(0, await other.RefreshDueAsync(CancellationToken.None));
        _stage.Time.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal(1, await other.RefreshDueAsync(CancellationToken.None));
        Assert.Equal(0, await _stage.Store.RefreshDueAsync(CancellationToken.None));
        await _stage.NextDayAsync();
        Assert.Equal(1, await other.RefreshDueAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Machines_that_work_at_the_same_moment_write_the_same()
    {
        var wholes = new List<int>();
        for (int i = 0; i < 5; i++)
        {
            wholes.Add(await _stage.AddDomainAsync($"d{i}.example"));
            int of = i;
            await _stage.CountAsync(wholes[i], 12, counts => Mail(counts, 1000, of));
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => _stage.OtherMachine().RefreshDueAsync(CancellationToken.None))));
        foreach (int whole in wholes)
        {
            IReadOnlyList<ReputationDay> rows = await _stage.RowsAsync(whole);
            Assert.Equal(12, rows.Count);
            await _stage.OtherMachine().RefreshAsync($"d{wholes.IndexOf(whole)}.example", CancellationToken.None);
            Assert.Equal(rows.Select(r => (r.Key, r.Score, r.Level, r.Causes)), (await _stage.RowsAsync(whole)).Select(r => (r.Key, r.Score, r.Level, r.Causes)));
        }
    }

    [Fact]
    public async Task The_verdict_now_is_that_of_the_counters_also_before_the_worker_came()
    {
        int whole = await _stage.AddDomainAsync("news.example");
        await _stage.CountAsync(whole, 40, counts => Mail(counts, 1000, 2));
        ReputationNow now = await _stage.Queries.NowAsync("news.example", CancellationToken.None);
        Assert.Equal((60L, 30_000L), (now.Verdict!.Sheet.Signals[(int)Signal.Complaints].Count, now.Verdict.Sheet.Signals[(int)Signal.Complaints].Denominator));
        await _stage.Store.RefreshDueAsync(CancellationToken.None);
        Assert.Equal(now.Verdict.Score, (await _stage.RowsAsync(whole))[^1].Score, 9);
        Assert.Equal(now.Verdict.Level, (await _stage.RowsAsync(whole))[^1].Level);
    }

    [Fact]
    public async Task A_domain_without_mail_has_no_verdict()
    {
        Assert.Null((await _stage.Queries.NowAsync("unknown.example", CancellationToken.None)).Verdict);
        int whole = await _stage.AddDomainAsync("news.example");
        Assert.Null((await _stage.Queries.NowAsync("news.example", CancellationToken.None)).Verdict);
        await _stage.CountAsync(whole, 1, counts => Mail(counts, 100, 0));
        _stage.Time.Advance(TimeSpan.FromDays(29));
        Assert.NotNull((await _stage.Queries.NowAsync("news.example", CancellationToken.None)).Verdict);
        _stage.Time.Advance(TimeSpan.FromDays(1));
        Assert.Null((await _stage.Queries.NowAsync("news.example", CancellationToken.None)).Verdict);
    }

    [Fact]
    public async Task The_series_has_every_day_and_no_zeros_for_days_without_a_verdict()
    {
        int whole = await _stage.AddDomainAsync("news.example");
        await _stage.CountAsync(whole, 5, counts => Mail(counts, 10_000, 20));
        IReadOnlyList<ReputationPoint> series = await _stage.Queries.SeriesAsync("news.example", _stage.Today.AddDays(-9), _stage.Today, CancellationToken.None);
        Assert.Equal(10, series.Count);
        Assert.All(series.Take(5), p => Assert.Null(p.Score));
        Assert.All(series.Skip(5), p => Assert.Equal(100 - p.Score!.Value, p.Causes.Values.Sum(), 0.02));
    }

    [Fact]
    public async Task Streams_are_listed_worst_first_and_the_one_behind_most_complaints_is_named()
    {
        int whole = await _stage.AddDomainAsync("news.example"), spring = await _stage.AddStreamAsync("news.example", StreamKind.ListId, "spring", MailType.Marketing),
            digest = await _stage.AddStreamAsync("news.example", StreamKind.ListId, "digest"), tiny = await _stage.AddStreamAsync("news.example", StreamKind.ListId, "tiny");
        await _stage.CountAsync(spring, 10, counts => Mail(counts, 1000, 8));
        await _stage.CountAsync(digest, 10, counts => Mail(counts, 1000, 1));
        await _stage.CountAsync(tiny, 1, counts => Mail(counts, 19, 19));
        await _stage.CountAsync(whole, 10, counts => Mail(counts, 2000, 9));
        await _stage.Store.RefreshDueAsync(CancellationToken.None);
        IReadOnlyList<StreamReputation> streams = await _stage.Queries.StreamsAsync("news.example", StreamKind.ListId, CancellationToken.None);
        Assert.Equal("spring", streams[0].Value);
        Assert.Equal((Signal.Complaints, ReputationLevel.Bad), (streams[0].WorstCause!.Value, streams[0].Latest!.Level!.Value));
        Assert.Equal(1000, streams[0].PerDay, 3);
        // Nineteen people are too few to show what they did, so it does not count either.
        Assert.Equal(100, streams.Single(s => s.StreamId == tiny).Latest!.Score!.Value, 6);
        Culprit culprit = (await _stage.Queries.CulpritAsync("news.example", Signal.Complaints, [StreamKind.ListId], CancellationToken.None))!;
        Assert.Equal(("spring", 80L, 90L), (culprit.Value, culprit.Count, culprit.OfAll));
        Assert.Null(await _stage.Queries.CulpritAsync("news.example", Signal.Traps, [StreamKind.ListId], CancellationToken.None));
        ReputationNow now = await _stage.Queries.NowAsync("news.example", CancellationToken.None);
        Assert.Equal([MailType.Unknown, MailType.Marketing], now.Mix.Shares.Select(s => s.Type).Order());
        Assert.All(now.Mix.Shares, s => Assert.Equal(0.5, s.Share, 6));
        Assert.Equal([MailType.Marketing], (await _stage.Queries.StreamNowAsync("news.example", spring, CancellationToken.None))!.Mix.Shares.Select(s => s.Type));
        Assert.Null(await _stage.Queries.StreamNowAsync("other.example", spring, CancellationToken.None));
    }

    [Fact]
    public async Task A_list_of_domains_has_a_line_for_each()
    {
        int one = await _stage.AddDomainAsync("one.example"), two = await _stage.AddDomainAsync("two.example");
        await _stage.CountAsync(one, 5, counts => Mail(counts, 1000, 0));
        await _stage.CountAsync(two, 30, counts => Mail(counts, 1000, 9));
        await _stage.Store.RefreshDueAsync(CancellationToken.None);
        IReadOnlyDictionary<string, ReputationLine> lines = await _stage.Queries.LinesAsync(["one.example", "two.example", "three.example"], 30, CancellationToken.None);
        Assert.Equal(["one.example", "two.example"], lines.Keys.Order());
        Assert.Equal((ReputationLevel.High, 5), (lines["one.example"].Latest!.Level!.Value, lines["one.example"].Days.Count(d => d.Score is not null)));
        Assert.Equal((ReputationLevel.Bad, 30), (lines["two.example"].Latest!.Level!.Value, lines["two.example"].Days.Count(d => d.Score is not null)));
    }

    private static void Mail(TrafficCounts counts, long inbox, long complaints)
    {
        counts[TrafficCounter.DeliveredInbox] = inbox;
        counts[TrafficCounter.Complaint] = complaints;
        counts[TrafficCounter.DmarcKnown] = inbox;
        counts[TrafficCounter.DmarcPass] = inbox;
    }
}
