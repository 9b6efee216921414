using System.Collections.Concurrent;
using System.Diagnostics;
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
    /// <summary>Rows found by one look: a long queue is put in order once for many leases.</summary>
    private const int Candidates = 64;

    /// <summary>By the real clock: what has become due meanwhile and comes first is not kept waiting for longer.</summary>
    private static readonly TimeSpan LookLasts = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentQueue<Guid> _candidates = new();
    private long _lookedAt;

    protected IDbContextFactory<PostmasterDb> Databases => databases;

    protected TimeProvider Time => time;

    /// <summary>The next due row; null when there is none.</summary>
    public async Task<Leased<T>?> LeaseAsync(CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow(), until = WorkLease.From(now);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        for (bool looked = false; !looked;)
        {
            if (_candidates.IsEmpty || Stopwatch.GetElapsedTime(Volatile.Read(ref _lookedAt)) > LookLasts)
            {
                await LookAsync(db, now, ct);
                looked = true;
            }

            // Others may be faster with some of them; the update finds out.
            while (_candidates.TryDequeue(out Guid id))
            {
                int taken = await Due(db, now).Where(r => r.Id == id)
                    .ExecuteUpdateAsync(set => set.SetProperty(r => r.LeaseUntil, until).SetProperty(r => r.Attempts, r => r.Attempts + 1), ct);
                if (taken == 1 && await db.Set<T>().AsNoTracking().FirstOrDefaultAsync(r => r.Id == id, ct) is { } row)
                    return new Leased<T>(row);
            }
        }

        return null;
    }

    private async Task LookAsync(PostmasterDb db, DateTimeOffset now, CancellationToken ct)
    {
        List<Guid> found = await InOrder(Due(db, now)).Select(r => r.Id).Take(Candidates).ToListAsync(ct);
        lock (_candidates)
        {
            _candidates.Clear();
            foreach (Guid id in found)
                _candidates.Enqueue(id);
            Volatile.Write(ref _lookedAt, Stopwatch.GetTimestamp());
        }
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
