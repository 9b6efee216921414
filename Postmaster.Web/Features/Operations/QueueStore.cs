using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Operations;

/// <summary>What an operator may do to a mail in the outbox. Both answer false when the mail is being sent at this moment, or has ended in a way that leaves nothing to do.</summary>
public sealed class QueueStore(IDbContextFactory<PostmasterDb> databases, OutboxSignal signal, TimeProvider time)
{
    /// <summary>Makes a mail due at once: one that waits, or one that was given up on and still has something to say.</summary>
    public async Task<bool> RetryAsync(Guid id, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        int changed = await Free(db, id, now)
            .Where(m => m.State == OutboxState.Queued || (m.State == OutboxState.Failed && (m.Kind == OutboxKind.FeedbackReport || m.Kind == OutboxKind.InvitedReport || m.Kind == OutboxKind.NotSpamReport || m.SealedContent != null)))
            .ExecuteUpdateAsync(
                set => set.SetProperty(m => m.State, OutboxState.Queued).SetProperty(m => m.DueAt, now).SetProperty(m => m.EndedAt, (DateTimeOffset?)null), ct);
        if (changed == 1)
            signal.Wake();
        return changed == 1;
    }

    /// <summary>Takes a waiting mail out of the queue for good; what it would have said is forgotten.</summary>
    public async Task<bool> CancelAsync(Guid id, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await Free(db, id, now).Where(m => m.State == OutboxState.Queued)
            .ExecuteUpdateAsync(
                set => set.SetProperty(m => m.State, OutboxState.Cancelled).SetProperty(m => m.EndedAt, now).SetProperty(m => m.SealedContent, (byte[]?)null)
                    .SetProperty(m => m.LastAnswer, "Cancelled by an operator."), ct) == 1;
    }

    private static IQueryable<OutboxMessage> Free(PostmasterDb db, Guid id, DateTimeOffset now) =>
        db.Outbox.Where(m => m.Id == id && (m.LeaseUntil == null || m.LeaseUntil < now));
}
