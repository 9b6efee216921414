using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Hosting;

/// <summary>A row that this worker, and no other, works on.</summary>
/// <param name="row">As it was when it was leased.</param>
internal sealed class Leased<T>(T row)
    where T : class, IWorkRow
{
    public T Row { get; } = row;

    /// <summary>Changes with each renewal; what is written has to find this value.</summary>
    public DateTimeOffset Until { get; set; } = row.LeaseUntil!.Value;
}

internal static class LeasedRows
{
    /// <summary>The leased row alone, while the lease stands.</summary>
    public static IQueryable<T> HeldBy<T>(this IQueryable<T> rows, Leased<T> lease)
        where T : class, IWorkRow
    {
        Guid id = lease.Row.Id;
        DateTimeOffset until = lease.Until;
        return rows.Where(r => r.Id == id && r.LeaseUntil == until);
    }
}

/// <summary>Hands out the due rows of a table, each to one worker of however many processes: one UPDATE that finds the row free takes it.</summary>
internal abstract class LeasedQueue<T>(IDbContextFactory<PostmasterDb> databases, TimeProvider time)
    where T : class, IWorkRow
{
    /// <summary>Rows looked at for one lease: others may be faster with the first.</summary>
    private const int Candidates = 8;

    protected IDbContextFactory<PostmasterDb> Databases => databases;

    protected TimeProvider Time => time;

    /// <summary>The next due row; null when there is none.</summary>
    public async Task<Leased<T>?> LeaseAsync(CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow(), until = WorkLease.From(now);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        foreach (Guid id in await InOrder(Due(db, now)).Select(r => r.Id).Take(Candidates).ToListAsync(ct))
        {
            int taken = await Due(db, now).Where(r => r.Id == id)
                .ExecuteUpdateAsync(set => set.SetProperty(r => r.LeaseUntil, until).SetProperty(r => r.Attempts, r => r.Attempts + 1), ct);
            if (taken == 1 && await db.Set<T>().AsNoTracking().FirstOrDefaultAsync(r => r.Id == id, ct) is { } row)
                return new Leased<T>(row);
        }

        return null;
    }

    /// <summary>False when another worker has it meanwhile, or nobody wants it done any more.</summary>
    public async Task<bool> RenewAsync(Leased<T> lease, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow(), until = WorkLease.From(now);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        bool renewed = await Open(db, now).HeldBy(lease).ExecuteUpdateAsync(set => set.SetProperty(r => r.LeaseUntil, until), ct) == 1;
        if (renewed)
            lease.Until = until;
        return renewed;
    }

    /// <summary>How long until a row is due; null when none waits.</summary>
    public async Task<TimeSpan?> UntilNextAsync(CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await Open(db, now).MinAsync(r => (DateTimeOffset?)r.DueAt, ct) - now;
    }

    /// <summary>The rows that are still to be worked on, due or not.</summary>
    protected abstract IQueryable<T> Open(PostmasterDb db, DateTimeOffset now);

    /// <summary>Which of the due rows come first.</summary>
    protected virtual IQueryable<T> InOrder(IQueryable<T> due) => due.OrderBy(r => r.DueAt);

    private IQueryable<T> Due(PostmasterDb db, DateTimeOffset now) => Open(db, now).Where(r => r.DueAt <= now && (r.LeaseUntil == null || r.LeaseUntil < now));
}
