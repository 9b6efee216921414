using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop.Leaving;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Digests;

/// <summary>What became of asking for a digest.</summary>
public enum DigestRequest
{
    /// <summary>The address is confirmed: it begins.</summary>
    Begins,

    /// <summary>The mail with the link is on its way.</summary>
    Sent,
    BadAddress,
    NotAscii,

    /// <summary>At the portal's own domain.</summary>
    WouldLoop,
    NotInForce,

    /// <summary>Too many confirmation mails to this mailbox, or of this domain; later.</summary>
    TooMany,

    /// <summary>Whoever holds the mailbox said "this was not me" lately.</summary>
    Declined,
}

/// <summary>
/// Names, confirms and ends the address of a claim's daily digest. The rules are those of the feedback address: until whoever holds the mailbox has
/// agreed, it gets nothing but the mail with the link. Where it has agreed to the claim's reports, it need not be asked again.
/// </summary>
internal sealed class DigestStore(
    IDbContextFactory<PostmasterDb> databases, OneTimeLinks links, DigestConfirmation mail, AuditTrail audit, LeaveStore leaving, LeaveNotices notices,
    OutboxSignal outbox, IOptions<ProviderOptions> provider, TimeProvider time)
{
    public static readonly TimeSpan LinkLifetime = FeedbackAddressStore.LinkLifetime;

    /// <summary>The hour of the UTC day at which a digest leaves unless its owner chose another.</summary>
    public const int UsualHour = 6;

    public async Task<DigestRequest> RequestAsync(Guid claimId, Guid userId, string? text, int hour, bool alsoEmpty, CancellationToken ct)
    {
        if (Judge(text, out MailAddress? address) is { } wrong)
            return wrong;
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        DomainClaim? claim = await db.Claims.AsNoTracking().FirstOrDefaultAsync(c => c.Id == claimId, ct);
        if (claim is not { IsInForce: true })
            return DigestRequest.NotInForce;
        int at = Math.Clamp(hour, 0, 23);
        Digest? standing = await db.Digests.FirstOrDefaultAsync(d => d.ClaimId == claimId && d.EndedAt == null, ct);
        bool same = standing is not null && string.Equals(standing.Address, address!.ToString(), StringComparison.Ordinal);
        // A pause ends when the mailbox itself is proved again, not when an owner saves the form.
        bool agreed = same && standing!.ConfirmedAt is not null ? !standing.IsPaused : await DigestConsent.IsGivenAsync(db, claimId, address!, ct);
        if (!agreed && await RefusalAsync(db, claimId, MailboxRate.KeyOf(address!), now, ct) is { } refusal)
            return refusal;
        if (!same)
        {
            if (standing is not null)
                await EndAsync(db, standing, now, ct);
            standing = new Digest
            {
                ClaimId = claimId, Address = address!.ToString(), RequestedBy = userId, RequestedAt = now, Hour = at, NextAt = DigestHours.Next(now, at), RateKey = MailboxRate.KeyOf(address),
            };
            db.Digests.Add(standing);
        }

        if (standing!.Hour != at)
            (standing.Hour, standing.NextAt) = (at, DigestHours.Next(now, at));
        standing.AlsoEmpty = alsoEmpty;
        if (agreed)
            standing.Confirm(now);
        else
            await SendAsync(db, claim, standing, now, ct);
        await TellAsync(db, claim, userId, same ? "changed the daily digest" : "asked for a daily digest", $"{standing.Address}, {standing.Hour:00}:00 UTC{(alsoEmpty ? ", also without complaints" : "")}", ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        outbox.Wake();
        return agreed ? DigestRequest.Begins : DigestRequest.Sent;
    }

    /// <returns>False when there was none.</returns>
    public async Task<bool> RemoveAsync(Guid claimId, Guid userId, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        Digest? standing = await db.Digests.FirstOrDefaultAsync(d => d.ClaimId == claimId && d.EndedAt == null, ct);
        DomainClaim? claim = await db.Claims.AsNoTracking().FirstOrDefaultAsync(c => c.Id == claimId, ct);
        if (standing is null || claim is null)
            return false;
        await EndAsync(db, standing, time.GetUtcNow(), ct);
        await TellAsync(db, claim, userId, "ended the daily digest", standing.Address, ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    /// <summary>Whoever holds the mailbox agrees. Null: the link is used, replaced or too old.</summary>
    public Task<FeedbackAnswer?> ConfirmAsync(string? token, CancellationToken ct) => AnswerAsync(token, "agreed to the daily digest", (digest, now) =>
    {
        digest.Confirm(now);
        digest.NextAt = DigestHours.Next(now, digest.Hour);
    }, ct);

    /// <summary>Whoever holds the mailbox did not ask for it; it cannot be asked again for a while.</summary>
    public Task<FeedbackAnswer?> DeclineAsync(string? token, CancellationToken ct) =>
        AnswerAsync(token, "refused the daily digest", (digest, now) => digest.DeclinedAt = digest.EndedAt = now, ct);

    /// <summary>By the link in every digest: at once, for whoever holds it; other mails to the mailbox go on. False when it had ended before.</summary>
    public async Task<bool> LeaveAsync(Guid id, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        Digest? standing = await db.Digests.FirstOrDefaultAsync(d => d.Id == id && d.EndedAt == null, ct);
        DomainClaim? claim = standing is null ? null : await db.Claims.AsNoTracking().IgnoreQueryFilters().FirstOrDefaultAsync(c => c.Id == standing.ClaimId, ct);
        if (standing is null || claim is null)
            return false;
        DateTimeOffset now = time.GetUtcNow();
        await EndAsync(db, standing, now, ct);
        standing.LeftAt = now;
        audit.Add(db, claim.Id, claim.Domain, null, AuditTrail.ByLink, "left the daily digest", standing.Address);
        await notices.AddAsync(db, [new EndedContact(claim.Id, claim.Domain, "daily digest")], standing.Address, ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        outbox.Wake();
        return true;
    }

    /// <summary>By the same link: all that goes to the mailbox because of complaints, also when the digest had ended before.</summary>
    public async Task LeaveAllAsync(Guid id, CancellationToken ct)
    {
        if (await AddressAsync(id, ct) is { } address)
            await leaving.LeaveAddressAsync(address, ct);
    }

    /// <summary>What <see cref="LeaveAllAsync"/> would end; null when there is no such digest.</summary>
    public async Task<LeaveView?> PeekAllAsync(Guid id, CancellationToken ct) => await AddressAsync(id, ct) is { } address ? await leaving.PeekAddressAsync(address, ct) : null;

    private async Task<string?> AddressAsync(Guid id, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await db.Digests.Where(d => d.Id == id && d.ConfirmedAt != null).Select(d => d.Address).FirstOrDefaultAsync(ct);
    }

    private async Task<FeedbackAnswer?> AnswerAsync(string? token, string what, Action<Digest, DateTimeOffset> answer, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        // A guess does not keep the counting of complaints waiting.
        if (await links.PeekAsync(db, LinkPurpose.ConfirmDigest, token, ct) is null)
            return null;
        await using var transaction = await db.BeginExclusiveAsync(ct);
        if (await links.RedeemAsync(db, LinkPurpose.ConfirmDigest, token, ct) is not { } id)
            return null;
        Digest? waiting = await db.Digests.FirstOrDefaultAsync(d => d.Id == id && d.EndedAt == null && (d.ConfirmedAt == null || d.PausedAt != null), ct);
        string? domain = waiting is null ? null : await db.Claims.Where(c => c.Id == waiting.ClaimId).Select(c => c.Domain).FirstOrDefaultAsync(ct);
        if (waiting is null || domain is null)
            return null;
        answer(waiting, time.GetUtcNow());
        await OneTimeLinks.RevokeAsync(db, LinkPurpose.ConfirmDigest, waiting.Id, ct);
        audit.Add(db, waiting.ClaimId, domain, null, AuditTrail.ByLink, what, waiting.Address);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        outbox.Wake();
        return new FeedbackAnswer(domain, waiting.Address);
    }

    private static async Task<DigestRequest?> RefusalAsync(PostmasterDb db, Guid claimId, string rateKey, DateTimeOffset now, CancellationToken ct)
    {
        DateTimeOffset since = now - FeedbackAddressStore.Window, moment = now - FeedbackAddressStore.Pause;
        if (await MailboxAsking.RefusalAsync(db, claimId, rateKey, now, ct) is { } refusal)
            return refusal is AskRefusal.Declined ? DigestRequest.Declined : DigestRequest.TooMany;
        int ofClaim = await db.Digests.Where(d => d.ClaimId == claimId && d.LastMailAt > since).SumAsync(d => d.MailsSent, ct);
        bool tooSoon = await db.Digests.AnyAsync(d => d.ClaimId == claimId && d.LastMailAt > moment, ct);
        return ofClaim >= FeedbackAddressStore.MostPerClaim || tooSoon ? DigestRequest.TooMany : null;
    }

    private async Task SendAsync(PostmasterDb db, DomainClaim claim, Digest waiting, DateTimeOffset now, CancellationToken ct)
    {
        await OneTimeLinks.RevokeAsync(db, LinkPurpose.ConfirmDigest, waiting.Id, ct);
        string token = links.Issue(db, LinkPurpose.ConfirmDigest, waiting.Id, LinkLifetime);
        string? requester = await db.Users.Where(u => u.Id == waiting.RequestedBy).Select(u => u.Email).FirstOrDefaultAsync(ct);
        mail.Add(db, claim, waiting, requester, token, now + LinkLifetime);
        waiting.MailsSent++;
        waiting.LastMailAt = now;
    }

    /// <summary>A digest that waits in the outbox is cancelled when it is made: nobody wants it any more.</summary>
    private static async Task EndAsync(PostmasterDb db, Digest standing, DateTimeOffset now, CancellationToken ct)
    {
        await OneTimeLinks.RevokeAsync(db, LinkPurpose.ConfirmDigest, standing.Id, ct);
        standing.EndedAt = now;
        await db.SaveChangesAsync(ct);
    }

    private async Task TellAsync(PostmasterDb db, DomainClaim claim, Guid userId, string what, string detail, CancellationToken ct) => audit.Add(
        db, claim.Id, claim.Domain, userId, await db.Users.Where(u => u.Id == userId).Select(u => u.Email).FirstOrDefaultAsync(ct) ?? "an account that is gone", what, detail);

    private DigestRequest? Judge(string? text, out MailAddress? address)
    {
        if (!MailAddress.TryParse(text?.Trim(), out address, out _) || address.Domain.LabelCount < 2)
            return DigestRequest.BadAddress;
        if (!Ascii.IsValid(address.LocalPart))
            return DigestRequest.NotAscii;
        return DomainName.TryParse(provider.Value.Domain, out DomainName? own, out _) && address.Domain.IsEqualOrSubdomainOf(own) ? DigestRequest.WouldLoop : null;
    }
}
