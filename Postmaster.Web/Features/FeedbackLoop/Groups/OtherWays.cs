using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Groups;

/// <summary>
/// Which members get the same message's report by another domain of the same owner, as its feedback address or in its group: one mailbox gets one mail. Domains of
/// different owners do not learn of each other, so a member of both has both reports.
/// </summary>
internal static class OtherWays
{
    public const string Words = "This mailbox gets the report of the same message for another domain of the same owner.";

    /// <returns>Addresses of members; most reports have none.</returns>
    public static async Task<HashSet<string>> FindAsync(PostmasterDb db, OutboxMessage row, FeedbackGroup group, CancellationToken ct)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        if (row.KeptId is null || row.IsReplay)
            return found;
        Guid ours = group.ClaimId;
        var others = await (
            from mail in db.Outbox
            where mail.KeptId == row.KeptId && mail.Id != row.Id && mail.Kind == row.Kind && !mail.IsReplay && mail.State != OutboxState.Cancelled
            join told in db.ReportDeliveries on mail.Id equals told.OutboxId
            join address in db.FeedbackAddresses on told.FeedbackAddressId equals address.Id
            where db.Claims.Any(c => c.Id == address.ClaimId && db.Claims.Any(own => own.Id == ours && own.OwnerId == c.OwnerId))
            select new { mail.To, address.Id, address.IsGroup }).Distinct().ToListAsync(ct);
        foreach (var other in others)
        {
            if (!other.IsGroup)
                found.Add(other.To);
            // Of two groups one has to be the one that tells: both workers see it alike.
            else if (string.CompareOrdinal(other.To, row.To) < 0)
                found.UnionWith(await db.GroupMembers
                    .Where(m => m.EndedAt == null && m.ConfirmedAt != null && m.PausedAt == null && db.FeedbackGroups.Any(g => g.Id == m.GroupId && g.FeedbackAddressId == other.Id))
                    .Select(m => m.Address).ToListAsync(ct));
        }

        return found;
    }
}
