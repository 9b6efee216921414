using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Traffic.Directory;
using Postmaster.Web.Features.Traffic.Intake;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Commit;

/// <summary>A batch that waits for its commit.</summary>
/// <param name="Key">SHA-256 of the idempotency key; null: the batch counts whenever it comes.</param>
internal sealed record PendingBatch(int FeederId, byte[]? Key, EventDelta Delta)
{
    /// <summary>Ends with the answer; fails when nothing was stored.</summary>
    public TaskCompletionSource<IngestAnswer> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsSameAs(PendingBatch other) => Key is not null && other.Key is not null && FeederId == other.FeederId && Key.AsSpan().SequenceEqual(other.Key);
}

/// <summary>Writes batches: all of them, with everything that they lead to, in one transaction.</summary>
internal sealed class EventStore(IDbContextFactory<PostmasterDb> databases, IDeliveryMemory memory, TimeProvider time)
{
    private readonly CommitRoom _room = new();
    private readonly CoverageRows _coverage = new();

    /// <summary>The answer to a batch that is counted already; null when it is new.</summary>
    public async Task<IngestAnswer?> FindAsync(int feederId, byte[] key, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await FindAsync(db, feederId, key, ct);
    }

    /// <summary>Commits the batches; each gets an answer, in their order. One call at a time.</summary>
    /// <param name="batches">No two with the same key.</param>
    public async Task<IReadOnlyList<IngestAnswer>> CommitAsync(IReadOnlyList<PendingBatch> batches, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(ct);
        var answers = new IngestAnswer?[batches.Count];
        for (int i = 0; i < batches.Count; i++)
            answers[i] = batches[i].Key is { } key ? await FindAsync(db, batches[i].FeederId, key, ct) : null;
        List<PendingBatch> fresh = [.. batches.Where((_, i) => answers[i] is null)];
        if (fresh.Count > 0)
            await WriteAsync(db, transaction, fresh, ct);
        for (int i = 0; i < batches.Count; i++)
            answers[i] ??= IngestAnswer.Of(batches[i].Delta);
        return answers!;
    }

    private async Task WriteAsync(PostmasterDb db, IDbContextTransaction transaction, List<PendingBatch> fresh, CancellationToken ct)
    {
        Sum(fresh);
        NewRows made = await StreamRows.AddAsync(db, _room.Days, fresh, ct);
        var scope = new CommitScope(db, made.Streams, _room);
        await memory.JoinAsync(scope, [.. fresh.Select(b => b.Delta)], ct);
        await scope.WriteAsync(ct);
        List<DayChange> days = await StreamRows.MoveLastDaysAsync(db, scope, _room.Days, ct);
        await CountFeedersAsync(db, fresh, ct);
        await _coverage.AddAsync(db, made, fresh, ct);
        DateTimeOffset now = time.GetUtcNow();
        foreach (PendingBatch batch in fresh.Where(b => b.Key is not null))
            db.IngestBatches.Add(new IngestBatch { FeederId = batch.FeederId, Key = batch.Key!, CommittedAt = now, Answer = IngestAnswer.Of(batch.Delta).ToJson() });
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        made.Take();
        _coverage.Take();
        foreach (DayChange day in days)
            day.Take();
    }

    private void Sum(List<PendingBatch> fresh)
    {
        _room.Days.Clear();
        _room.Hours.Clear();
        foreach (PendingBatch batch in fresh)
        {
            _room.Days.Add(batch.Delta.Days);
            _room.Hours.Add(batch.Delta.Hours);
        }
    }

    private async Task CountFeedersAsync(PostmasterDb db, List<PendingBatch> fresh, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        // In one order, so that two machines cannot lock each other out.
        foreach (IGrouping<int, EventDelta> feeder in fresh.GroupBy(b => b.FeederId, b => b.Delta).OrderBy(g => g.Key))
        {
            long events = feeder.Sum(d => (long)d.Accepted), bad = feeder.Sum(d => (long)d.Bad), unjoined = feeder.Sum(d => (long)d.Unjoined);
            long newest = feeder.Max(d => d.Newest);
            await db.Feeders.Where(f => f.Id == feeder.Key).ExecuteUpdateAsync(
                set => set.SetProperty(f => f.Events, f => f.Events + events).SetProperty(f => f.BadLines, f => f.BadLines + bad)
                    .SetProperty(f => f.Unjoined, f => f.Unjoined + unjoined).SetProperty(f => f.LastBatchAt, now),
                ct);
            DateTimeOffset newestAt = new(newest, TimeSpan.Zero);
            if (newest > 0)
            {
                await db.Feeders.Where(f => f.Id == feeder.Key && (f.NewestEventAt == null || f.NewestEventAt < newestAt))
                    .ExecuteUpdateAsync(set => set.SetProperty(f => f.NewestEventAt, newestAt), ct);
            }
        }
    }

    private static async Task<IngestAnswer?> FindAsync(PostmasterDb db, int feederId, byte[] key, CancellationToken ct)
    {
        string? answer = await db.IngestBatches.AsNoTracking().Where(b => b.FeederId == feederId && b.Key == key).Select(b => b.Answer).FirstOrDefaultAsync(ct);
        return answer is null ? null : (IngestAnswer.FromJson(answer) ?? new IngestAnswer(0, 0, true, 0, 0, [])) with { Duplicate = true };
    }
}
