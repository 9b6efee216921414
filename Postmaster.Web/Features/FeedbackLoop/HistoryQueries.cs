using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>One change. <paramref name="Detail"/> may hold outside text.</summary>
public sealed record HistoryRow(DateTimeOffset At, string Domain, string By, string What, string? Detail);

/// <summary>The trail of who changed what. The caller has checked that the visitor may see it.</summary>
public sealed class HistoryQueries(IDbContextFactory<PostmasterDb> databases)
{
    private const int MaxPage = 10_000;

    /// <summary>Of one claim, newest first.</summary>
    public Task<ListPage<HistoryRow>> OfClaimAsync(Guid claimId, int page, int size, CancellationToken ct) =>
        PageAsync(entries => entries.Where(a => a.ClaimId == claimId), page, size, ct);

    /// <summary>For operators: of all claims, removed ones too, newest first.</summary>
    /// <param name="domain">As a person writes it; null or empty: of every domain.</param>
    public Task<ListPage<HistoryRow>> AllAsync(string? domain, int page, int size, CancellationToken ct)
    {
        string wanted = domain?.Trim() ?? "";
        string name = DomainName.TryParse(wanted, out DomainName? parsed, out _) ? parsed.Ascii : wanted.ToLowerInvariant();
        return PageAsync(entries => name.Length == 0 ? entries : entries.Where(a => a.Domain == name), page, size, ct);
    }

    private async Task<ListPage<HistoryRow>> PageAsync(Func<IQueryable<AuditEntry>, IQueryable<AuditEntry>> which, int page, int size, CancellationToken ct)
    {
        int number = Math.Clamp(page, 1, MaxPage);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        IQueryable<AuditEntry> entries = which(db.AuditEntries.AsNoTracking());
        int total = await entries.CountAsync(ct);
        List<HistoryRow> rows = await entries.OrderByDescending(a => a.At).ThenByDescending(a => a.Id).Skip((number - 1) * size).Take(size)
            .Select(a => new HistoryRow(a.At, a.Domain, a.By, a.What, a.Detail)).ToListAsync(ct);
        return new ListPage<HistoryRow>(rows, number, size, total);
    }
}
