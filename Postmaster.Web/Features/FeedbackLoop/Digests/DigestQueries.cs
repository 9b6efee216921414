using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Digests;

/// <summary>A claim's digest as its owners see it.</summary>
/// <param name="LinkEnds">While unconfirmed: when the mail's link stops working.</param>
/// <param name="LastSentAt">When the relay last took one.</param>
/// <param name="LastFailure">What became of the last one when it was given up: outside text; null when it was not.</param>
public sealed record DigestView(
    string Address, DateTimeOffset? ConfirmedAt, DateTimeOffset? LinkEnds, int Hour, bool AlsoEmpty, DateTimeOffset NextAt, DateTimeOffset? LastSentAt, string? LastFailure)
{
    /// <summary>Since when none is made because they came back; null: they are.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>Outside text: what the address's mail server answered.</summary>
    public string? PauseAnswer { get; init; }
}

/// <summary>The digest of a claim. The caller has checked that the visitor may see it.</summary>
public sealed class DigestQueries(IDbContextFactory<PostmasterDb> databases, OneTimeLinks links)
{
    /// <summary>Null when none is asked for.</summary>
    public async Task<DigestView?> FindAsync(Guid claimId, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        Digest? digest = await db.Digests.AsNoTracking().FirstOrDefaultAsync(d => d.ClaimId == claimId && d.EndedAt == null, ct);
        if (digest is null)
            return null;
        IQueryable<OutboxMessage> mails = db.Outbox.Where(m => db.DigestDays.Any(d => d.DigestId == digest.Id && d.OutboxId == m.Id));
        var last = await mails.OrderByDescending(m => m.CreatedAt).Select(m => new { m.State, m.LastAnswer }).FirstOrDefaultAsync(ct);
        return new DigestView(
            digest.Address, digest.ConfirmedAt, digest.ConfirmedAt is null || digest.LastMailAt > digest.PausedAt ? digest.LastMailAt + DigestStore.LinkLifetime : null, digest.Hour, digest.AlsoEmpty, digest.NextAt,
            await mails.Where(m => m.State == OutboxState.Sent).MaxAsync(m => m.EndedAt, ct), last?.State == OutboxState.Failed ? last.LastAnswer ?? "no reason was told" : null)
        {
            PausedAt = digest.PausedAt, PauseAnswer = digest.PauseAnswer,
        };
    }

    /// <summary>The address that reports go to, when it may be used without asking again; null otherwise.</summary>
    public async Task<string?> ConfirmedAddressAsync(Guid claimId, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await DigestConsent.AddressAsync(db, claimId, ct);
    }

    /// <summary>What a confirmation link asks for, without using it up; null when it is used, replaced, too old or never ours.</summary>
    public async Task<FeedbackLinkView?> PeekAsync(string? token, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        if (await links.PeekAsync(db, LinkPurpose.ConfirmDigest, token, ct) is not { } id)
            return null;
        return await (
            from digest in db.Digests
            join claim in db.Claims on digest.ClaimId equals claim.Id
            where digest.Id == id && digest.EndedAt == null && (digest.ConfirmedAt == null || digest.PausedAt != null)
            select new FeedbackLinkView(claim.Domain, digest.Address, db.Users.Where(u => u.Id == digest.RequestedBy).Select(u => u.Email).FirstOrDefault()))
            .FirstOrDefaultAsync(ct);
    }

    /// <summary>The domain of a digest that stands; null otherwise.</summary>
    public async Task<string?> DomainAsync(Guid id, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await (
            from digest in db.Digests
            where digest.Id == id && digest.EndedAt == null
            join claim in db.Claims on digest.ClaimId equals claim.Id
            select claim.Domain).FirstOrDefaultAsync(ct);
    }
}
