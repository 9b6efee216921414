using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Digests;

/// <summary>What a digest tells.</summary>
/// <param name="Before">Complaints in the same span of time before.</param>
/// <param name="Streams">By List-Id, else Feedback-ID; the largest first.</param>
/// <param name="Records">The newest first, up to <see cref="DigestContent.MaxRows"/>.</param>
internal sealed record DigestFacts(
    string Domain, DateTimeOffset Since, DateTimeOffset Until, int Complaints, int Before, IReadOnlyList<(string Name, int Count)> Streams,
    IReadOnlyList<(string Name, int Count)> Types, IReadOnlyList<ReportRecord> Records);

/// <summary>Makes the mail of a digest at the moment of sending, from what holds at that moment.</summary>
internal sealed class DigestContent(
    IDbContextFactory<PostmasterDb> databases, ReportRecords records, DigestLeaving leaving, PortalUrl portal, IOptions<ProviderOptions> provider,
    IOptions<ReportsOptions> reports, TimeProvider time)
{
    /// <summary>Complaints in the attached table; the text says when there are more.</summary>
    public const int MaxRows = 5000;

    /// <summary>Streams that are named.</summary>
    private const int MaxStreams = 10;

    /// <summary>Complaints may be counted long after the button was pressed: a mail server's spool brings them late.</summary>
    private static readonly TimeSpan Latest = TimeSpan.FromDays(62);

    /// <summary>The complaints of a domain that were counted in a span of time; the end is not part of it.</summary>
    public static IQueryable<Complaint> Counted(PostmasterDb db, string domain, DateTimeOffset since, DateTimeOffset until)
    {
        DateTimeOffset pressed = since - Latest;
        return db.Complaints.AsNoTracking().Where(c => c.Domain == domain && c.PressedAt >= pressed
            && db.KeptComplaints.Any(k => k.Id == c.KeptId && k.EndedAt >= since && k.EndedAt < until));
    }

    public async Task<OutboxWork> MakeAsync(OutboxMessage row, MailAddress sender, MailAddress to, DkimSigner dkim, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        DigestDay? day = await db.DigestDays.AsNoTracking().FirstOrDefaultAsync(d => d.OutboxId == row.Id, ct);
        Digest? digest = day is null ? null : await db.Digests.AsNoTracking().FirstOrDefaultAsync(d => d.Id == day.DigestId && d.EndedAt == null && d.ConfirmedAt != null, ct);
        DomainClaim? claim = digest is null ? null : await db.Claims.AsNoTracking().FirstOrDefaultAsync(c => c.Id == digest.ClaimId, ct);
        if (day is null || digest is null || claim is not { IsInForce: true })
            return new OutboxWork.Cancel("The digest was ended, or the domain is no longer proved.");
        if (digest.IsPaused)
            return new OutboxWork.Cancel("The digest is paused; the first one after the pause tells of it.");
        DigestFacts facts = await FactsAsync(db, claim, day, ct);
        var mail = new DigestMail(provider.Value.Name, portal.To($"/domains/{claim.Domain}/complaints"), await leaving.PageAsync(digest.Id, ct), await leaving.PostAsync(digest.Id, ct));
        MailAddress from = MailAddress.Parse($"{reports.Value.NoticeSender}@{provider.Value.Domain}");
        return new OutboxWork.Send(new RelayMail(row.MessageId, sender, to, await mail.WriteAsync(facts, from, to, row.MessageId, dkim, time.GetUtcNow())));
    }

    private async Task<DigestFacts> FactsAsync(PostmasterDb db, DomainClaim claim, DigestDay day, CancellationToken ct)
    {
        IQueryable<Complaint> counted = Counted(db, claim.Domain, day.Since, day.Until);
        var streams = await counted.GroupBy(c => c.ListId ?? c.FeedbackId ?? "").Select(g => new { g.Key, Count = g.Count() }).OrderByDescending(g => g.Count).ThenBy(g => g.Key).Take(MaxStreams + 1).ToListAsync(ct);
        var types = await counted.GroupBy(c => c.Press).Select(g => new { g.Key, Count = g.Count() }).OrderByDescending(g => g.Count).ToListAsync(ct);
        List<Complaint> newest = await counted.OrderByDescending(c => c.PressedAt).ThenByDescending(c => c.Id).Take(MaxRows).ToListAsync(ct);
        return new DigestFacts(
            ClaimNotices.Shown(claim.Domain), day.Since, day.Until, types.Sum(t => t.Count), await Counted(db, claim.Domain, day.Since - (day.Until - day.Since), day.Since).CountAsync(ct),
            [.. streams.Select(s => (s.Key.Length == 0 ? "neither List-Id nor Feedback-ID" : s.Key, s.Count))], [.. types.Select(t => (t.Key.ReportedAs(), t.Count))],
            await records.ListAsync(db, claim, newest, ct));
    }
}
