using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Features.Reputation;
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
        using var fewDomains = Make(domains / Tenth, days);
        using var manyDomains = Make(domains, days);
        table.Note(Words(manyDomains) + " The rates are the inverse of the medians.");
        for (var i = 0; i < pages.Length; i++)
        {
            var (many, few) = MediansAsync(manyDomains, fewDomains, pages[i].Ask).GetAwaiter().GetResult();
            table.Add(pages[i].Name, new Rate(1000 / many, double.NaN), "a tenth of the domains", 1000 / few, null);
            table.Note(string.Create(
                CultureInfo.InvariantCulture,
                $"{pages[i].Name}: median {many:0.0} ms, with a tenth of the domains {few:0.0} ms{(i == 0 ? $"; asked is less than {AskedMilliseconds} ms: {(many < AskedMilliseconds ? "yes" : "NO")}" : "")}."));
        }
    }

    private static PageQueryDatabase Make(int domains, int days)
    {
        var started = Stopwatch.GetTimestamp();
        var database = new PageQueryDatabase(domains, days);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Words(database)} Filled in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s."));
        return database;
    }

    private static string Words(PageQueryDatabase database) => string.Create(
        CultureInfo.InvariantCulture,
        $"Page queries: {database.Domains:N0} domains, {PageQueryDatabase.StreamsEach} streams each, {database.Days} days, {database.Cells:N0} cells in {database.Gigabytes:0.0} GB.");

    /// <summary>Milliseconds. The two in turns, so that whatever else the machine does meets both alike.</summary>
    private static async Task<(double Many, double Few)> MediansAsync(PageQueryDatabase many, PageQueryDatabase few, Page ask)
    {
        var (ofMany, ofFew) = (new double[Looks], new double[Looks]);
        for (var i = 0; i < Looks / 3; i++) // the compiler's share
            (_, _) = (await LookAsync(many, ask, i), await LookAsync(few, ask, i));
        for (var i = 0; i < Looks; i++)
            (ofMany[i], ofFew[i]) = (await LookAsync(many, ask, i), await LookAsync(few, ask, i));
        Array.Sort(ofMany);
        Array.Sort(ofFew);
        return (ofMany[Looks / 2], ofFew[Looks / 2]);
    }

    private static async Task<double> LookAsync(PageQueryDatabase database, Page ask, int number)
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        var started = Stopwatch.GetTimestamp();
        await ask(database, number, today.AddDays(1 - Range), today);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
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
        var now = (await verdicts.OverviewAsync(name, from, to, [Stoppable], default)).Now;
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
