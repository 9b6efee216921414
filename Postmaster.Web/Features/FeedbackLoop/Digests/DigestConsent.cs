using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Digests;

/// <summary>Whether a mailbox need not be asked for a claim's digest: it has agreed to the claim's reports, and has not left a digest of it since it agreed to one.</summary>
internal static class DigestConsent
{
    public static async Task<bool> IsGivenAsync(PostmasterDb db, Guid claimId, MailAddress address, CancellationToken ct) =>
        MailAddress.TryParse(await AddressAsync(db, claimId, ct), out MailAddress? agreed, out _) && agreed.Equals(address);

    /// <summary>The address that need not be asked; null: each is asked.</summary>
    public static async Task<string?> AddressAsync(PostmasterDb db, Guid claimId, CancellationToken ct)
    {
        var standing = await db.FeedbackAddresses.Where(a => a.ClaimId == claimId && a.EndedAt == null && a.ConfirmedAt != null && a.PausedAt == null && !a.IsGroup)
            .Select(a => new { a.Address, a.RateKey }).FirstOrDefaultAsync(ct);
        if (standing is null)
            return null;
        IQueryable<Digest> before = db.Digests.Where(d => d.ClaimId == claimId && d.RateKey == standing.RateKey);
        // No digest that was confirmed after it was left: nobody has agreed afresh.
        return await before.AnyAsync(d => d.LeftAt != null && !before.Any(later => later.ConfirmedAt > d.LeftAt), ct) ? null : standing.Address;
    }
}
