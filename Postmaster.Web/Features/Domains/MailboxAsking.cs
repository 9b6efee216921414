using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains;

/// <summary>Why a mailbox is not asked now.</summary>
internal enum AskRefusal
{
    /// <summary>Whoever holds it has refused this claim lately.</summary>
    Declined,

    /// <summary>It has been asked as often as it may be, by whatever claim and for whatever.</summary>
    TooMany,
}

/// <summary>
/// Whether a mailbox may be sent one more mail that asks it to agree: to be a feedback address, to get a digest, to join a group. The mailbox is one, so all of them
/// count together, and one refusal holds for all.
/// </summary>
internal static class MailboxAsking
{
    /// <param name="rateKey">See <see cref="MailboxRate"/>.</param>
    public static async Task<AskRefusal?> RefusalAsync(PostmasterDb db, Guid claimId, string rateKey, DateTimeOffset now, CancellationToken ct)
    {
        DateTimeOffset since = now - FeedbackAddressStore.Window, refusedSince = now - FeedbackAddressStore.DeclineHolds;
        List<Asked> asked = await db.FeedbackAddresses
            .Where(a => a.RateKey == rateKey && (a.LastMailAt > since || a.DeclinedAt > refusedSince))
            .Select(a => new Asked(a.ClaimId, a.MailsSent, a.LastMailAt, a.DeclinedAt, null)).ToListAsync(ct);
        asked.AddRange(await db.Digests
            .Where(d => d.RateKey == rateKey && (d.LastMailAt > since || d.DeclinedAt > refusedSince))
            .Select(d => new Asked(d.ClaimId, d.MailsSent, d.LastMailAt, d.DeclinedAt, null)).ToListAsync(ct));
        asked.AddRange(await (
            from member in db.GroupMembers
            where member.RateKey == rateKey && (member.LastMailAt > since || member.DeclinedAt > refusedSince || member.LeftAt > refusedSince)
            join g in db.FeedbackGroups on member.GroupId equals g.Id
            select new Asked(g.ClaimId, member.MailsSent, member.LastMailAt, member.DeclinedAt, member.LeftAt)).ToListAsync(ct));
        if (asked.Exists(a => a.ClaimId == claimId && a.DeclinedAt > refusedSince))
            return AskRefusal.Declined;
        // Who has said no is asked once a day at most, by all together.
        int most = asked.Exists(a => a.DeclinedAt > refusedSince || a.LeftAt > refusedSince) ? 1 : FeedbackAddressStore.MostPerMailbox;
        return asked.Where(a => a.LastMailAt > since).Sum(a => a.Mails) >= most ? AskRefusal.TooMany : null;
    }

    private sealed record Asked(Guid ClaimId, int Mails, DateTimeOffset? LastMailAt, DateTimeOffset? DeclinedAt, DateTimeOffset? LeftAt);
}
