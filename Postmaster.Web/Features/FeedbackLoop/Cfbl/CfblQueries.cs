using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Cfbl;

/// <summary>One invitation in a message that was complained about, for an owner.</summary>
/// <param name="Address">Outside text; null when it could not be read, or its reader wants to be forgotten.</param>
/// <param name="Outcome">What became of it; null when the address lies outside of the owner's domain, because that is its own owner's affair.</param>
public sealed record CfblInvitationRow(Guid ComplaintId, DateTimeOffset PressedAt, string? Subject, CfblSource Source, string? Address, bool Qualifies, string Reason, string Section, string? Outcome);

/// <summary>What whoever holds a link sees.</summary>
/// <param name="Address">Null once refused.</param>
public sealed record CfblLinkView(string? Address, string Domain, int Total, DateTimeOffset? ConfirmedAt, DateTimeOffset? RefusedAt, bool IsPaused);

/// <summary>An address for operators.</summary>
/// <param name="PauseAnswer">Outside text.</param>
public sealed record CfblContactRow(
    Guid Id, string Masked, DateTimeOffset FirstAt, DateTimeOffset LastAt, int Today, int Total, DateTimeOffset? ConfirmedAt, DateTimeOffset? RefusedAt, DateTimeOffset? BlockedAt,
    DateTimeOffset? PausedAt, string? PauseAnswer);

/// <param name="Today">Reports made this UTC day.</param>
public sealed record CfblSummary(int Today, int Addresses, int Confirmed, int Refused, int Stopped);

/// <summary>What pages show of invitations. Who may ask for a domain is decided before.</summary>
internal sealed class CfblQueries(IDbContextFactory<PostmasterDb> databases, CfblLinks links, IOptions<CfblOptions> options, TimeProvider time)
{
    /// <summary>How far back a page looks for what was kept back.</summary>
    public static readonly TimeSpan KeptBackDays = TimeSpan.FromDays(30);

    private const int MaxRows = 100;

    private static readonly CfblFate[] Limits = [CfblFate.AllowanceUsed, CfblFate.AddressLimit, CfblFate.DomainLimit, CfblFate.DayLimit];

    public CfblOptions Options => options.Value;

    /// <summary>The invitations in the latest complaints about a domain, newest first.</summary>
    public Task<IReadOnlyList<CfblInvitationRow>> LatestAsync(string domain, int take, CancellationToken ct) => RowsAsync(domain, null, take, ct);

    /// <summary>Those of one complaint, in the order in which they stand in the message.</summary>
    public Task<IReadOnlyList<CfblInvitationRow>> OfComplaintAsync(string domain, Guid complaintId, CancellationToken ct) => RowsAsync(domain, complaintId, MaxRows, ct);

    /// <summary>Reports about a domain that a limit kept back, by limit, and how many of them wait; those to addresses outside of the domain are their own owners' affair. Empty when none was.</summary>
    public async Task<IReadOnlyList<(CfblFate Limit, int Count, int Waiting)>> KeptBackAsync(string domain, CancellationToken ct)
    {
        DateTimeOffset since = time.GetUtcNow() - KeptBackDays;
        string below = "." + domain;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        var found = await (
            from complaint in db.Complaints
            where complaint.Domain == domain && complaint.PressedAt >= since
            join invitation in db.CfblInvitations on complaint.KeptId equals invitation.KeptId
            where Limits.Contains(invitation.Fate) && (invitation.AddressDomain == domain || invitation.AddressDomain.EndsWith(below))
            from mail in db.Outbox.Where(m => m.Id == invitation.OutboxId && m.State == OutboxState.Queued).DefaultIfEmpty()
            group mail == null ? 0 : 1 by invitation.Fate into limit
            select new { limit.Key, Count = limit.Count(), Waiting = limit.Sum() }).ToListAsync(ct);
        return [.. found.Select(f => (f.Key, f.Count, f.Waiting)).OrderBy(f => f.Key)];
    }

    /// <summary>Null when the link is none.</summary>
    public async Task<CfblLinkView?> PeekAsync(string? token, CancellationToken ct)
    {
        if (await links.ReadAsync(token, ct) is not { } id)
            return null;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await db.CfblContacts.Where(c => c.Id == id)
            .Select(c => new CfblLinkView(c.Address, c.Domain, c.Total, c.ConfirmedAt, c.RefusedAt, c.PausedAt != null)).FirstOrDefaultAsync(ct);
    }

    public async Task<CfblSummary> SummaryAsync(CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return new CfblSummary(
            await db.CfblContacts.Where(c => c.Day == today).SumAsync(c => c.OnDay, ct),
            await db.CfblContacts.CountAsync(ct),
            await db.CfblContacts.CountAsync(c => c.ConfirmedAt != null && c.RefusedAt == null, ct),
            await db.CfblContacts.CountAsync(c => c.RefusedAt != null, ct),
            await db.CfblContacts.CountAsync(c => c.RefusedAt == null && (c.BlockedAt != null || c.PausedAt != null), ct));
    }

    /// <summary>The addresses that were written to, the latest first.</summary>
    /// <param name="page">Counted from 1.</param>
    public async Task<ListPage<CfblContactRow>> ListAsync(int page, int pageSize, CancellationToken ct)
    {
        int size = Math.Clamp(pageSize, 1, MaxRows), number = Math.Max(1, page);
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        int total = await db.CfblContacts.CountAsync(ct);
        List<CfblContact> rows = await db.CfblContacts.AsNoTracking().OrderByDescending(c => c.LastAt).ThenBy(c => c.Id).Skip((number - 1) * size).Take(size).ToListAsync(ct);
        return new ListPage<CfblContactRow>(
            [.. rows.Select(c => new CfblContactRow(
                c.Id, MailAddress.TryParse(c.Address, out MailAddress? address, out _) ? address.Masked : $"***@{c.Domain}", c.FirstAt, c.LastAt, c.CountOn(today), c.Total,
                c.ConfirmedAt, c.RefusedAt, c.BlockedAt, c.PausedAt, c.PauseAnswer))],
            number, size, total);
    }

    private async Task<IReadOnlyList<CfblInvitationRow>> RowsAsync(string domain, Guid? complaintId, int take, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        IQueryable<Complaint> complaints = db.Complaints.Where(c => c.Domain == domain);
        if (complaintId is { } id)
            complaints = complaints.Where(c => c.Id == id);
        var rows = await (
            from complaint in complaints
            join invitation in db.CfblInvitations on complaint.KeptId equals invitation.KeptId
            orderby complaint.PressedAt descending, complaint.Id, invitation.Number
            select new { complaint.Id, complaint.PressedAt, complaint.Subject, Invitation = invitation }).AsNoTracking().Take(Math.Clamp(take, 1, MaxRows)).ToListAsync(ct);
        var own = DomainName.Parse(domain);
        return [.. rows.Select(r => new CfblInvitationRow(
            r.Id, r.PressedAt, r.Subject, r.Invitation.Source, r.Invitation.Address, r.Invitation.Qualifies, r.Invitation.Reason, r.Invitation.Section, Outcome(own, r.Invitation)))];
    }

    private static string? Outcome(DomainName own, CfblInvitation invitation)
    {
        bool open = !invitation.Qualifies || invitation.Fate is CfblFate.Off or CfblFate.Open || (DomainName.TryParse(invitation.AddressDomain, out DomainName? at, out _) && at.IsEqualOrSubdomainOf(own));
        return open ? CfblWords.Of(invitation.Fate) : null;
    }
}
