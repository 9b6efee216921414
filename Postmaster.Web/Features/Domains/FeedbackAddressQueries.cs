using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains;

/// <summary>Where a claim's reports go and how they arrive.</summary>
/// <param name="ConfirmedAt">Null: the link in the mail was not used yet.</param>
/// <param name="LinkEnds">While unconfirmed: when the last mail's link stops working; in the past when it has.</param>
/// <param name="LastDeliveredAt">When the relay last took a report to this address.</param>
/// <param name="LastFailedAt">When a report to this address was last given up on.</param>
/// <param name="LastFailure">Outside text: what the relay said to it.</param>
public sealed record FeedbackAddressView(
    string Address, DateTimeOffset RequestedAt, string? RequestedBy, DateTimeOffset? ConfirmedAt, DateTimeOffset? LinkEnds,
    DateTimeOffset? LastDeliveredAt, int Queued, DateTimeOffset? LastFailedAt, string? LastFailure)
{
    /// <summary>Since when reports wait because they came back; null: they go out.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>Since when whoever reads the address wants no more reports; null: nobody said so since the last confirmation.</summary>
    public DateTimeOffset? LeftAt { get; init; }

    /// <summary>A group kept in the portal; its page shows its members.</summary>
    public bool IsGroup { get; init; }

    /// <summary>Outside text: what the address's mail server answered.</summary>
    public string? PauseAnswer { get; init; }

    /// <summary>When it was last confirmed again after a pause.</summary>
    public DateTimeOffset? ResumedAt { get; init; }
}

/// <summary>What the page of a confirmation link shows before anything happens.</summary>
public sealed record FeedbackLinkView(string Domain, string Address, string? RequestedBy);

/// <summary>The page of a claim's feedback address. The caller has checked that the visitor may see the claim.</summary>
public sealed class FeedbackAddressQueries(IDbContextFactory<PostmasterDb> databases, OneTimeLinks links)
{
    /// <summary>The address that stands; null when none is named.</summary>
    public async Task<FeedbackAddressView?> FindAsync(Guid claimId, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        FeedbackAddress? standing = await db.FeedbackAddresses.AsNoTracking().FirstOrDefaultAsync(a => a.ClaimId == claimId && a.EndedAt == null, ct);
        if (standing is null)
            return null;
        IQueryable<OutboxMessage> reports = db.Outbox.AsNoTracking()
            .Where(m => m.Kind == OutboxKind.FeedbackReport && db.ReportDeliveries.Any(d => d.OutboxId == m.Id && d.FeedbackAddressId == standing.Id));
        var failed = await reports.Where(m => m.State == OutboxState.Failed).OrderByDescending(m => m.EndedAt)
            .Select(m => new { m.EndedAt, m.LastAnswer }).FirstOrDefaultAsync(ct);
        return new FeedbackAddressView(
            standing.Address, standing.RequestedAt,
            await db.Users.Where(u => u.Id == standing.RequestedBy).Select(u => u.Email).FirstOrDefaultAsync(ct),
            standing.ConfirmedAt, (standing.ConfirmedAt is null && !(standing.LastMailAt <= standing.LeftAt)) || standing.LastMailAt > standing.PausedAt ? standing.LastMailAt + FeedbackAddressStore.LinkLifetime : null,
            await reports.Where(m => m.State == OutboxState.Sent).MaxAsync(m => m.EndedAt, ct),
            await reports.CountAsync(m => m.State == OutboxState.Queued, ct),
            failed?.EndedAt, failed?.LastAnswer)
        {
            IsGroup = standing.IsGroup, LeftAt = standing.LeftAt, PausedAt = standing.PausedAt, PauseAnswer = standing.PauseAnswer, ResumedAt = standing.ResumedAt,
        };
    }

    /// <summary>What a link asks for, without using it up; null when it is used, replaced, too old or never ours.</summary>
    public async Task<FeedbackLinkView?> PeekAsync(string? token, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        if (await links.PeekAsync(db, LinkPurpose.ConfirmFeedbackAddress, token, ct) is not { } id)
            return null;
        return await (
            from address in db.FeedbackAddresses
            join claim in db.Claims on address.ClaimId equals claim.Id
            where address.Id == id && address.EndedAt == null && (address.ConfirmedAt == null || address.PausedAt != null)
            select new FeedbackLinkView(claim.Domain, address.Address, db.Users.Where(u => u.Id == address.RequestedBy).Select(u => u.Email).FirstOrDefault()))
            .FirstOrDefaultAsync(ct);
    }
}
