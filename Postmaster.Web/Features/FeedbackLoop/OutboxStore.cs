using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>A mail of the outbox that this worker, and no other, sends.</summary>
/// <param name="mail">As it was when it was leased.</param>
internal sealed class LeasedMail(OutboxMessage mail)
{
    public OutboxMessage Mail { get; } = mail;

    /// <summary>Changes with each renewal; what is written has to find this value.</summary>
    public DateTimeOffset Until { get; set; } = mail.LeaseUntil!.Value;
}

/// <summary>The steps of a mail in the outbox. A step is written only while the worker's lease stands.</summary>
internal sealed class OutboxStore(IDbContextFactory<PostmasterDb> databases, TimeProvider time, ILogger<OutboxStore> log)
{
    /// <summary>Rows looked at for one lease: others may be faster with the first.</summary>
    private const int Candidates = 8;

    /// <summary>The next due mail; null when there is none. Notices come first: a person waits for them.</summary>
    public async Task<LeasedMail?> LeaseAsync(CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow(), until = WorkLease.From(now);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        List<Guid> due = await Due(db, now).OrderByDescending(m => m.Kind == OutboxKind.Notice).ThenBy(m => m.DueAt).Select(m => m.Id).Take(Candidates).ToListAsync(ct);
        foreach (Guid id in due)
        {
            int taken = await Due(db, now).Where(m => m.Id == id)
                .ExecuteUpdateAsync(set => set.SetProperty(m => m.LeaseUntil, until).SetProperty(m => m.Attempts, m => m.Attempts + 1), ct);
            if (taken == 1)
                return new LeasedMail(await db.Outbox.AsNoTracking().FirstAsync(m => m.Id == id, ct));
        }

        return null;
    }

    /// <summary>False when another worker has it meanwhile, or it was cancelled.</summary>
    public async Task<bool> RenewAsync(LeasedMail lease, CancellationToken ct)
    {
        Guid id = lease.Mail.Id;
        DateTimeOffset before = lease.Until, until = WorkLease.From(time.GetUtcNow());
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        bool renewed = await db.Outbox.Where(m => m.Id == id && m.LeaseUntil == before && m.State == OutboxState.Queued)
            .ExecuteUpdateAsync(set => set.SetProperty(m => m.LeaseUntil, until), ct) == 1;
        if (renewed)
            lease.Until = until;
        return renewed;
    }

    /// <summary>How long until a mail is due; null when none waits.</summary>
    public async Task<TimeSpan?> UntilNextAsync(CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        DateTimeOffset? next = await db.Outbox.Where(m => m.State == OutboxState.Queued).MinAsync(m => (DateTimeOffset?)m.DueAt, ct);
        return next is null ? null : next.Value - time.GetUtcNow();
    }

    public async Task<bool> SentAsync(LeasedMail lease, string answer, CancellationToken ct)
    {
        bool written = await EndAsync(lease, OutboxState.Sent, answer, ct);
        if (written)
            log.ReportSent(lease.Mail.Id);
        return written;
    }

    public async Task FailedAsync(LeasedMail lease, string answer, CancellationToken ct)
    {
        if (await EndAsync(lease, OutboxState.Failed, answer, ct))
            log.ReportFailed(lease.Mail.Id, answer);
    }

    public async Task CancelledAsync(LeasedMail lease, string reason, CancellationToken ct)
    {
        if (await EndAsync(lease, OutboxState.Cancelled, reason, ct))
            log.ReportCancelled(lease.Mail.Id, reason);
    }

    public async Task DelayedAsync(LeasedMail lease, string answer, DateTimeOffset dueAt, CancellationToken ct)
    {
        if (await WriteAsync(lease, row =>
        {
            row.DueAt = dueAt;
            row.LastAnswer = Cut(answer);
        }, ct))
            log.ReportDelayed(lease.Mail.Id, answer, dueAt);
    }

    /// <summary>Waits because of a cap of ours: the relay was not asked, so it is no attempt.</summary>
    public async Task HeldBackAsync(LeasedMail lease, string reason, DateTimeOffset dueAt, CancellationToken ct)
    {
        if (await WriteAsync(lease, row =>
        {
            row.DueAt = dueAt;
            row.LastAnswer = Cut(reason);
            row.Attempts--;
        }, ct))
            log.ReportDelayed(lease.Mail.Id, reason, dueAt);
    }

    private Task<bool> EndAsync(LeasedMail lease, OutboxState state, string answer, CancellationToken ct) => WriteAsync(lease, row =>
    {
        row.State = state;
        row.LastAnswer = Cut(answer);
        row.EndedAt = time.GetUtcNow();
        // A notice carries a link: it is forgotten when it has left. One that failed can be sent again by an operator.
        if (state is OutboxState.Sent or OutboxState.Cancelled)
            row.SealedContent = null;
    }, ct);

    private async Task<bool> WriteAsync(LeasedMail lease, Action<OutboxMessage> change, CancellationToken ct)
    {
        Guid id = lease.Mail.Id;
        DateTimeOffset until = lease.Until;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        OutboxMessage? row = await db.Outbox.FirstOrDefaultAsync(m => m.Id == id && m.LeaseUntil == until && m.State == OutboxState.Queued, ct);
        if (row is not null)
        {
            change(row);
            row.LeaseUntil = null;
            try
            {
                await db.SaveChangesAsync(ct);
                return true;
            }
            catch (DbUpdateConcurrencyException)
            {
                // Said below.
            }
        }

        log.ReportLeaseLost(id);
        return false;
    }

    private static IQueryable<OutboxMessage> Due(PostmasterDb db, DateTimeOffset now) =>
        db.Outbox.Where(m => m.State == OutboxState.Queued && m.DueAt <= now && (m.LeaseUntil == null || m.LeaseUntil < now));

    private static string Cut(string text) => text.Length > ComplaintConfiguration.TextLength ? text[..ComplaintConfiguration.TextLength] : text;
}
