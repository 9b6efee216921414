using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Bounces;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>
/// The steps of a mail in the outbox. A step is written only while the worker's lease stands. Whoever empties the queue does not ask for the lease: what the
/// relay says then of a mail that it was just given is written all the same, because it is what happened.
/// </summary>
internal sealed class OutboxStore
{
    /// <summary>Answers of the relay in one commit.</summary>
    private const int MostTogether = 64;

    /// <summary>
    /// How long an answer waits for others to be written with it. A process that is killed meanwhile has its mails sent again, with the same Message-ID: so it
    /// is kept short.
    /// </summary>
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(20);

    private readonly IDbContextFactory<PostmasterDb> _databases;
    private readonly BounceEffects _effects;
    private readonly TimeProvider _time;
    private readonly ILogger<OutboxStore> _log;
    private readonly GroupCommit<(Leased<OutboxMessage> Lease, string Answer), bool> _sent;

    public OutboxStore(IDbContextFactory<PostmasterDb> databases, BounceEffects effects, TimeProvider time, ILogger<OutboxStore> log)
    {
        (_databases, _effects, _time, _log) = (databases, effects, time, log);
        _sent = new GroupCommit<(Leased<OutboxMessage> Lease, string Answer), bool>(WriteSentAsync, MostTogether, Gather);
    }

    /// <summary>The relay has taken it. Written together with what else it has taken.</summary>
    public async Task<bool> SentAsync(Leased<OutboxMessage> lease, string answer, CancellationToken ct)
    {
        bool written = await _sent.AddAsync((lease, answer), ct);
        if (written)
            _log.ReportSent(lease.Row.Id);
        return written;
    }

    public async Task FailedAsync(Leased<OutboxMessage> lease, string answer, CancellationToken ct)
    {
        if (await EndAsync(lease, OutboxState.Failed, answer, ct))
            _log.ReportFailed(lease.Row.Id, answer);
    }

    /// <summary>The relay said no for good: that may pause the address, in the same commit.</summary>
    public async Task RefusedAsync(Leased<OutboxMessage> lease, string answer, CancellationToken ct)
    {
        DateTimeOffset now = _time.GetUtcNow();
        bool wasCancelled = false;
        if (await WriteAsync(lease, row =>
        {
            wasCancelled = row.State is OutboxState.Cancelled;
            End(row, OutboxState.Failed, answer, now);
        }, ct, (db, row) => wasCancelled ? Task.CompletedTask : _effects.RefusedAsync(db, row, answer, now, ct), answered: true))
            _log.ReportFailed(lease.Row.Id, answer);
    }

    public async Task CancelledAsync(Leased<OutboxMessage> lease, string reason, CancellationToken ct)
    {
        if (await EndAsync(lease, OutboxState.Cancelled, reason, ct))
            _log.ReportCancelled(lease.Row.Id, reason);
    }

    public async Task DelayedAsync(Leased<OutboxMessage> lease, string answer, DateTimeOffset dueAt, CancellationToken ct)
    {
        if (await WriteAsync(lease, row =>
        {
            row.DueAt = dueAt;
            row.LastAnswer = Cut(answer);
            row.HeldBy = null;
        }, ct))
            _log.ReportDelayed(lease.Row.Id, answer, dueAt);
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
            _log.ReportDelayed(lease.Row.Id, reason, dueAt);
    }

    private Task<bool> EndAsync(Leased<OutboxMessage> lease, OutboxState state, string answer, CancellationToken ct) =>
        WriteAsync(lease, row => End(row, state, answer, _time.GetUtcNow()), ct);

    private static void End(OutboxMessage row, OutboxState state, string answer, DateTimeOffset now)
    {
        // The reader may want his address forgotten, and the relay's words may hold it.
        row.LastAnswer = Cut(row.State is OutboxState.Cancelled ? $"{(state is OutboxState.Sent ? "The relay had taken it" : "The relay had refused it")} when this was decided: {row.LastAnswer}" : answer);
        row.State = state;
        row.EndedAt = now;
        row.HeldBy = null;
        // A notice carries a link: it is forgotten when it has left. One that failed can be sent again by an operator.
        if (state is OutboxState.Sent or OutboxState.Cancelled)
            row.SealedContent = null;
    }

    /// <summary>Alone among its like: it changes several rows of the queue.</summary>
    private async Task<IReadOnlyList<bool>> WriteSentAsync(IReadOnlyList<(Leased<OutboxMessage> Lease, string Answer)> sent)
    {
        if (sent is [var alone])
            return [await WriteAsync(alone.Lease, row => End(row, OutboxState.Sent, alone.Answer, _time.GetUtcNow()), CancellationToken.None, answered: true)];
        DateTimeOffset now = _time.GetUtcNow();
        List<Guid> ids = [.. sent.Select(s => s.Lease.Row.Id)];
        await using PostmasterDb db = await _databases.CreateDbContextAsync();
        await using IDbContextTransaction transaction = await db.BeginExclusiveAsync(CancellationToken.None);
        Dictionary<Guid, OutboxMessage> rows = await db.Outbox.Where(m => ids.Contains(m.Id)).ToDictionaryAsync(m => m.Id);
        bool[] written = new bool[sent.Count];
        for (int i = 0; i < written.Length; i++)
        {
            Leased<OutboxMessage> lease = sent[i].Lease;
            written[i] = rows.TryGetValue(lease.Row.Id, out OutboxMessage? row) && (row.State is OutboxState.Queued or OutboxState.Cancelled) && row.LeaseUntil == lease.Until;
            if (!written[i])
            {
                _log.ReportLeaseLost(lease.Row.Id);
                continue;
            }

            End(row!, OutboxState.Sent, sent[i].Answer, now);
            row!.LeaseUntil = null;
        }

        await db.SaveChangesAsync();
        await transaction.CommitAsync();
        return written;
    }

    /// <param name="more">What else belongs to the same commit; it is done alone among its like.</param>
    /// <param name="answered">The relay has said its last word: a mail that was cancelled meanwhile is told of, too.</param>
    private async Task<bool> WriteAsync(Leased<OutboxMessage> lease, Action<OutboxMessage> change, CancellationToken ct, Func<PostmasterDb, OutboxMessage, Task>? more = null, bool answered = false)
    {
        await using PostmasterDb db = await _databases.CreateDbContextAsync(ct);
        await using IDbContextTransaction? transaction = more is null ? null : await db.BeginExclusiveAsync(ct);
        OutboxMessage? row = await db.Outbox.HeldBy(lease).FirstOrDefaultAsync(m => m.State == OutboxState.Queued || (answered && m.State == OutboxState.Cancelled), ct);
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

        _log.ReportLeaseLost(lease.Row.Id);
        return false;
    }

    private static string Cut(string text) => text.Length > ComplaintConfiguration.TextLength ? text[..ComplaintConfiguration.TextLength] : text;
}
