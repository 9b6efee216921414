using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop.Bounces;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Digests;

/// <summary>
/// When no digest is made any more: by the rules for a feedback address. The owners' other contact is told once, and the digest after the pause tells of all
/// that those which came back would have told.
/// </summary>
internal sealed class DigestPause(
    AddressPause rule, NoticeOutbox notices, AuditTrail audit, PortalUrl portal, IOptions<ProviderOptions> provider, ILogger<DigestPause> log)
{
    /// <summary>True when the digest was paused. Runs in the caller's exclusive transaction, before it saves.</summary>
    /// <param name="mail">The digest that failed.</param>
    /// <param name="latest">Not yet saved.</param>
    public async Task<bool> ConsiderAsync(PostmasterDb db, OutboxMessage mail, Bounce latest, DateTimeOffset now, CancellationToken ct)
    {
        Digest? digest = await db.Digests.FirstOrDefaultAsync(
            d => d.EndedAt == null && d.ConfirmedAt != null && d.PausedAt == null && db.DigestDays.Any(day => day.DigestId == d.Id && day.OutboxId == mail.Id), ct);
        if (digest is null)
            return false;
        DateTimeOffset since = rule.Since(now), proved = digest.ResumedAt ?? digest.ConfirmedAt!.Value;
        List<Bounce> failures = await db.Bounces.AsNoTracking().Where(b => b.To == mail.To && b.Counts && b.ReceivedAt >= since && b.Id != latest.Id).ToListAsync(ct);
        failures.Add(latest);
        // What was sent before the last proof says nothing about the address as it is now.
        failures.RemoveAll(b => b.SentAt < proved);
        if (!rule.IsEnough(failures))
            return false;
        List<Guid> failed = [.. failures.Select(b => b.OutboxId).OfType<Guid>(), mail.Id];
        DateTimeOffset untold = await db.DigestDays
            .Where(d => d.DigestId == digest.Id && (failed.Contains(d.OutboxId) || db.Outbox.Any(m => m.Id == d.OutboxId && m.State == OutboxState.Queued))).MinAsync(d => d.Since, ct);
        digest.Pause(now, latest.Answer, untold);
        log.DigestPaused(digest.Id, MailAddress.TryParse(digest.Address, out MailAddress? parsed, out _) ? parsed.Masked : "?");
        await TellAsync(db, digest, ct);
        return true;
    }

    private async Task TellAsync(PostmasterDb db, Digest digest, CancellationToken ct)
    {
        if (await db.Claims.Where(c => c.Id == digest.ClaimId).Select(c => c.Domain).FirstOrDefaultAsync(ct) is not { } domain)
            return;
        audit.Add(db, digest.ClaimId, domain, null, AuditTrail.ByPortal, "paused the daily digest", $"{digest.Address}: {digest.PauseAnswer}");
        string shown = ClaimNotices.Shown(domain);
        var content = new NoticeContent($"The daily digest about {shown} is paused", $"""
            Daily digests about {shown} to {digest.Address} come back. Its mail server answered:
            {digest.PauseAnswer}

            No more are sent there for now. Complaints are counted as before, and the first digest after the pause tells of those that did not arrive.

            When the address works again, save the digest once more and have its mail confirmed, or name another address:
            {portal.To($"/domains/{domain}/feedback/digest")}

            {provider.Value.Name}

            """);
        foreach (string owner in await OwnerContacts.OfAsync(db, digest.ClaimId, digest.Address, ct))
            notices.Add(db, owner, content);
    }
}
