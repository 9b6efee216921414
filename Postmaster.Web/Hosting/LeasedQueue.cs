using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
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

    /// <summary>Those of rows leased together whose lease stands.</summary>
    public static IQueryable<T> HeldBy<T>(this IQueryable<T> rows, IReadOnlyList<Leased<T>> leases)
        where T : class, IWorkRow
    {
        if (leases is [var alone])
            return rows.HeldBy(alone);
        List<Guid> ids = [.. leases.Select(l => l.Row.Id)];
        DateTimeOffset until = leases[0].Until;
        return rows.Where(r => ids.Contains(r.Id) && r.LeaseUntil == until);
    }
}

/// <summary>Hands out the due rows of a table, each to one worker of however many processes: one UPDATE that finds the row free takes it.</summary>
internal abstract class LeasedQueue<T>(IDbContextFactory<PostmasterDb> databases, TimeProvider time) : IDisposable
    where T : class, IWorkRow
{
    /// <summary>Rows found by one look: a long queue is put in order once for many leases.</summary>
    private const int Candidates = 64;

    /// <summary>By the real clock: what has become due meanwhile and comes first is not kept waiting for longer.</summary>
    private static readonly TimeSpan LookLasts = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentQueue<Guid> _candidates = new();
    private readonly SemaphoreSlim _oneLooks = new(1);
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

    /// <summary>
    /// The next due rows, all leased until the same instant; none when none is due. A row whose last worker died over it comes alone: if it is to blame, it
    /// takes no others with it again.
    /// </summary>
    /// <param name="most">At least 1.</param>
    public async Task<IReadOnlyList<Leased<T>>> LeaseAsync(int most, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await _oneLooks.WaitAsync(ct);
        try
        {
            while (true)
            {
                DateTimeOffset now = time.GetUtcNow();
                List<Guid> ids = await ChooseAsync(db, now, most, ct);
                if (ids.Count == 0)
                    return [];
                List<T> rows = await TakeAsync(db, ids, now, ct);
                // None left: another process has taken them, and there may be more.
                if (rows.Count > 0)
                    return rows.ConvertAll(row => new Leased<T>(row));
            }
        }
        finally
        {
            _oneLooks.Release();
        }
    }

    /// <summary>Without a lock: most looks find nothing.</summary>
    private async Task<List<Guid>> ChooseAsync(PostmasterDb db, DateTimeOffset now, int most, CancellationToken ct)
    {
        var found = await InOrder(Due(db, now)).Select(r => new { r.Id, WasLeft = r.LeaseUntil != null }).Take(most).ToListAsync(ct);
        return found is [{ WasLeft: true } alone, ..] ? [alone.Id] : [.. found.Where(f => !f.WasLeft).Select(f => f.Id)];
    }

    /// <summary>Alone among those that change several rows of a queue: two such could otherwise wait for each other.</summary>
    private async Task<List<T>> TakeAsync(PostmasterDb db, List<Guid> ids, DateTimeOffset now, CancellationToken ct)
    {
        DateTimeOffset until = WorkLease.From(now);
        await using IDbContextTransaction transaction = await db.BeginExclusiveAsync(ct);
        // By their ids alone: asked for what is open, the database would look through all that waits.
        List<T> rows = await db.Set<T>().AsNoTracking().Where(r => ids.Contains(r.Id)).ToListAsync(ct);
        rows.RemoveAll(r => !IsOpen(r, now) || r.DueAt > now || r.LeaseUntil >= now);
        if (rows.Count == 0)
            return [];
        List<Guid> free = rows.ConvertAll(r => r.Id);
        await db.Set<T>().Where(r => free.Contains(r.Id))
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.LeaseUntil, until).SetProperty(r => r.Attempts, r => r.Attempts + 1), ct);
        await transaction.CommitAsync(ct);
        foreach (T row in rows)
            (row.LeaseUntil, row.Attempts) = (until, row.Attempts + 1);
        rows.Sort((a, b) => ids.IndexOf(a.Id).CompareTo(ids.IndexOf(b.Id)));
        return rows;
    }

    /// <summary>False when another worker has it meanwhile, or nobody wants it done any more.</summary>
    public Task<bool> RenewAsync(Leased<T> lease, CancellationToken ct) => RenewAsync([lease], ct);

    /// <summary>Renews what is still held of rows that were leased together. False when none is.</summary>
    public async Task<bool> RenewAsync(IReadOnlyList<Leased<T>> leases, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow(), until = WorkLease.From(now);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        bool renewed = await Open(db, now).HeldBy(leases).ExecuteUpdateAsync(set => set.SetProperty(r => r.LeaseUntil, until), ct) > 0;
        if (renewed)
        {
            // What another worker has meanwhile does not have this instant either, and nothing of ours is written to it.
            foreach (Leased<T> lease in leases)
                lease.Until = until;
        }

        return renewed;
    }

    /// <summary>Gives back what nobody has begun with: it is due as it was, as if it had not been leased.</summary>
    public async Task ReleaseAsync(IReadOnlyList<Leased<T>> leases, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using IDbContextTransaction transaction = await db.BeginExclusiveAsync(ct);
        // Some may have been renewed for themselves.
        foreach (IGrouping<DateTimeOffset, Leased<T>> same in leases.GroupBy(l => l.Until))
        {
            await Open(db, time.GetUtcNow()).HeldBy([.. same])
                .ExecuteUpdateAsync(set => set.SetProperty(r => r.LeaseUntil, (DateTimeOffset?)null).SetProperty(r => r.Attempts, r => r.Attempts - 1), ct);
        }

        await transaction.CommitAsync(ct);
    }

    /// <summary>How long until a row is due; null when none waits.</summary>
    public async Task<TimeSpan?> UntilNextAsync(CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await Open(db, now).MinAsync(r => (DateTimeOffset?)r.DueAt, ct) - now;
    }

    public void Dispose() => _oneLooks.Dispose();

    /// <summary>The rows that are still to be worked on, due or not.</summary>
    protected abstract IQueryable<T> Open(PostmasterDb db, DateTimeOffset now);

    /// <summary>The same of a row that was read, as far as it tells itself.</summary>
    protected abstract bool IsOpen(T row, DateTimeOffset now);

    /// <summary>Which of the due rows come first.</summary>
    protected virtual IQueryable<T> InOrder(IQueryable<T> due) => due.OrderBy(r => r.DueAt);

    private IQueryable<T> Due(PostmasterDb db, DateTimeOffset now) => Open(db, now).Where(r => r.DueAt <= now && (r.LeaseUntil == null || r.LeaseUntil < now));
}
