using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Reports;

/// <summary>
/// Whether reports go out by mail to the feedback address that a claim names, be it a mailbox or a group; another way may tell of complaints instead. Off means: of
/// complaints, of rescues, once more and to try nothing is mailed there. Webhooks, the digest and the API are not touched, and mail that names the same address
/// (RFC 9477) gets no report either.
/// </summary>
internal sealed class MailSwitch(IDbContextFactory<PostmasterDb> databases, AuditTrail audit, TimeProvider time)
{
    /// <summary>Null: no confirmed address is named, so there is nothing to switch.</summary>
    public async Task<bool?> IsOnAsync(Guid claimId, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await db.FeedbackAddresses.AnyAsync(a => a.ClaimId == claimId && a.EndedAt == null && a.ConfirmedAt != null, ct)
            ? !await db.FeedbackSettings.AnyAsync(s => s.ClaimId == claimId && s.MailOff, ct)
            : null;
    }

    /// <summary>Takes effect at once: what waits when it is switched off is cancelled.</summary>
    public async Task SetAsync(Guid claimId, Guid userId, bool isOn, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        DomainClaim? claim = await db.Claims.AsNoTracking().FirstOrDefaultAsync(c => c.Id == claimId, ct);
        FeedbackSettings? settings = await db.FeedbackSettings.FirstOrDefaultAsync(s => s.ClaimId == claimId, ct);
        if (claim is null || isOn == settings is not { MailOff: true })
            return;
        if (settings is null)
            db.FeedbackSettings.Add(settings = new FeedbackSettings { ClaimId = claimId });
        settings.MailOff = !isOn;
        if (!isOn)
            await QueuedReports.CancelAsync(db, claimId, "Reports by mail were switched off.", time.GetUtcNow(), ct);
        string by = await db.Users.Where(u => u.Id == userId).Select(u => u.Email).FirstOrDefaultAsync(ct) ?? "an account that is gone";
        audit.Add(db, claimId, claim.Domain, userId, by, isOn ? "switched reports by mail on" : "switched reports by mail off");
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }
}
