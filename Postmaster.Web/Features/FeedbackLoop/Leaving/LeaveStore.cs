using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop.Groups;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Leaving;

/// <summary>What a link in a report ends.</summary>
/// <param name="Domains">Whose reports go to the address now, A-labels; empty when none do any more.</param>
public sealed record LeaveView(string Address, IReadOnlyList<string> Domains);

/// <summary>
/// Ends all reports to a mailbox on the word of whoever reads it: every claim that names it has to have it confirmed again. What waits is cancelled, and
/// the owners are told at their accounts' addresses.
/// </summary>
internal sealed class LeaveStore(
    IDbContextFactory<PostmasterDb> databases, NoticeOutbox notices, GroupAnswers groups, AuditTrail audit, OutboxSignal outbox, PortalUrl portal, IOptions<ProviderOptions> provider, TimeProvider time)
{
    private const string Why = "Whoever reads the mailbox wants no more reports.";

    /// <summary>What a link would end, without ending it; null when it is none of ours.</summary>
    public async Task<LeaveView?> PeekAsync(string? token, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await LeaveLinks.AddressAsync(db, token, ct) is { } address ? await ViewAsync(db, address, ct) : null;
    }

    /// <summary>Ends the reports; a second time changes nothing. Null when the link is none of ours.</summary>
    public async Task<LeaveView?> LeaveAsync(string? token, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        // A guess does not keep the counting of complaints waiting.
        if (await LeaveLinks.AddressAsync(db, token, ct) is not { } address)
            return null;
        await using var transaction = await db.BeginExclusiveAsync(ct);
        LeaveView view = await ViewAsync(db, address, ct);
        DateTimeOffset now = time.GetUtcNow();
        foreach (FeedbackAddress standing in await Standing(db, address).ToListAsync(ct))
        {
            standing.Leave(now);
            await OneTimeLinks.RevokeAsync(db, LinkPurpose.ConfirmFeedbackAddress, standing.Id, ct);
            await TellAsync(db, standing, ct);
        }

        await groups.LeaveAllAsync(db, address, now, ct);
        await db.Outbox.Where(m => m.To == address && m.State == OutboxState.Queued && (m.Kind == OutboxKind.FeedbackReport || m.Kind == OutboxKind.NotSpamReport || m.Kind == OutboxKind.TestReport))
            .ExecuteUpdateAsync(set => set.SetProperty(m => m.State, OutboxState.Cancelled).SetProperty(m => m.LastAnswer, Why).SetProperty(m => m.EndedAt, now), ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        outbox.Wake();
        return view;
    }

    private async Task TellAsync(PostmasterDb db, FeedbackAddress left, CancellationToken ct)
    {
        if (await db.Claims.IgnoreQueryFilters().Where(c => c.Id == left.ClaimId).Select(c => c.Domain).FirstOrDefaultAsync(ct) is not { } domain)
            return;
        audit.Add(db, left.ClaimId, domain, null, AuditTrail.ByLink, "ended the reports to the feedback address", left.Address);
        string shown = ClaimNotices.Shown(domain);
        foreach (string owner in await OwnerContacts.OfAsync(db, left.ClaimId, left.Address, ct))
        {
            notices.Add(db, owner, new NoticeContent($"No more reports about {shown} go to {left.Address}", $"""
                Somebody who reads {left.Address} has used the link in a complaint report to end all reports to it.
                Complaints about {shown} are counted as before, but nobody is told of them by mail.

                If reports shall go there again, have the address confirmed once more, or name another one:
                {portal.To($"/domains/{domain}/feedback")}

                {provider.Value.Name}

                """));
        }
    }

    private static async Task<LeaveView> ViewAsync(PostmasterDb db, string address, CancellationToken ct) => new(address, await (
        from standing in Standing(db, address)
        join claim in db.Claims on standing.ClaimId equals claim.Id
        orderby claim.Domain
        select claim.Domain).Distinct().ToListAsync(ct));

    private static IQueryable<FeedbackAddress> Standing(PostmasterDb db, string address) =>
        db.FeedbackAddresses.Where(a => a.Address == address && a.EndedAt == null && a.ConfirmedAt != null);
}
