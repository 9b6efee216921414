using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Data.Cells;
using Postmaster.Web.Features.Milter;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Milter;

/// <summary>What the database says of the milter's events.</summary>
internal static class CountedTraffic
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    /// <summary>Waits until so many events of the milter are committed.</summary>
    public static async Task WaitAsync(Func<Task<PostmasterDb>> open, int events)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            long counted = await EventsAsync(open);
            if (counted >= events)
                return;
            Assert.True(waited.Elapsed < Patience, $"{counted} of {events} events were counted within {Patience}");
            await Task.Delay(100);
        }
    }

    public static async Task<long> EventsAsync(Func<Task<PostmasterDb>> open)
    {
        await using PostmasterDb db = await open();
        return await db.Feeders.Where(f => f.Name == MilterEvents.FeederName).Select(f => f.Events).FirstOrDefaultAsync();
    }

    /// <summary>The sum of a domain's days around <paramref name="now"/>.</summary>
    public static async Task<TrafficCounts> OfAsync(Func<Task<PostmasterDb>> open, DateTimeOffset now, string domain, StreamKind kind = StreamKind.Whole)
    {
        await using PostmasterDb db = await open();
        List<int> streams = await db.MailStreams.Where(s => s.Kind == kind && db.MailDomains.Any(d => d.Id == s.DomainId && d.Name == domain)).Select(s => s.Id).ToListAsync();
        DateOnly today = DateOnly.FromDateTime(now.UtcDateTime);
        return TrafficCounts.Sum((await CellReader.DaysAsync(db, streams, today.AddDays(-2), today.AddDays(2), CancellationToken.None)).Select(c => c.Counts));
    }
}
