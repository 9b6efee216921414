using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Limits;
using Postmaster.Web.Features.FeedbackLoop.Webhooks;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Reports;

/// <summary>Tells those who were told of a complaint, and asked for it, that it was taken back: a report of type not-spam (RFC 6430), and the event of a webhook.</summary>
internal sealed class NotSpamReports(OutboxSignal signal, WithdrawnEvents webhooks, IOptions<ProviderOptions> provider)
{
    /// <summary>Adds the reports; the caller saves and commits, and then wakes.</summary>
    /// <param name="rescue">The "not junk" itself: its message is what the report shows.</param>
    /// <param name="complaints">All taken back by it just now.</param>
    /// <returns>How many reports were queued.</returns>
    public async Task<int> QueueAsync(PostmasterDb db, KeptComplaint rescue, IReadOnlyList<Complaint> complaints, DateTimeOffset now, CancellationToken ct)
    {
        List<Guid> ids = [.. complaints.Select(c => c.Id)];
        var told = await (
            from delivery in db.ReportDeliveries
            where ids.Contains(delivery.ComplaintId)
            join address in db.FeedbackAddresses on delivery.FeedbackAddressId equals address.Id
            where address.EndedAt == null && address.ConfirmedAt != null
            join claim in db.Claims on address.ClaimId equals claim.Id
            where (claim.State == ClaimState.Proved || claim.State == ClaimState.Warned) && db.FeedbackSettings.Any(s => s.ClaimId == claim.Id && s.WantsNotSpam && !s.MailOff)
            select new { delivery.ComplaintId, AddressId = address.Id, address.Address }).Distinct().ToListAsync(ct);
        var mails = new Dictionary<MailAddress, (OutboxMessage Mail, List<(string Domain, Guid AddressId)> Told)>();
        foreach (var one in told.OrderBy(t => ids.IndexOf(t.ComplaintId)).ThenBy(t => t.AddressId))
        {
            if (!MailAddress.TryParse(one.Address, out MailAddress? to, out _))
                continue;
            if (!mails.TryGetValue(to, out var report))
            {
                mails.Add(to, report = (NewMail(rescue, to, now), []));
                db.Outbox.Add(report.Mail);
            }

            report.Told.Add((complaints.First(c => c.Id == one.ComplaintId).Domain, one.AddressId));
            db.ReportDeliveries.Add(new ReportDelivery { ComplaintId = one.ComplaintId, OutboxId = report.Mail.Id, FeedbackAddressId = one.AddressId });
        }

        foreach ((OutboxMessage mail, List<(string Domain, Guid AddressId)> domains) in mails.Values)
            mail.AlikeKey = AlikeReports.KeyOf(mail.To, domains, rescue, Press.NotSpam);
        return mails.Count + await WithdrawnEvents.QueueAsync(db, complaints, now, ct);
    }

    /// <summary>The transaction is committed.</summary>
    public void Wake()
    {
        signal.Wake();
        webhooks.Wake();
    }

    private OutboxMessage NewMail(KeptComplaint rescue, MailAddress to, DateTimeOffset now)
    {
        Guid id = Guid.CreateVersion7(now);
        return new OutboxMessage
        {
            Id = id,
            Kind = OutboxKind.NotSpamReport,
            To = to.ToString(),
            KeptId = rescue.Id,
            MessageId = $"{id:N}@{provider.Value.Domain}",
            BounceToken = NoticeOutbox.NewBounceToken(),
            CreatedAt = now,
            DueAt = now,
        };
    }
}
