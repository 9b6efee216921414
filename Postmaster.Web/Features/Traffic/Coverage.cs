using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic;

/// <summary>Which feeders told of which days: what makes the difference between nothing and not known.</summary>
internal static class Coverage
{
    /// <summary>Days after which a feeder that tells nothing no longer counts as one of the portal's.</summary>
    private const int GoneAfter = 30;

    public static async Task<TrafficFreshness> FreshnessAsync(PostmasterDb db, DateOnly from, DateOnly to, DateTimeOffset now, TimeSpan silentAfter, CancellationToken ct)
    {
        List<Feeder> feeders = await db.Feeders.AsNoTracking().Where(f => f.EndedAt == null && f.LastBatchAt != null).OrderBy(f => f.Name).ToListAsync(ct);
        feeders.RemoveAll(f => f.LastBatchAt < now.AddDays(-GoneAfter));
        DateTimeOffset? newest = feeders.Max(f => f.NewestEventAt);
        DateOnly today = DateOnly.FromDateTime(now.UtcDateTime), last = to < today ? to : today;
        ILookup<int, DateOnly> told = (await db.FeederDays.AsNoTracking().Where(d => d.Day >= from && d.Day <= last).Select(d => new { d.FeederId, d.Day }).ToListAsync(ct))
            .ToLookup(d => d.FeederId, d => d.Day);
        return new TrafficFreshness(
            [.. feeders.Select(f => new FeederState(f.Name, f.LastBatchAt, f.NewestEventAt, f.LastBatchAt < now - silentAfter ? f.NewestEventAt ?? f.LastBatchAt : null))],
            newest,
            [.. feeders.SelectMany(f => Gaps(f.Name, [.. told[f.Id]], last, today))]);
    }

    /// <summary>Days between the first of the range that it told of and the last, without it. Today is not over: a silent feeder says so itself.</summary>
    private static IEnumerable<FeederGap> Gaps(string name, HashSet<DateOnly> told, DateOnly last, DateOnly today)
    {
        if (told.Count == 0)
            yield break;
        DateOnly? first = null;
        int days = 0;
        for (DateOnly day = told.Min(); day <= last; day = day.AddDays(1))
        {
            if (!told.Contains(day) && day < today)
            {
                first ??= day;
                days++;
            }
            else if (first is { } begin)
            {
                yield return new FeederGap(name, begin, day.AddDays(-1), days);
                (first, days) = (null, 0);
            }
        }

        if (first is { } open)
            yield return new FeederGap(name, open, open.AddDays(days - 1), days);
    }
}
