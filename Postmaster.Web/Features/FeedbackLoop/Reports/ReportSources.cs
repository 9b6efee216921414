using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Reports;

/// <summary>One who wants the report of a mail of the outbox: he still names this very address, has not switched reports by mail off, and still proves the domain.</summary>
internal sealed record ReportWish(Guid OwnerId, DomainName Domain, bool IsPaused, bool WantsNotSpam, ReportLook Look);

/// <summary>What the reports of several mails of the outbox are made from, as it holds at the moment, read at once for all of them.</summary>
internal sealed class ReportSources
{
    /// <summary>Octets of sealed messages that are read together; beyond it each is read when its report is made.</summary>
    private const long MaxOctets = 8 * 1024 * 1024;

    private readonly IDbContextFactory<PostmasterDb> _databases;
    private readonly ILookup<Guid, ReportWish> _wishes;
    private readonly Dictionary<Guid, KeptComplaint> _kept;
    private readonly Dictionary<Guid, KeptBody>? _bodies;

    private ReportSources(IDbContextFactory<PostmasterDb> databases, ILookup<Guid, ReportWish> wishes, Dictionary<Guid, KeptComplaint> kept, Dictionary<Guid, KeptBody>? bodies) =>
        (_databases, _wishes, _kept, _bodies) = (databases, wishes, kept, bodies);

    /// <summary>Whether a mail is made from these: the report of a claim's own address.</summary>
    public static bool AreFor(OutboxMessage mail) => mail.Kind is OutboxKind.FeedbackReport or OutboxKind.NotSpamReport;

    public static async Task<ReportSources> ReadAsync(IDbContextFactory<PostmasterDb> databases, IReadOnlyCollection<OutboxMessage> mails, CancellationToken ct)
    {
        List<OutboxMessage> reports = [.. mails.Where(AreFor)];
        List<Guid> keptIds = [.. reports.Select(m => m.KeptId).OfType<Guid>().Distinct()];
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        ILookup<Guid, ReportWish> wishes = await WishesAsync(db, reports, ct);
        Dictionary<Guid, KeptComplaint> kept = keptIds.Count == 0 ? [] : await db.KeptComplaints.AsNoTracking().Where(k => keptIds.Contains(k.Id)).ToDictionaryAsync(k => k.Id, ct);
        bool fits = kept.Values.Sum(k => k.Size) <= MaxOctets;
        return new ReportSources(databases, wishes, kept, !fits ? null
            : keptIds.Count == 0 ? [] : await db.KeptBodies.AsNoTracking().Where(b => keptIds.Contains(b.KeptId)).ToDictionaryAsync(b => b.KeptId, ct));
    }

    /// <summary>Of the owners who still want it; those with the oldest claim first.</summary>
    public IReadOnlyList<ReportWish> Wishes(OutboxMessage mail) => [.. _wishes[mail.Id]];

    public KeptComplaint Kept(OutboxMessage mail) => _kept[mail.KeptId!.Value];

    /// <summary>Null when the message is no longer kept.</summary>
    public async Task<KeptBody?> BodyAsync(OutboxMessage mail, CancellationToken ct)
    {
        if (_bodies is not null)
            return _bodies.GetValueOrDefault(mail.KeptId!.Value);
        await using PostmasterDb db = await _databases.CreateDbContextAsync(ct);
        return await db.KeptBodies.AsNoTracking().FirstOrDefaultAsync(b => b.KeptId == mail.KeptId, ct);
    }

    private static async Task<ILookup<Guid, ReportWish>> WishesAsync(PostmasterDb db, List<OutboxMessage> mails, CancellationToken ct)
    {
        List<Guid> ids = mails.ConvertAll(m => m.Id);
        Dictionary<Guid, string> to = mails.ToDictionary(m => m.Id, m => m.To);
        var rows = await (
            from delivery in db.ReportDeliveries.AsNoTracking()
            where ids.Contains(delivery.OutboxId)
            join address in db.FeedbackAddresses.AsNoTracking() on delivery.FeedbackAddressId equals address.Id
            where address.ConfirmedAt != null && address.EndedAt == null
            join claim in db.Claims.AsNoTracking() on address.ClaimId equals claim.Id
            where claim.RemovedAt == null && (claim.State == ClaimState.Proved || claim.State == ClaimState.Warned)
            join complaint in db.Complaints.AsNoTracking() on delivery.ComplaintId equals complaint.Id
            orderby claim.CreatedAt, claim.Id
            select new
            {
                delivery.OutboxId, address.Address, address.PausedAt, claim.OwnerId, complaint.Domain, Settings = db.FeedbackSettings.FirstOrDefault(s => s.ClaimId == claim.Id),
            }).ToListAsync(ct);
        // The address is compared as mail compares it: the domain without regard to case.
        return rows.Where(r => r.Settings is not { MailOff: true } && MailAddress.TryParse(r.Address, out MailAddress? address, out _) && string.Equals(address.ToString(), to[r.OutboxId], StringComparison.Ordinal))
            .ToLookup(r => r.OutboxId, r => new ReportWish(r.OwnerId, DomainName.Parse(r.Domain), r.PausedAt is not null, r.Settings is { WantsNotSpam: true }, ReportLook.Of(r.Settings)));
    }
}
