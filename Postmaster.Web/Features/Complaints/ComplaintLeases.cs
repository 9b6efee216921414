using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints;

/// <summary>A kept complaint that this worker, and no other, works on.</summary>
/// <param name="kept">As it was when it was leased.</param>
internal sealed class LeasedComplaint(KeptComplaint kept)
{
    public KeptComplaint Kept { get; } = kept;

    /// <summary>Changes with each renewal; what is written has to find this value.</summary>
    public DateTimeOffset Until { get; set; } = kept.LeaseUntil!.Value;
}

/// <summary>Hands out due complaints, each to one worker of however many processes.</summary>
internal sealed class ComplaintLeases(IDbContextFactory<PostmasterDb> databases, TimeProvider time)
{
    /// <summary>Rows looked at for one lease: others may be faster with the first.</summary>
    private const int Candidates = 8;

    /// <summary>The next due complaint; null when there is none.</summary>
    public async Task<LeasedComplaint?> LeaseAsync(CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow(), until = WorkLease.From(now);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        List<Guid> due = await Due(db, now).OrderBy(k => k.DueAt).ThenBy(k => k.PressedAt).Select(k => k.Id).Take(Candidates).ToListAsync(ct);
        foreach (Guid id in due)
        {
            int taken = await Due(db, now).Where(k => k.Id == id)
                .ExecuteUpdateAsync(set => set.SetProperty(k => k.LeaseUntil, until).SetProperty(k => k.Attempts, k => k.Attempts + 1), ct);
            if (taken == 1)
                return new LeasedComplaint(await db.KeptComplaints.AsNoTracking().FirstAsync(k => k.Id == id, ct));
        }

        return null;
    }

    /// <summary>False when another worker has it meanwhile.</summary>
    public async Task<bool> RenewAsync(LeasedComplaint lease, CancellationToken ct)
    {
        Guid id = lease.Kept.Id;
        DateTimeOffset before = lease.Until, until = WorkLease.From(time.GetUtcNow());
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        bool renewed = await db.KeptComplaints.Where(k => k.Id == id && k.LeaseUntil == before).ExecuteUpdateAsync(set => set.SetProperty(k => k.LeaseUntil, until), ct) == 1;
        if (renewed)
            lease.Until = until;
        return renewed;
    }

    /// <summary>How long until something is due; null when nothing waits.</summary>
    public async Task<TimeSpan?> UntilNextAsync(CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        DateTimeOffset? next = await Open(db).MinAsync(k => (DateTimeOffset?)k.DueAt, ct);
        if (next is null)
            return null;
        TimeSpan wait = next.Value - time.GetUtcNow();
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private static IQueryable<KeptComplaint> Open(PostmasterDb db) => db.KeptComplaints.Where(k => k.State == KeptState.Kept || k.State == KeptState.Held);

    private static IQueryable<KeptComplaint> Due(PostmasterDb db, DateTimeOffset now) =>
        Open(db).Where(k => k.DueAt <= now && (k.LeaseUntil == null || k.LeaseUntil < now));
}
