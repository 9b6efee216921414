using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop.Cfbl;
using Postmaster.Web.Features.FeedbackLoop.Groups;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Leaving;

/// <summary>All that the portal sends to a mailbox because of complaints, by the domains that it is about (A-labels).</summary>
/// <param name="Reports">Each complaint, to a feedback address.</param>
/// <param name="Groups">Each complaint, as a member of a group.</param>
/// <param name="Invited">Each complaint about mail that names the address itself (RFC 9477).</param>
public sealed record LeaveView(string Address, IReadOnlyList<string> Reports, IReadOnlyList<string> Groups, IReadOnlyList<string> Digests, bool Invited)
{
    public bool IsNothing => Reports.Count + Groups.Count + Digests.Count == 0 && !Invited;
}

/// <summary>
/// Ends everything that goes to a mailbox because of complaints, on the word of whoever reads it, whichever mail's link was used: reports for every domain that
/// names it, memberships of groups, daily digests, and reports that mail itself asks for. Nothing of it comes back without the mailbox agreeing afresh. What
/// waits is cancelled, the trail names each thing that ended, and the owners are told at their accounts' addresses.
/// </summary>
internal sealed class LeaveStore(
    IDbContextFactory<PostmasterDb> databases, LeaveNotices notices, GroupAnswers groups, CfblRefusals refusals, AuditTrail audit, OutboxSignal outbox, TimeProvider time)
{
    private const string Why = "Whoever reads the mailbox wants no more of these mails.";

    /// <summary>What a report's link would end, without ending it; null when it is none of ours.</summary>
    public async Task<LeaveView?> PeekAsync(string? token, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await LeaveLinks.AddressAsync(db, token, ct) is { } address ? await ViewAsync(db, address, ct) : null;
    }

    /// <summary>The same for another mail's link, which the caller has read.</summary>
    public async Task<LeaveView> PeekAddressAsync(string address, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await ViewAsync(db, address, ct);
    }

    /// <summary>Ends it all by a report's link; a second time changes nothing. What has ended; null when the link is none of ours.</summary>
    public async Task<LeaveView?> LeaveAsync(string? token, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        // A guess does not keep the counting of complaints waiting.
        return await LeaveLinks.AddressAsync(db, token, ct) is { } address ? await LeaveAddressAsync(address, ct) : null;
    }

    /// <summary>The same for another mail's link, which the caller has found to be ours.</summary>
    public async Task<LeaveView> LeaveAddressAsync(string address, CancellationToken ct)
    {
        byte[]? mailbox = MailAddress.TryParse(address, out MailAddress? parsed, out _) ? await refusals.KeyAsync(parsed, ct) : null;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        LeaveView view = await ViewAsync(db, address, ct);
        DateTimeOffset now = time.GetUtcNow();
        var ended = new List<EndedContact>();
        foreach (FeedbackAddress standing in await Standing(db, address).ToListAsync(ct))
        {
            standing.Leave(now);
            await OneTimeLinks.RevokeAsync(db, LinkPurpose.ConfirmFeedbackAddress, standing.Id, ct);
            ended.Add(await EndedAsync(db, standing.ClaimId, "reports", "ended the reports to the feedback address", address, ct));
        }

        foreach (Digest standing in await StandingDigests(db, address).ToListAsync(ct))
        {
            standing.EndedAt = standing.LeftAt = now;
            await OneTimeLinks.RevokeAsync(db, LinkPurpose.ConfirmDigest, standing.Id, ct);
            ended.Add(await EndedAsync(db, standing.ClaimId, "daily digest", "left the daily digest", address, ct));
        }

        await notices.AddAsync(db, ended, address, ct);
        await groups.LeaveAllAsync(db, address, now, ct);
        if (mailbox is not null)
            await refusals.AddAsync(db, mailbox, parsed!, now, ct);
        await CancelAsync(db, address, now, ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        outbox.Wake();
        return view;
    }

    private async Task<EndedContact> EndedAsync(PostmasterDb db, Guid claimId, string what, string trail, string address, CancellationToken ct)
    {
        string domain = await db.Claims.IgnoreQueryFilters().Where(c => c.Id == claimId).Select(c => c.Domain).FirstOrDefaultAsync(ct) ?? "";
        audit.Add(db, claimId, domain, null, AuditTrail.ByLink, trail, address);
        return new EndedContact(claimId, domain, what);
    }

    private static Task<int> CancelAsync(PostmasterDb db, string address, DateTimeOffset now, CancellationToken ct) => db.Outbox
        .Where(m => m.To == address && m.State == OutboxState.Queued && m.Kind != OutboxKind.Notice)
        .ExecuteUpdateAsync(set => set.SetProperty(m => m.State, OutboxState.Cancelled).SetProperty(m => m.LastAnswer, Why).SetProperty(m => m.EndedAt, now), ct);

    private static async Task<LeaveView> ViewAsync(PostmasterDb db, string address, CancellationToken ct) => new(
        address,
        await DomainsAsync(db, Standing(db, address).Select(a => a.ClaimId), ct),
        await DomainsAsync(db, db.GroupMembers.Where(m => m.Address == address && m.EndedAt == null && m.ConfirmedAt != null).Join(db.FeedbackGroups, m => m.GroupId, g => g.Id, (_, g) => g.ClaimId), ct),
        await DomainsAsync(db, StandingDigests(db, address).Select(d => d.ClaimId), ct),
        await db.CfblContacts.AnyAsync(c => c.Address == address && c.RefusedAt == null && c.BlockedAt == null, ct));

    private static async Task<IReadOnlyList<string>> DomainsAsync(PostmasterDb db, IQueryable<Guid> claims, CancellationToken ct) =>
        await db.Claims.Where(c => claims.Contains(c.Id)).Select(c => c.Domain).Distinct().OrderBy(d => d).ToListAsync(ct);

    private static IQueryable<FeedbackAddress> Standing(PostmasterDb db, string address) =>
        db.FeedbackAddresses.Where(a => a.Address == address && a.EndedAt == null && a.ConfirmedAt != null);

    private static IQueryable<Digest> StandingDigests(PostmasterDb db, string address) =>
        db.Digests.Where(d => d.Address == address && d.EndedAt == null && d.ConfirmedAt != null);
}
