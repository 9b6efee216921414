using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Digests;

/// <summary>
/// Puts the day's digests into the outbox at their hour. Any number of machines may do so: the row of the day is added by one. A digest tells of what was
/// counted since the one before, so that days on which no machine ran are not lost.
/// </summary>
internal sealed class DigestWorker(
    IDbContextFactory<PostmasterDb> databases, OutboxSignal outbox, IOptions<ProviderOptions> provider, TimeProvider time, ILogger<DigestWorker> log)
    : PeriodicWorker(TimeSpan.FromSeconds(30), time)
{
    /// <summary>What is counted at the very hour has to be written before it is read.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    /// <summary>Time that a digest covers at most.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(31);

    protected override async Task TurnAsync(CancellationToken ct)
    {
        DateTimeOffset due = Time.GetUtcNow() - Grace;
        List<Guid> ids;
        await using (PostmasterDb db = await databases.CreateDbContextAsync(ct))
            ids = await db.Digests.Where(d => d.EndedAt == null && d.ConfirmedAt != null && d.PausedAt == null && d.NextAt <= due).OrderBy(d => d.NextAt).Select(d => d.Id).ToListAsync(ct);
        foreach (Guid id in ids)
            await QueueAsync(id, ct);
    }

    protected override void TellFault(Exception fault) => log.DigestFault(fault);

    /// <returns>Whether one was queued.</returns>
    internal async Task<bool> QueueAsync(Guid id, CancellationToken ct)
    {
        DateTimeOffset now = Time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        Digest? digest = await db.Digests.FirstOrDefaultAsync(d => d.Id == id && d.EndedAt == null && d.ConfirmedAt != null && d.PausedAt == null && d.NextAt <= now - Grace, ct);
        if (digest is null)
            return false;
        DateTimeOffset until = DigestHours.Last(now - Grace, digest.Hour), since = digest.CoveredUntil ?? until.AddDays(-1);
        if (until - since > Longest)
            since = until - Longest;
        var day = DateOnly.FromDateTime(until.UtcDateTime);
        digest.NextAt = DigestHours.Next(now, digest.Hour);
        DomainClaim? claim = await db.Claims.AsNoTracking().FirstOrDefaultAsync(c => c.Id == digest.ClaimId, ct);
        bool queued = false;
        if (claim is { IsInForce: true } && until > since && !await db.DigestDays.AnyAsync(d => d.DigestId == id && d.Day == day, ct))
        {
            int complaints = await DigestContent.Counted(db, claim.Domain, since, until).CountAsync(ct);
            digest.CoveredUntil = until;
            queued = complaints > 0 || digest.AlsoEmpty;
            if (queued)
                Add(db, digest, day, since, until, complaints, now);
        }

        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        if (queued)
        {
            outbox.Wake();
            log.DigestQueued(id, day);
        }

        return queued;
    }

    private void Add(PostmasterDb db, Digest digest, DateOnly day, DateTimeOffset since, DateTimeOffset until, int complaints, DateTimeOffset now)
    {
        Guid mail = Guid.CreateVersion7(now);
        db.Outbox.Add(new OutboxMessage
        {
            Id = mail, Kind = OutboxKind.Digest, To = digest.Address, MessageId = $"{mail:N}@{provider.Value.Domain}", BounceToken = NoticeOutbox.NewBounceToken(), CreatedAt = now, DueAt = now,
        });
        db.DigestDays.Add(new DigestDay { DigestId = digest.Id, Day = day, Since = since, Until = until, Complaints = complaints, OutboxId = mail });
    }
}
