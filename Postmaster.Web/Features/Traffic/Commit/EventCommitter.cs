using System.Data.Common;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Features.Traffic.Intake;

namespace Postmaster.Web.Features.Traffic.Commit;

/// <summary>
/// The one committer of this process: takes all batches that wait, writes them in one transaction, and answers them when it is on disk.
/// While it writes, the next ones gather, so that many small batches cost no more than a few large ones.
/// </summary>
internal sealed class EventCommitter(EventStore store, TimeProvider time, ILogger<EventCommitter> log) : BackgroundService
{
    /// <summary>Another machine may have taken the same row, or a lock; after so many tries it is something else.</summary>
    private const int Tries = 5;

    // Unbounded in name only: each waiting batch holds one of the places of the intake (Traffic:MaxRequests).
    private readonly Channel<PendingBatch> _waiting = Channel.CreateUnbounded<PendingBatch>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Returns when the batch is on disk, or fails when nothing of it is. Null: another batch has its key, and nothing of this one is stored.</summary>
    public async Task<IngestAnswer?> CommitAsync(PendingBatch batch)
    {
        await _waiting.Writer.WriteAsync(batch);
        return await batch.Done.Task;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // What waits is still written.
        _waiting.Writer.TryComplete();
        if (ExecuteTask is { } running)
            await running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var group = new List<PendingBatch>();
        while (await _waiting.Reader.WaitToReadAsync(CancellationToken.None))
        {
            group.Clear();
            while (_waiting.Reader.TryRead(out PendingBatch? next))
                group.Add(next);
            await CommitAsync(group);
        }
    }

    private async Task CommitAsync(List<PendingBatch> group)
    {
        List<PendingBatch> first = [.. group.Where((b, i) => !group.Take(i).Any(b.HasKeyOf))];
        try
        {
            IReadOnlyList<IngestAnswer?> answers = await TryCommitAsync(first);
            for (int i = 0; i < first.Count; i++)
                first[i].Done.SetResult(answers[i]);
            // The same batch twice at once: the second one's answer is that of the first. Another batch with its key is refused.
            foreach (PendingBatch repeated in group.Except(first))
            {
                int same = first.FindIndex(repeated.HasKeyOf);
                bool isSame = first[same].BodyHash.AsSpan().SequenceEqual(repeated.BodyHash);
                repeated.Done.SetResult(isSame && answers[same] is { } answer ? answer with { Duplicate = true } : null);
            }
        }
        catch (Exception failed)
        {
            log.CommitFailed(failed, group.Count);
            foreach (PendingBatch batch in group)
                batch.Done.TrySetException(new NotStoredException(failed));
        }
    }

    private async Task<IReadOnlyList<IngestAnswer?>> TryCommitAsync(List<PendingBatch> batches)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await store.CommitAsync(batches, CancellationToken.None);
            }
            catch (Exception taken) when (attempt < Tries && taken is DbException or DbUpdateException)
            {
                log.CommitAgain(taken, attempt);
                await Task.Delay(TimeSpan.FromMilliseconds(20 << attempt), time);
            }
        }
    }
}

/// <summary>Nothing of the batch was stored; the feeder sends it again.</summary>
internal sealed class NotStoredException(Exception cause) : Exception("The events could not be stored.", cause);
