using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Bounces;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>The steps of a mail in the outbox. A step is written only while the worker's lease stands.</summary>
internal sealed class OutboxStore(IDbContextFactory<PostmasterDb> databases, BounceEffects effects, TimeProvider time, ILogger<OutboxStore> log)
{
    public async Task<bool> SentAsync(Leased<OutboxMessage> lease, string answer, CancellationToken ct)
    {
        bool written = await EndAsync(lease, OutboxState.Sent, answer, ct);
        if (written)
            log.ReportSent(lease.Row.Id);
        return written;
    }

    public async Task FailedAsync(Leased<OutboxMessage> lease, string answer, CancellationToken ct)
    {
        if (await EndAsync(lease, OutboxState.Failed, answer, ct))
            log.ReportFailed(lease.Row.Id, answer);
    }

    /// <summary>The relay said no for good: that may pause the address, in the same commit.</summary>
    public async Task RefusedAsync(Leased<OutboxMessage> lease, string answer, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (await WriteAsync(lease, row => End(row, OutboxState.Failed, answer, now), ct, (db, row) => effects.RefusedAsync(db, row, answer, now, ct)))
            log.ReportFailed(lease.Row.Id, answer);
    }

    public async Task CancelledAsync(Leased<OutboxMessage> lease, string reason, CancellationToken ct)
    {
        if (await EndAsync(lease, OutboxState.Cancelled, reason, ct))
            log.ReportCancelled(lease.Row.Id, reason);
    }

    public async Task DelayedAsync(Leased<OutboxMessage> lease, string answer, DateTimeOffset dueAt, CancellationToken ct)
    {
        if (await WriteAsync(lease, row =>
        {
            row.DueAt = dueAt;
            row.LastAnswer = Cut(answer);
            row.HeldBy = null;
        }, ct))
            log.ReportDelayed(lease.Row.Id, answer, dueAt);
    }

    /// <summary>Waits because of a cap of ours: the relay was not asked, so it is no attempt.</summary>
    public async Task HeldBackAsync(Leased<OutboxMessage> lease, OutboxHold by, string reason, DateTimeOffset dueAt, CancellationToken ct)
    {
        if (await WriteAsync(lease, row =>
        {
            row.DueAt = dueAt;
            row.LastAnswer = Cut(reason);
            row.HeldBy = by;
            row.Attempts--;
        }, ct))
            log.ReportDelayed(lease.Row.Id, reason, dueAt);
    }

    private Task<bool> EndAsync(Leased<OutboxMessage> lease, OutboxState state, string answer, CancellationToken ct) =>
        WriteAsync(lease, row => End(row, state, answer, time.GetUtcNow()), ct);

    private static void End(OutboxMessage row, OutboxState state, string answer, DateTimeOffset now)
    {
        row.State = state;
        row.LastAnswer = Cut(answer);
        row.EndedAt = now;
        row.HeldBy = null;
        // A notice carries a link: it is forgotten when it has left. One that failed can be sent again by an operator.
        if (state is OutboxState.Sent or OutboxState.Cancelled)
            row.SealedContent = null;
    }

    /// <param name="more">What else belongs to the same commit; it is done alone among its like.</param>
    private async Task<bool> WriteAsync(Leased<OutboxMessage> lease, Action<OutboxMessage> change, CancellationToken ct, Func<PostmasterDb, OutboxMessage, Task>? more = null)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using IDbContextTransaction? transaction = more is null ? null : await db.BeginExclusiveAsync(ct);
        OutboxMessage? row = await db.Outbox.HeldBy(lease).FirstOrDefaultAsync(m => m.State == OutboxState.Queued, ct);
        if (row is not null)
        {
            change(row);
            row.LeaseUntil = null;
            try
            {
                if (more is not null)
                    await more(db, row);
                await db.SaveChangesAsync(ct);
                if (transaction is not null)
                    await transaction.CommitAsync(ct);
                return true;
            }
            catch (DbUpdateConcurrencyException)
            {
                // Said below.
            }
        }

        log.ReportLeaseLost(lease.Row.Id);
        return false;
    }

    private static string Cut(string text) => text.Length > ComplaintConfiguration.TextLength ? text[..ComplaintConfiguration.TextLength] : text;
}
