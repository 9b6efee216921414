using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>Where the report of a complaint stands.</summary>
/// <param name="NextTryAt">Null unless it is queued.</param>
/// <param name="LastAnswer">What the relay said last, or why it was not asked; outside text.</param>
public sealed record DeliveryRow(string To, OutboxState State, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt, DateTimeOffset? NextTryAt, int Attempts, string? LastAnswer);

/// <summary>A counted complaint of one domain. Everything but the times is outside text.</summary>
/// <param name="Delivery">Null: no confirmed feedback address stood when it was counted.</param>
public sealed record ComplaintRow(
    Guid Id, DateTimeOffset PressedAt, DateTimeOffset? ArrivedAt, string? Subject, string? MessageId, string? ListId, string? FeedbackId,
    string SigningDomain, Evidence Evidence, DeliveryRow? Delivery);

/// <summary>Complaints and their reports. The caller has checked that the visitor may see the claim.</summary>
public sealed class FeedbackLoopQueries(IDbContextFactory<PostmasterDb> databases)
{
    private const int MaxRows = 500;

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

        List<Complaint> rows = await complaints.OrderByDescending(c => c.PressedAt).ThenByDescending(c => c.Id).Take(Math.Clamp(take, 1, MaxRows)).ToListAsync(ct);
        List<Guid> ids = rows.ConvertAll(c => c.Id);
        var deliveries = await (
            from delivery in db.ReportDeliveries
            where ids.Contains(delivery.ComplaintId)
            join address in db.FeedbackAddresses on delivery.FeedbackAddressId equals address.Id
            where address.ClaimId == claimId
            join mail in db.Outbox on delivery.OutboxId equals mail.Id
            select new { delivery.ComplaintId, Mail = mail }).AsNoTracking().ToListAsync(ct);
        ILookup<Guid, OutboxMessage> mails = deliveries.ToLookup(d => d.ComplaintId, d => d.Mail);
        return [.. rows.Select(c => new ComplaintRow(
            c.Id, c.PressedAt, c.ArrivedAt, c.Subject, c.MessageId, c.ListId, c.FeedbackId, c.SigningDomain, c.Evidence,
            mails[c.Id].OrderByDescending(m => m.CreatedAt).Select(Row).FirstOrDefault()))];
    }

    private static DeliveryRow Row(OutboxMessage mail) =>
        new(mail.To, mail.State, mail.CreatedAt, mail.EndedAt, mail.State is OutboxState.Queued ? mail.DueAt : null, mail.Attempts, mail.LastAnswer);

    private static DateTimeOffset Midnight(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
}
