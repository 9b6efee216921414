using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains;

/// <summary>Stops reports that wait in the outbox when nobody may have them any more.</summary>
internal static class QueuedReports
{
    /// <summary>Lets the reports go that wait for a paused address, and ends its pause for every other claim that names it, and for digests: the mailbox was proved, not a claim.</summary>
    public static async Task ReleaseAsync(PostmasterDb db, FeedbackAddress proved, DateTimeOffset now, CancellationToken ct)
    {
        foreach (FeedbackAddress other in await db.FeedbackAddresses.Where(a => a.Address == proved.Address && a.PausedAt != null && a.EndedAt == null && a.Id != proved.Id).ToListAsync(ct))
            other.Confirm(now);
        foreach (Digest digest in await db.Digests.Where(d => d.Address == proved.Address && d.PausedAt != null && d.EndedAt == null).ToListAsync(ct))
            digest.Confirm(now);
        await db.Outbox.Where(m => (m.Kind == OutboxKind.FeedbackReport || m.Kind == OutboxKind.NotSpamReport) && m.State == OutboxState.Queued && m.To == proved.Address)
            .ExecuteUpdateAsync(set => set.SetProperty(m => m.DueAt, now).SetProperty(m => m.ReleasedAt, now), ct);
    }

    /// <summary>
    /// Cancels the waiting reports of a claim's addresses. One mail may tell several claims' owners who named the same address: it goes on while
    /// one of them still takes reports. Call it before the addresses end.
    /// </summary>
    public static Task<int> CancelAsync(PostmasterDb db, Guid claimId, string why, DateTimeOffset now, CancellationToken ct)
    {
        IQueryable<Guid> mine = db.FeedbackAddresses.Where(a => a.ClaimId == claimId).Select(a => a.Id);
        IQueryable<Guid> standing = db.FeedbackAddresses
            .Where(a => a.ClaimId != claimId && a.EndedAt == null && db.Claims.Any(c => c.Id == a.ClaimId && (c.State == ClaimState.Proved || c.State == ClaimState.Warned)))
            .Select(a => a.Id);
        return db.Outbox
            .Where(m => (m.Kind == OutboxKind.FeedbackReport || m.Kind == OutboxKind.NotSpamReport) && m.State == OutboxState.Queued
                && db.ReportDeliveries.Any(d => d.OutboxId == m.Id && mine.Contains(d.FeedbackAddressId))
                && !db.ReportDeliveries.Any(d => d.OutboxId == m.Id && standing.Contains(d.FeedbackAddressId)))
            .ExecuteUpdateAsync(set => set
                .SetProperty(m => m.State, OutboxState.Cancelled)
                .SetProperty(m => m.LastAnswer, why)
                .SetProperty(m => m.EndedAt, now), ct);
    }
}
