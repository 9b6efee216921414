using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Features.Complaints.Archive;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>Where the report of a complaint stands.</summary>
/// <param name="NextTryAt">Null unless it is queued.</param>
/// <param name="LastAnswer">What the relay said last, or why it was not asked; outside text.</param>
public sealed record DeliveryRow(string To, OutboxState State, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt, DateTimeOffset? NextTryAt, int Attempts, string? LastAnswer)
{
    /// <summary>An owner asked for it once more.</summary>
    public bool IsReplay { get; init; }

    /// <summary>How many complaints the one mail tells of.</summary>
    public int Incidents { get; init; } = 1;

    /// <summary>The limit that keeps it back; null: none.</summary>
    public OutboxHold? HeldBy { get; init; }
}

/// <summary>A complaint as it was posted to a webhook. The answer is outside text.</summary>
public sealed record PostedRow(string Url, WebhookDeliveryState State, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt, int Attempts, int? LastStatus, string? LastAnswer);

/// <summary>A counted complaint of one domain. Everything but the times is outside text.</summary>
/// <param name="NotReported">Why no report was made; null when one may be. Words of ours.</param>
/// <param name="Delivery">Null: it is not reported, or no confirmed feedback address stood when it was counted.</param>
public sealed record ComplaintRow(
    Guid Id, DateTimeOffset PressedAt, DateTimeOffset? ArrivedAt, string? Subject, string? MessageId, string? ListId, string? FeedbackId,
    string SigningDomain, Evidence Evidence, string? NotReported, DeliveryRow? Delivery)
{
    /// <summary>Which button it was.</summary>
    public Press Press { get; init; }

    public string? CfblFeedbackId { get; init; }

    /// <summary>Why it counts in part; null: in full.</summary>
    public PartReason? InPart { get; init; }

    /// <summary>When the same person took the message out of Junk, after the complaint had counted; null: never.</summary>
    public DateTimeOffset? RescuedAt { get; init; }

    /// <summary>When somebody of the domain marked it as handled; null: nobody yet.</summary>
    public DateTimeOffset? HandledAt { get; init; }

    /// <summary>To which webhooks of the claim it was posted, or will be.</summary>
    public IReadOnlyList<PostedRow> Posted { get; init; } = [];
}

/// <summary>Complaints and their reports. The caller has checked that the visitor may see the claim.</summary>
public sealed class FeedbackLoopQueries(IDbContextFactory<PostmasterDb> databases, TimeProvider time)
{
    private const int MaxRows = 500;

    /// <summary>How far a list goes: nobody leafs through more, and naming fewer days finds what is older.</summary>
    public const int MostFound = ArchiveSearch.Most;


    /// <summary>The latest complaints about a domain with what became of their reports to this claim's address; other accounts' addresses stay out.</summary>
    /// <param name="from">First UTC day of the press; null: no bound.</param>
    /// <param name="to">Last UTC day; null: no bound.</param>
    public async Task<IReadOnlyList<ComplaintRow>> LatestAsync(Guid claimId, string domain, DateOnly? from, DateOnly? to, int take, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        IQueryable<Complaint> complaints = db.Complaints.AsNoTracking().Where(c => c.Domain == domain);
        if (from is { } first)
        {
            DateTimeOffset start = Midnight(first);
            complaints = complaints.Where(c => c.PressedAt >= start);
        }

        if (to is { } last)
        {
            DateTimeOffset end = Midnight(last.AddDays(1));
            complaints = complaints.Where(c => c.PressedAt < end);
        }

        return await WithDeliveriesAsync(db, claimId, Newest(complaints).Take(Math.Clamp(take, 1, MaxRows)), ct);
    }

    /// <summary>One page of the complaints about a domain, newest first, each with what became of its report to this claim's address.</summary>
    public async Task<FoundComplaints> SearchAsync(Guid claimId, string domain, ComplaintFilter filter, CancellationToken ct)
    {
        int size = Math.Clamp(filter.PageSize, 1, MaxRows), page = Math.Clamp(filter.Page, 1, MostFound);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        (IReadOnlyList<Guid> ids, int total, bool more) = await FindIdsAsync(db, claimId, domain, filter, (page - 1) * size, size, ct);
        IReadOnlyList<ComplaintRow> rows = ids.Count == 0 ? [] : await WithDeliveriesAsync(db, claimId, Newest(db.Complaints.AsNoTracking().Where(c => ids.Contains(c.Id))), ct);
        return new FoundComplaints(rows, page, size, total, more);
    }

