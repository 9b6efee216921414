using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Features.Reputation;
using Postmaster.Web.Features.Reputation.Formula;
using Postmaster.Web.Features.Traffic;
using Postmaster.Web.Model;

namespace Postmaster.Benchmarks;

/// <summary>
/// What the pages of a domain ask of the database, as the pages ask it, while many other domains stand in the same tables; beside it the same with a
/// tenth of the domains, which must cost the same. Each time another domain, so that the pages of the file are not at hand. By the clock.
/// </summary>
internal static class PageQueryRates
{
    private const int Domains = 1000, FullDomains = 10_000, Years = 1, FullYears = 2, DaysOfYear = 365, Tenth = 10;

    /// <summary>The range that a page shows unless asked.</summary>
    private const int Range = 30;

    /// <summary>The longest one that a page shows.</summary>
    private const int Longest = DateRange.LongestDays;

    private const int Looks = 300;
    private const double AskedMilliseconds = 30;

    private static readonly StreamKind[] Stoppable = [StreamKind.ListId, StreamKind.Feedback1, StreamKind.Feedback2, StreamKind.Feedback3, StreamKind.MessageType, StreamKind.EnvelopeDomain, StreamKind.Selector];

    private delegate Task Page(PageQueryDatabase database, int number, DateOnly from, DateOnly to);

    /// <param name="full">10,000 domains and two years instead of 1,000 and one: some 20 GB and many minutes.</param>
    public static void Measure(Table table, bool full)
    {
        (string Name, Page Ask)[] pages =
        [
            ($"domain page, {Range} days", OverviewAsync),
            ($"domain page, {Longest} days", (database, number, _, to) => OverviewAsync(database, number, to.AddDays(1 - Longest), to)),
            ($"streams by List-Id and by address, {Range} days", StreamsAsync),
            ($"one stream, {Range} days", StreamAsync),
            ("reputation page", ReputationAsync),
        ];
        var (domains, days) = full ? (FullDomains, FullYears * DaysOfYear) : (Domains, Years * DaysOfYear);
        var few = Medians(domains / Tenth, days, pages, out _);
        var many = Medians(domains, days, pages, out var note);
        for (var i = 0; i < pages.Length; i++)
        {
            table.Add(pages[i].Name, new Rate(1000 / many[i], double.NaN), "a tenth of the domains", 1000 / few[i], null);
            table.Note(string.Create(
                CultureInfo.InvariantCulture,
                $"{pages[i].Name}: median {many[i]:0.0} ms, with a tenth of the domains {few[i]:0.0} ms{(i == 0 ? $"; asked is less than {AskedMilliseconds} ms: {(many[i] < AskedMilliseconds ? "yes" : "NO")}" : "")}."));
        }

        table.Note(note);
    }

    private static double[] Medians(int domains, int days, (string Name, Page Ask)[] pages, out string note)
    {
        var started = Stopwatch.GetTimestamp();
        using var database = new PageQueryDatabase(domains, days);
        note = string.Create(
            CultureInfo.InvariantCulture,
            $"Page queries: {database.Domains:N0} domains, {PageQueryDatabase.StreamsEach} streams each, {days} days, {database.Cells:N0} cells in {database.Gigabytes:0.0} GB, filled in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s. The rates are the inverse of the medians.");
        Console.Error.WriteLine(note);
        return [.. pages.Select(p => MedianAsync(database, p.Ask).GetAwaiter().GetResult())];
    }

    /// <summary>Milliseconds.</summary>
    private static async Task<double> MedianAsync(PageQueryDatabase database, Page ask)
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        for (var i = 0; i < Looks / 3; i++) // the compiler's share
            await ask(database, i, today.AddDays(1 - Range), today);
        var taken = new double[Looks];
        for (var i = 0; i < Looks; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await ask(database, i, today.AddDays(1 - Range), today);
            taken[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        Array.Sort(taken);
        return taken[Looks / 2];
    }

    private static async Task OverviewAsync(PageQueryDatabase database, int number, DateOnly from, DateOnly to)
    {
        var traffic = database.Services.GetRequiredService<TrafficQueries>();
        var verdicts = database.Services.GetRequiredService<ReputationQueries>();
        var name = database.NameOf(number);
        var series = await traffic.DaysAsync(name, from, to, default);
        await traffic.UnauthenticatedAsync(name, from, to, default);
        await traffic.FreshnessAsync(from, to, default);
        await database.Services.GetRequiredService<ComplaintQueries>().DailyAsync(name, from.AddDays(from.DayNumber - to.DayNumber - 1), to, default);
        var now = await verdicts.NowAsync(name, default);
        await verdicts.SeriesAsync(name, from, to, default);
        await verdicts.CulpritAsync(name, Signal.Complaints, Stoppable, default);
        if (now.Verdict is null || series.Total is not { Messages: > 0 })
            throw new InvalidOperationException($"{name} has no numbers.");
    }

    private static async Task StreamsAsync(PageQueryDatabase database, int number, DateOnly from, DateOnly to)
    {
        var traffic = database.Services.GetRequiredService<TrafficQueries>();
        var verdicts = database.Services.GetRequiredService<ReputationQueries>();
        var name = database.NameOf(number);
        await traffic.KindsAsync(name, from, to, default);
        foreach (var kind in new[] { StreamKind.ListId, StreamKind.Ip })
        {
            var table = await traffic.StreamsAsync(name, kind, from, to, default);
            await verdicts.StreamsAsync(name, kind, default);
            if (table.Rows.Count == 0)
                throw new InvalidOperationException($"{name} has no streams.");
        }
    }

    private static async Task StreamAsync(PageQueryDatabase database, int number, DateOnly from, DateOnly to)
    {
        var (name, stream) = (database.NameOf(number), database.StreamOf(number, 2));
        var found = await database.Services.GetRequiredService<TrafficQueries>().StreamAsync(name, stream, from, to, default);
        var now = await database.Services.GetRequiredService<ReputationQueries>().StreamNowAsync(name, stream, default);
        if (found is null || now?.Verdict is null)
            throw new InvalidOperationException($"{name} has no stream {stream}.");
    }

    private static async Task ReputationAsync(PageQueryDatabase database, int number, DateOnly from, DateOnly to)
    {
        var verdicts = database.Services.GetRequiredService<ReputationQueries>();
        await verdicts.NowAsync(database.NameOf(number), default);
        await verdicts.SeriesAsync(database.NameOf(number), to.AddDays(-13), to, default);
    }
}
