using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints;

/// <summary>
/// Deletes the octets of complaints after <c>Complaints:KeepBodies</c>, never before the complaint has ended and its reports have left, and the oldest
/// that nobody vouched for when all of those together grow beyond <c>Complaints:MaxStrayBytes</c>. The rows stay.
/// </summary>
internal sealed class RetentionWorker(
    IDbContextFactory<PostmasterDb> databases, IOptions<ComplaintsOptions> options, TimeProvider time, ILogger<RetentionWorker> log)
    : PeriodicWorker(Interval, time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    /// <summary>Rows of one transaction: a large delete would keep the doors waiting.</summary>
    private const int Batch = 100;

    protected override async Task TurnAsync(CancellationToken ct)
    {
        await SweepAsync(ct);
        await SweepStrayAsync(ct);
    }

    protected override void TellFault(Exception fault) => log.RetentionFault(fault);

    /// <summary>Deletes what is old enough; returns how many.</summary>
    internal async Task<int> SweepAsync(CancellationToken ct)
    {
        DateTimeOffset before = Time.GetUtcNow() - options.Value.KeepBodies;
        int all = 0;
        while (true)
        {
            await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
            List<Guid> old = await (
                from body in db.KeptBodies
                join kept in db.KeptComplaints on body.KeptId equals kept.Id
                where kept.ReceivedAt < before && kept.EndedAt != null && !db.Outbox.Any(m => m.KeptId == kept.Id && m.State == OutboxState.Queued)
                orderby body.KeptId
                select body.KeptId).Take(Batch).ToListAsync(ct);
            if (old.Count == 0)
                break;
            all += await db.KeptBodies.Where(b => old.Contains(b.KeptId)).ExecuteDeleteAsync(ct);
        }

        if (all > 0)
            log.BodiesDeleted(all);
        return all;
    }

    /// <summary>Deletes the oldest octets of unvouched and unreadable mails until the rest fits; returns how many.</summary>
    internal async Task<int> SweepStrayAsync(CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        var stray = await (
            from body in db.KeptBodies
            join kept in db.KeptComplaints on body.KeptId equals kept.Id
            where kept.State == KeptState.Unvouched || kept.State == KeptState.Unreadable
            orderby kept.ReceivedAt descending
            select new { kept.Id, kept.Size }).ToListAsync(ct);
        long size = 0;
        List<Guid> over = [.. stray.Where(s => (size += s.Size) > options.Value.MaxStrayBytes).Select(s => s.Id)];
        foreach (Guid[] batch in over.Chunk(Batch))
            await db.KeptBodies.Where(b => batch.Contains(b.KeptId)).ExecuteDeleteAsync(ct);
        if (over.Count > 0)
            log.BodiesDeleted(over.Count);
        return over.Count;
    }
}