    /// <summary>The complaints that fit, newest first.</summary>
    /// <param name="take">At most <see cref="MostFound"/>.</param>
    public async Task<IReadOnlyList<Guid>> IdsAsync(Guid claimId, string domain, ComplaintFilter filter, int take, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return (await FindIdsAsync(db, claimId, domain, filter, 0, Math.Min(take, MostFound), ct)).Ids;
    }

    private static async Task<(IReadOnlyList<Guid> Ids, int Total, bool IsMore)> FindIdsAsync(
        PostmasterDb db, Guid claimId, string domain, ComplaintFilter filter, int skip, int take, CancellationToken ct)
    {
        if (filter is { IsSearch: true, Fate: null })
        {
            ArchiveHits hits = await ArchiveSearch.FindAsync(db, filter.Question(domain), skip, Math.Clamp(MostFound - skip, 0, take), ct);
            return (hits.Ids, hits.Total, hits.IsMore);
        }

        IQueryable<Complaint> complaints = db.Complaints.AsNoTracking()
            .Where(c => c.Domain == domain && c.PressedAt >= filter.Start && c.PressedAt < filter.End);
        bool cut = false;
        if (filter.IsSearch)
        {
            // What became of a report changes all the time and is in no index: it is looked at among the newest that fit otherwise.
            ArchiveHits hits = await ArchiveSearch.FindAsync(db, filter.Question(domain), 0, MostFound, ct);
            cut = hits.IsMore;
            complaints = complaints.Where(c => hits.Ids.Contains(c.Id));
        }

        IQueryable<Delivered> deliveries = Deliveries(db, claimId);
        if (filter.State is { } state)
            complaints = complaints.Where(c => deliveries.Any(d => d.ComplaintId == c.Id && d.Mail.State == state));
        else if (filter.Fate is ReportFate.NoAddress)
            complaints = complaints.Where(c => c.NotReported == null && !deliveries.Any(d => d.ComplaintId == c.Id));
        int total = await Newest(complaints).Take(MostFound + 1).CountAsync(ct);
        List<Guid> ids = await Newest(complaints).Skip(skip).Take(Math.Clamp(MostFound - skip, 0, take)).Select(c => c.Id).ToListAsync(ct);
        return (ids, Math.Min(total, MostFound), cut || total > MostFound);
    }

    /// <summary>One complaint of a domain; null when there is none with that id for that domain.</summary>
    public async Task<ComplaintDetail?> FindAsync(Guid claimId, string domain, Guid id, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        Complaint? complaint = await db.Complaints.AsNoTracking().FirstOrDefaultAsync(c => c.Id == id && c.Domain == domain, ct);
        if (complaint is null)
            return null;
        IReadOnlyList<ComplaintRow> rows = await WithDeliveriesAsync(db, claimId, db.Complaints.AsNoTracking().Where(c => c.Id == id), ct);
        string? handledBy = complaint.HandledBy is not { } by || !await db.Members.AnyAsync(m => m.ClaimId == claimId && m.UserId == by, ct)
            ? null
            : await db.Users.Where(u => u.Id == by).Select(u => u.Email).FirstOrDefaultAsync(ct);
        return rows.Count == 0 ? null : new ComplaintDetail(rows[0], complaint.SourceIp, complaint.AuthenticationResults) { HandledBy = handledBy };
    }

