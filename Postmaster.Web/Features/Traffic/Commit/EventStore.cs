using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Traffic.Directory;
using Postmaster.Web.Features.Traffic.Intake;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Commit;

/// <summary>A batch that waits for its commit.</summary>
/// <param name="Key">SHA-256 of the idempotency key; null: the batch counts whenever it comes.</param>
/// <param name="BodyHash">SHA-256 of its octets, unpacked; null without key.</param>
internal sealed record PendingBatch(int FeederId, byte[]? Key, byte[]? BodyHash, EventDelta Delta)
{
    /// <summary>Ends with the answer, or with null when another batch has the key; fails when nothing was stored.</summary>
    public TaskCompletionSource<IngestAnswer?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool HasKeyOf(PendingBatch other) => Key is not null && other.Key is not null && FeederId == other.FeederId && Key.AsSpan().SequenceEqual(other.Key);
}

/// <summary>A batch that is on disk.</summary>
/// <param name="Answer">As a repetition of it is answered.</param>
internal sealed record StoredBatch(IngestAnswer Answer, byte[]? BodyHash)
{
    /// <summary>Whether a batch with the same key is this one.</summary>
    public bool Is(byte[]? bodyHash) => BodyHash is null || BodyHash.AsSpan().SequenceEqual(bodyHash);
}

/// <summary>Writes batches: all of them, with everything that they lead to, in one transaction.</summary>
internal sealed class EventStore(IDbContextFactory<PostmasterDb> databases, IDeliveryMemory memory, TimeProvider time)
{
    private readonly CommitRoom _room = new();
    private readonly CoverageRows _coverage = new();

    /// <summary>The batch that is counted under a key; null when there is none.</summary>
    public async Task<StoredBatch?> FindAsync(int feederId, byte[] key, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await FindAsync(db, feederId, key, ct);
    }

    /// <summary>Commits the batches; each gets an answer, in their order, or null when another batch has its key. One call at a time.</summary>
    /// <param name="batches">No two with the same key.</param>
    public async Task<IReadOnlyList<IngestAnswer?>> CommitAsync(IReadOnlyList<PendingBatch> batches, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(ct);
        var stored = new StoredBatch?[batches.Count];
        for (int i = 0; i < batches.Count; i++)
            stored[i] = batches[i].Key is { } key ? await FindAsync(db, batches[i].FeederId, key, ct) : null;
        List<PendingBatch> fresh = [.. batches.Where((_, i) => stored[i] is null)];
        if (fresh.Count > 0)
            await WriteAsync(db, transaction, fresh, ct);
        return [.. batches.Select((batch, i) => stored[i] is not { } before ? IngestAnswer.Of(batch.Delta) : before.Is(batch.BodyHash) ? before.Answer : null)];
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
            db.IngestBatches.Add(new IngestBatch { FeederId = batch.FeederId, Key = batch.Key!, BodyHash = batch.BodyHash, CommittedAt = now, Answer = IngestAnswer.Of(batch.Delta).ToJson() });
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

    private static async Task<StoredBatch?> FindAsync(PostmasterDb db, int feederId, byte[] key, CancellationToken ct)
    {
        var row = await db.IngestBatches.AsNoTracking().Where(b => b.FeederId == feederId && b.Key == key).Select(b => new { b.Answer, b.BodyHash }).FirstOrDefaultAsync(ct);
        return row is null ? null : new StoredBatch((IngestAnswer.FromJson(row.Answer) ?? IngestAnswer.Nothing) with { Duplicate = true }, row.BodyHash);
    }
}
