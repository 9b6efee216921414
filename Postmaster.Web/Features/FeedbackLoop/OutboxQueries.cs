using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>The outbox at a glance.</summary>
/// <param name="OldestQueuedAt">When the oldest mail that still waits was put there; null when none waits.</param>
/// <param name="Failed">Given up on in the last 7 days.</param>
/// <param name="Sent">Handed to the relay in the last 24 hours.</param>
/// <param name="Held">Of those that wait: kept back by a limit or a pause.</param>
/// <param name="RolledUp">Reports that became part of others in the last 24 hours.</param>
public sealed record QueueSummary(int Queued, DateTimeOffset? OldestQueuedAt, int Failed, int Sent, int Held, int RolledUp);

/// <summary>One mail of the outbox for the operator. <paramref name="LastAnswer"/> is outside text.</summary>
public sealed record OutboxRow(
    Guid Id, OutboxKind Kind, string To, OutboxState State, DateTimeOffset CreatedAt, DateTimeOffset DueAt, DateTimeOffset? EndedAt, int Attempts,
    string? LastAnswer, string MessageId);

/// <summary>The operator's view of what leaves.</summary>
public sealed class OutboxQueries(IDbContextFactory<PostmasterDb> databases, TimeProvider time)
{
    private const int MaxPageSize = 200;

    public async Task<QueueSummary> SummaryAsync(CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow(), day = now.AddDays(-1), week = now.AddDays(-7);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return new QueueSummary(
            await db.Outbox.CountAsync(m => m.State == OutboxState.Queued, ct),
            await db.Outbox.Where(m => m.State == OutboxState.Queued).MinAsync(m => (DateTimeOffset?)m.CreatedAt, ct),
            await db.Outbox.CountAsync(m => m.State == OutboxState.Failed && m.EndedAt >= week, ct),
            await db.Outbox.CountAsync(m => m.State == OutboxState.Sent && m.EndedAt >= day, ct),
            await db.Outbox.CountAsync(m => m.State == OutboxState.Queued && m.HeldBy != null, ct),
            await db.Outbox.CountAsync(m => m.State == OutboxState.RolledUp && m.EndedAt >= day, ct));
    }

    /// <summary>Newest first; null means every state or kind.</summary>
    /// <param name="page">Counted from 1.</param>
    public async Task<ListPage<OutboxRow>> ListAsync(OutboxState? state, OutboxKind? kind, int page, int pageSize, CancellationToken ct)
    {
        int size = Math.Clamp(pageSize, 1, MaxPageSize), number = Math.Max(1, page);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        IQueryable<OutboxMessage> mails = db.Outbox.AsNoTracking();
        if (state is { } wanted)
            mails = mails.Where(m => m.State == wanted);
        if (kind is { } only)
            mails = mails.Where(m => m.Kind == only);
        int total = await mails.CountAsync(ct);
        List<OutboxRow> rows = await mails.OrderByDescending(m => m.CreatedAt).ThenByDescending(m => m.Id).Skip((number - 1) * size).Take(size)
            .Select(m => new OutboxRow(m.Id, m.Kind, m.To, m.State, m.CreatedAt, m.DueAt, m.EndedAt, m.Attempts, m.LastAnswer, m.MessageId))
            .ToListAsync(ct);
        return new ListPage<OutboxRow>(rows, number, size, total);
    }
}