    /// <summary>Null when the claim is not there.</summary>
    public async Task<DomainStanding?> StandingAsync(Guid claimId, CancellationToken ct)
    {
        DateTimeOffset week = time.GetUtcNow().AddDays(-7);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        DomainClaim? claim = await db.Claims.AsNoTracking().FirstOrDefaultAsync(c => c.Id == claimId, ct);
        if (claim is null)
            return null;
        FeedbackAddress? address = await db.FeedbackAddresses.AsNoTracking().FirstOrDefaultAsync(a => a.ClaimId == claimId && a.EndedAt == null, ct);
        IQueryable<Delivered> deliveries = Deliveries(db, claimId);
        return new DomainStanding(
            claim.ProvedAt, claim.LastSeenAt, claim.LostAt, claim.LastCheckAt, claim.LastAnswer, claim.CoveredBy,
            address?.Address, address?.ConfirmedAt,
            await deliveries.Where(d => d.Mail.State == OutboxState.Sent).MaxAsync(d => d.Mail.EndedAt, ct),
            await deliveries.CountAsync(d => d.Mail.State == OutboxState.Queued, ct),
            await deliveries.CountAsync(d => d.Mail.State == OutboxState.Failed && d.Mail.EndedAt >= week, ct))
        {
            PausedAt = address?.PausedAt, PauseAnswer = address?.PauseAnswer,
            GroupMembers = address is not { IsGroup: true } ? null
                : await db.GroupMembers.CountAsync(m => m.EndedAt == null && m.ConfirmedAt != null && db.FeedbackGroups.Any(g => g.Id == m.GroupId && g.FeedbackAddressId == address.Id), ct),
            Webhooks = await db.WebhookEndpoints.CountAsync(e => e.ClaimId == claimId && e.EndedAt == null && e.State == WebhookState.On, ct),
            HasDigest = await db.Digests.AnyAsync(d => d.ClaimId == claimId && d.EndedAt == null && d.ConfirmedAt != null, ct),
            IsMailOff = await db.FeedbackSettings.AnyAsync(s => s.ClaimId == claimId && s.MailOff, ct),
        };
    }

    private static IQueryable<Complaint> Newest(IQueryable<Complaint> complaints) =>
        complaints.OrderByDescending(c => c.PressedAt).ThenByDescending(c => c.Id);

    /// <summary>Only what goes to addresses of this claim: several accounts may have proved the same domain.</summary>
    private static IQueryable<Delivered> Deliveries(PostmasterDb db, Guid claimId) =>
        from delivery in db.ReportDeliveries
        join address in db.FeedbackAddresses on delivery.FeedbackAddressId equals address.Id
        where address.ClaimId == claimId
        join mail in db.Outbox on delivery.OutboxId equals mail.Id
        where mail.Kind != OutboxKind.NotSpamReport
        select new Delivered { ComplaintId = delivery.ComplaintId, Mail = mail };

    private static async Task<IReadOnlyList<ComplaintRow>> WithDeliveriesAsync(PostmasterDb db, Guid claimId, IQueryable<Complaint> complaints, CancellationToken ct)
    {
        List<Complaint> rows = await complaints.ToListAsync(ct);
        List<Guid> ids = rows.ConvertAll(c => c.Id);
        List<Delivered> deliveries = await Deliveries(db, claimId).Where(d => ids.Contains(d.ComplaintId)).AsNoTracking().ToListAsync(ct);
        ILookup<Guid, OutboxMessage> mails = deliveries.ToLookup(d => d.ComplaintId, d => d.Mail);
        ILookup<Guid, PostedRow> posts = (await (
            from post in db.WebhookDeliveries
            where post.ComplaintId != null && ids.Contains(post.ComplaintId.Value) && post.Event == WebhookEvent.Created
            join endpoint in db.WebhookEndpoints on post.EndpointId equals endpoint.Id
            where endpoint.ClaimId == claimId
            orderby endpoint.CreatedAt
            select new { Complaint = post.ComplaintId!.Value, Row = new PostedRow(endpoint.Url, post.State, post.CreatedAt, post.EndedAt, post.Attempts, post.LastStatus, post.LastAnswer) }).ToListAsync(ct))
            .ToLookup(p => p.Complaint, p => p.Row);
        return [.. rows.Select(c => new ComplaintRow(
            c.Id, c.PressedAt, c.ArrivedAt, c.Subject, c.MessageId, c.ListId, c.FeedbackId, c.SigningDomain, c.Evidence, c.NotReported,
            mails[c.Id].OrderByDescending(m => m.CreatedAt).Select(Row).FirstOrDefault()) { Press = c.Press, InPart = c.InPart, CfblFeedbackId = c.CfblFeedbackId, HandledAt = c.HandledAt, RescuedAt = c.RescuedAt, Posted = [.. posts[c.Id]] })];
    }

    private static DeliveryRow Row(OutboxMessage mail) =>
        new(mail.To, mail.State, mail.CreatedAt, mail.EndedAt, mail.State is OutboxState.Queued ? mail.DueAt : null, mail.Attempts, mail.LastAnswer) { IsReplay = mail.IsReplay, Incidents = mail.Incidents, HeldBy = mail.State is OutboxState.Queued ? mail.HeldBy : null };

    private static DateTimeOffset Midnight(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    private sealed class Delivered
    {
        public required Guid ComplaintId { get; init; }
        public required OutboxMessage Mail { get; init; }
    }
}
