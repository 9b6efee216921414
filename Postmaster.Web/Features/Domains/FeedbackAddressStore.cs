using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains;

public enum FeedbackRequestResult
{
    Sent,
    BadAddress,

    /// <summary>The local-part is not ASCII: most mail servers would not take a report for it.</summary>
    NotAscii,

    /// <summary>At the portal's own domain: a report could come back as a complaint.</summary>
    WouldLoop,

    /// <summary>Reports already go there.</summary>
    Same,

    /// <summary>The domain is not proved: no address can be named for it.</summary>
    NotInForce,

    /// <summary>Too many confirmation mails of this claim; later.</summary>
    TooManyOfClaim,

    /// <summary>Too many confirmation mails to this mailbox, from whatever domain; later.</summary>
    TooManyToMailbox,

    /// <summary>Whoever holds the mailbox said "this was not me" lately.</summary>
    Declined,

    /// <summary>No address waits for its link.</summary>
    Nothing,
}

/// <summary>What a link of a confirmation mail was used for.</summary>
public sealed record FeedbackAnswer(string Domain, string Address);

/// <summary>
/// Names, confirms and ends the address that a claim's reports go to. Naming another ends the old one at once.
/// The only mail that goes to an unconfirmed address is the one with the link, and how often is limited on both sides.
/// </summary>
public sealed class FeedbackAddressStore(
    IDbContextFactory<PostmasterDb> databases, OneTimeLinks links, FeedbackAddressMail mail, OutboxSignal outbox, AuditTrail audit,
    IOptions<ProviderOptions> provider, TimeProvider time)
{
    public static readonly TimeSpan LinkLifetime = TimeSpan.FromDays(7);

    /// <summary>Confirmation mails in <see cref="Window"/>: the portal must not become a tool for flooding a mailbox.</summary>
    public const int MostPerClaim = 5, MostPerMailbox = 3;

    public static readonly TimeSpan Window = TimeSpan.FromDays(1);

    /// <summary>Between two mails of one claim.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>How long a "this was not me" keeps the same claim from asking again, and others from asking more than once a day.</summary>
    public static readonly TimeSpan DeclineHolds = TimeSpan.FromDays(30);

    /// <summary>Names an address, the first or another one, and sends it the mail with the link.</summary>
    public async Task<FeedbackRequestResult> RequestAsync(Guid claimId, Guid requestedBy, string? text, CancellationToken ct)
    {
        // A domain without a dot belongs to the provider's own network.
        if (!MailAddress.TryParse(text?.Trim(), out MailAddress? address, out _) || address.Domain.LabelCount < 2)
            return FeedbackRequestResult.BadAddress;
        if (!Ascii.IsValid(address.LocalPart))
            return FeedbackRequestResult.NotAscii;
        if (DomainName.TryParse(provider.Value.Domain, out DomainName? own, out _) && address.Domain.IsEqualOrSubdomainOf(own))
            return FeedbackRequestResult.WouldLoop;

        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        DomainClaim? claim = await db.Claims.AsNoTracking().FirstOrDefaultAsync(c => c.Id == claimId, ct);
        if (claim is not { IsInForce: true })
            return FeedbackRequestResult.NotInForce;
        FeedbackAddress? standing = await db.FeedbackAddresses.FirstOrDefaultAsync(a => a.ClaimId == claimId && a.EndedAt == null, ct);
        string? before = standing?.Address;
        bool same = MailAddress.TryParse(before, out MailAddress? named, out _) && named.Equals(address);
        if (same && standing is { TakesReports: true, IsPaused: false })
            return FeedbackRequestResult.Same;
        if (await RefusalAsync(db, claimId, MailboxRate.KeyOf(address), ct) is { } refusal)
            return refusal;

        DateTimeOffset now = time.GetUtcNow();
        if (!same)
        {
            if (standing is not null)
                await EndAsync(db, standing, "The feedback address was changed.", now, ct);
            standing = new FeedbackAddress
            {
                ClaimId = claimId, Address = address.ToString(), RequestedBy = requestedBy, RequestedAt = now, RateKey = MailboxRate.KeyOf(address),
            };
            db.FeedbackAddresses.Add(standing);
            await audit.AddAsync(db, claimId, claim.Domain, requestedBy, before is null ? "named a feedback address" : "named another feedback address", before is null ? address.ToString() : $"from {before} to {address}", ct);
        }

        await SendAsync(db, claim, standing!, now, ct);
        await transaction.CommitAsync(ct);
        outbox.Wake();
        return FeedbackRequestResult.Sent;
    }

    /// <summary>Sends the mail again; links sent before stop working.</summary>
    public async Task<FeedbackRequestResult> ResendAsync(Guid claimId, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        DomainClaim? claim = await db.Claims.AsNoTracking().FirstOrDefaultAsync(c => c.Id == claimId, ct);
        if (claim is not { IsInForce: true })
            return FeedbackRequestResult.NotInForce;
        FeedbackAddress? waiting = await db.FeedbackAddresses.FirstOrDefaultAsync(a => a.ClaimId == claimId && !a.IsGroup && a.EndedAt == null && (a.ConfirmedAt == null || a.PausedAt != null), ct);
        if (waiting is null)
            return FeedbackRequestResult.Nothing;
        if (await RefusalAsync(db, claimId, waiting.RateKey, ct) is { } refusal)
            return refusal;
        await SendAsync(db, claim, waiting, time.GetUtcNow(), ct);
        await transaction.CommitAsync(ct);
        outbox.Wake();
        return FeedbackRequestResult.Sent;
    }

    /// <returns>False when there was none.</returns>
    public async Task<bool> RemoveAsync(Guid claimId, Guid by, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        FeedbackAddress? standing = await db.FeedbackAddresses.FirstOrDefaultAsync(a => a.ClaimId == claimId && a.EndedAt == null, ct);
        if (standing is null)
            return false;
        if (await db.Claims.Where(c => c.Id == claimId).Select(c => c.Domain).FirstOrDefaultAsync(ct) is { } domain)
            await audit.AddAsync(db, claimId, domain, by, "removed the feedback address", standing.Address, ct);
        await EndAsync(db, standing, "The feedback address was removed.", time.GetUtcNow(), ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    /// <summary>
    /// Whoever holds the mailbox agrees; complaints counted from now on are reported there, and what was held while it was paused goes out.
    /// Null: the link is used, replaced or too old.
    /// </summary>
    public Task<FeedbackAnswer?> ConfirmAsync(string? token, CancellationToken ct) => AnswerAsync(token, "confirmed the feedback address", async (db, standing, now) =>
    {
        if (standing.IsPaused)
            await QueuedReports.ReleaseAsync(db, standing, now, ct);
        standing.Confirm(now);
    }, ct);

    /// <summary>Whoever holds the mailbox did not ask for it; the request ends and cannot be repeated for a while.</summary>
    public Task<FeedbackAnswer?> DeclineAsync(string? token, CancellationToken ct) =>
        AnswerAsync(token, "declined the feedback address", async (db, standing, now) =>
        {
            await QueuedReports.CancelAsync(db, standing.ClaimId, "Whoever holds the mailbox wants no reports.", now, ct);
            standing.DeclinedAt = standing.EndedAt = now;
        }, ct);

    private async Task<FeedbackAnswer?> AnswerAsync(string? token, string what, Func<PostmasterDb, FeedbackAddress, DateTimeOffset, Task> answer, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        // A guess does not keep the counting of complaints waiting.
        if (await links.PeekAsync(db, LinkPurpose.ConfirmFeedbackAddress, token, ct) is null)
            return null;
        await using var transaction = await db.BeginExclusiveAsync(ct);
        if (await links.RedeemAsync(db, LinkPurpose.ConfirmFeedbackAddress, token, ct) is not { } id)
            return null;
        FeedbackAddress? waiting = await db.FeedbackAddresses.FirstOrDefaultAsync(a => a.Id == id && a.EndedAt == null && (a.ConfirmedAt == null || a.PausedAt != null), ct);
        string? domain = waiting is null ? null : await db.Claims.Where(c => c.Id == waiting.ClaimId).Select(c => c.Domain).FirstOrDefaultAsync(ct);
        if (waiting is null || domain is null)
            return null;
        await answer(db, waiting, time.GetUtcNow());
        audit.Add(db, waiting.ClaimId, domain, null, AuditTrail.ByLink, what, waiting.Address);
        await OneTimeLinks.RevokeAsync(db, LinkPurpose.ConfirmFeedbackAddress, waiting.Id, ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        outbox.Wake();
        return new FeedbackAnswer(domain, waiting.Address);
    }

    private async Task<FeedbackRequestResult?> RefusalAsync(PostmasterDb db, Guid claimId, string rateKey, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow(), since = now - Window;
        if (await MailboxAsking.RefusalAsync(db, claimId, rateKey, now, ct) is { } refusal)
            return refusal is AskRefusal.Declined ? FeedbackRequestResult.Declined : FeedbackRequestResult.TooManyToMailbox;
        var ofClaim = await db.FeedbackAddresses.Where(a => a.ClaimId == claimId && a.LastMailAt > since).Select(a => new { a.MailsSent, a.LastMailAt }).ToListAsync(ct);
        return ofClaim.Sum(a => a.MailsSent) >= MostPerClaim || ofClaim.Exists(a => a.LastMailAt > now - Pause) ? FeedbackRequestResult.TooManyOfClaim : null;
    }

    private async Task SendAsync(PostmasterDb db, DomainClaim claim, FeedbackAddress waiting, DateTimeOffset now, CancellationToken ct)
    {
        await OneTimeLinks.RevokeAsync(db, LinkPurpose.ConfirmFeedbackAddress, waiting.Id, ct);
        string token = links.Issue(db, LinkPurpose.ConfirmFeedbackAddress, waiting.Id, LinkLifetime);
        string? requester = await db.Users.Where(u => u.Id == waiting.RequestedBy).Select(u => u.Email).FirstOrDefaultAsync(ct);
        mail.Add(db, claim, waiting, requester, token, now + LinkLifetime);
        waiting.MailsSent++;
        waiting.LastMailAt = now;
        await db.SaveChangesAsync(ct);
    }

    private static async Task EndAsync(PostmasterDb db, FeedbackAddress standing, string why, DateTimeOffset now, CancellationToken ct)
    {
        await QueuedReports.CancelAsync(db, standing.ClaimId, why, now, ct);
        await OneTimeLinks.RevokeAsync(db, LinkPurpose.ConfirmFeedbackAddress, standing.Id, ct);
        standing.EndedAt = now;
        await db.SaveChangesAsync(ct);
    }
}
