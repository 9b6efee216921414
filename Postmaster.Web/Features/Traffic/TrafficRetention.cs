using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Traffic.Memory;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic;

/// <summary>
/// Deletes what is old enough: hours after <c>Traffic:HourDays</c>, days after <c>Traffic:DayDays</c>, partitions of the memory, answers to batches that nobody
/// repeats any more, which feeder told of which day, and streams and unclaimed domains of which no cell is left. In small transactions, so that the intake never waits long.
/// </summary>
internal sealed class TrafficRetention(
    IDbContextFactory<PostmasterDb> databases, MemoryRooms rooms, IOptions<TrafficOptions> options, TimeProvider time, ILogger<TrafficRetention> log) : PeriodicWorker(Interval, time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(6);

    /// <summary>For how long a repeated batch is recognised; a feeder that was away longer than that no longer knows what it had sent.</summary>
    private static readonly TimeSpan KeepBatches = TimeSpan.FromDays(14);

    /// <summary>Answers of one transaction: those of so much time.</summary>
    private static readonly TimeSpan BatchSlice = TimeSpan.FromMinutes(10);

    /// <summary>Streams of one transaction.</summary>
    private const int Streams = 200;

    protected override async Task TurnAsync(CancellationToken ct) => await SweepAsync(ct);

    protected override void TellFault(Exception fault) => log.RetentionFault(fault);

    internal async Task SweepAsync(CancellationToken ct)
    {
        DateTimeOffset now = Time.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        int hours = await SweepHoursAsync(now.AddDays(-options.Value.HourDays), ct);
        int days = await SweepDaysAsync(today.AddDays(-options.Value.DayDays), ct);
        int batches = await SweepBatchesAsync(now - KeepBatches, ct);
        int partitions = await PartitionDropper.SweepAsync(databases, rooms.Deliveries, ct) + await PartitionDropper.SweepAsync(databases, rooms.People, ct);
        await ForgetPeopleAsync(now.AddDays(-options.Value.PeopleDays), ct);
        await SweepCoverageAsync(today.AddDays(-options.Value.DayDays), ct);
        (int streams, int domains) = await SweepNamesAsync(today.AddDays(-options.Value.DayDays), ct);
        if (hours + days + batches + partitions + streams + domains > 0)
            log.TrafficDeleted(hours, days, batches, partitions, streams, domains);
    }

    private Task<int> SweepHoursAsync(DateTimeOffset before, CancellationToken ct)
    {
        var day = DateOnly.FromDateTime(before.UtcDateTime);
        return SweepStreamsAsync(
            db => db.MailStreams.Where(s => s.FirstDay <= day && (s.Kind == StreamKind.Whole || s.Kind == StreamKind.Unauthenticated)),
            (db, stream) =>
            {
                long from = CellKey.Hour(stream, CellStart), to = CellKey.Hour(stream, before);
                return db.TrafficHours.Where(h => h.Key >= from && h.Key < to).ExecuteDeleteAsync(ct);
            },
            ct);
    }

    private Task<int> SweepDaysAsync(DateOnly before, CancellationToken ct) => SweepStreamsAsync(
        db => db.MailStreams.Where(s => s.FirstDay < before),
        async (db, stream) =>
        {
            long from = CellKey.Day(stream, FirstCell), to = CellKey.Day(stream, before);
            await db.ReputationDays.Where(d => d.Key >= from && d.Key < to).ExecuteDeleteAsync(ct);
            return await db.TrafficDays.Where(d => d.Key >= from && d.Key < to).ExecuteDeleteAsync(ct);
        },
        ct);

    /// <summary>That a feeder told of a day says nothing any more when the day's cells are gone.</summary>
    private async Task SweepCoverageAsync(DateOnly before, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await db.FeederDays.Where(d => d.Day < before).ExecuteDeleteAsync(ct);
    }

    private static readonly DateTimeOffset CellStart = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateOnly FirstCell = new(2000, 1, 1);

    private async Task<int> SweepStreamsAsync(Func<PostmasterDb, IQueryable<MailStream>> which, Func<PostmasterDb, int, Task<int>> delete, CancellationToken ct)
    {
        int all = 0;
        for (int after = 0; ;)
        {
            await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
            List<int> ids = await which(db).Where(s => s.Id > after).OrderBy(s => s.Id).Select(s => s.Id).Take(Streams).ToListAsync(ct);
            if (ids.Count == 0)
                return all;
            await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(ct);
            foreach (int id in ids)
                all += await delete(db, id);
            await transaction.CommitAsync(ct);
            after = ids[^1];
        }
    }

    private async Task<int> SweepBatchesAsync(DateTimeOffset before, CancellationToken ct)
    {
        int all = 0;
        while (true)
        {
            await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
            if (await db.IngestBatches.MinAsync(b => (DateTimeOffset?)b.CommittedAt, ct) is not { } oldest || oldest >= before)
                return all;
            DateTimeOffset end = oldest + BatchSlice < before ? oldest + BatchSlice : before;
            all += await db.IngestBatches.Where(b => b.CommittedAt < end).ExecuteDeleteAsync(ct);
        }
    }

    /// <summary>A report that was not delivered by now tells nobody any more.</summary>
    private async Task ForgetPeopleAsync(DateTimeOffset before, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await db.Complaints.Where(c => c.PersonKey != null && c.PressedAt < before).ExecuteUpdateAsync(set => set.SetProperty(c => c.PersonKey, (long?)null), ct);
    }

    /// <summary>The directory does not load what is so old, so nothing in memory has the ids of these rows.</summary>
    private async Task<(int Streams, int Domains)> SweepNamesAsync(DateOnly before, CancellationToken ct)
    {
        long stride = CellKey.Day(1, FirstCell) - CellKey.Day(0, FirstCell);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        int streams = 0, domains = 0;
        while (true)
        {
            List<int> ids = await db.MailStreams
                .Where(s => s.LastDay < before && !db.TrafficDays.Any(d => d.Key >= s.Id * stride && d.Key < (s.Id + 1) * stride))
                .OrderBy(s => s.Id).Select(s => s.Id).Take(Streams).ToListAsync(ct);
            if (ids.Count == 0)
                break;
            streams += await db.MailStreams.Where(s => ids.Contains(s.Id)).ExecuteDeleteAsync(ct);
        }

        while (true)
        {
            List<int> ids = await db.MailDomains
                .Where(d => d.LastDay < before && !db.MailStreams.Any(s => s.DomainId == d.Id) && !db.Claims.Any(c => c.Domain == d.Name))
                .OrderBy(d => d.Id).Select(d => d.Id).Take(Streams).ToListAsync(ct);
            if (ids.Count == 0)
                return (streams, domains);
            await db.ComplianceExamples.Where(e => ids.Contains(e.DomainId)).ExecuteDeleteAsync(ct);
            domains += await db.MailDomains.Where(d => ids.Contains(d.Id)).ExecuteDeleteAsync(ct);
        }
    }
}
