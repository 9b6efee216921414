using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop.Groups;
using Postmaster.Web.Features.FeedbackLoop.Limits;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Reports;

/// <summary>Reports by mail to the feedback addresses that the claims name: one mail an address, however many of its domains signed the message.</summary>
internal sealed class MailWay(OutboxSignal signal, IOptions<ProviderOptions> provider) : IReportWay
{
    public async Task<IReadOnlyList<int>> QueueAsync(PostmasterDb db, IReadOnlyList<CountedReport> reports, CancellationToken ct)
    {
        List<Guid> claims = [.. reports.SelectMany(r => r.Claims).Where(c => c.Claim.Address is not null).Select(c => c.Claim.ClaimId).Distinct()];
        List<Guid> off = claims.Count == 0 ? [] : await db.FeedbackSettings.Where(s => claims.Contains(s.ClaimId) && s.MailOff).Select(s => s.ClaimId).ToListAsync(ct);
        return [.. reports.Select(report => Queue(db, report, off))];
    }

    public void Wake() => signal.Wake();

    /// <param name="off">Claims that want no mail.</param>
    private int Queue(PostmasterDb db, CountedReport report, List<Guid> off)
    {
        var mails = new Dictionary<MailAddress, OutboxMessage>();
        var told = new List<(OutboxMessage Mail, string Domain, Guid FeedbackAddressId)>();
        foreach ((CoveringClaim claim, Complaint complaint) in report.Claims)
        {
            if (claim is not { Address: { } text, FeedbackAddressId: { } addressId } || !MailAddress.TryParse(text, out MailAddress? address, out _) || IsOurs(address) || off.Contains(claim.ClaimId))
                continue;
            if (!mails.TryGetValue(address, out OutboxMessage? mail))
            {
                mail = NewMail(report, address);
                mails.Add(address, mail);
                db.Outbox.Add(mail);
            }

            db.ReportDeliveries.Add(new ReportDelivery { ComplaintId = complaint.Id, OutboxId = mail.Id, FeedbackAddressId = addressId });
            told.Add((mail, complaint.Domain, addressId));
        }

        foreach (OutboxMessage mail in mails.Values)
            mail.AlikeKey = AlikeReports.KeyOf(mail.To, told.Where(t => t.Mail == mail).Select(t => (t.Domain, t.FeedbackAddressId)), report.Kept, report.Kept.Press);

        return mails.Count;
    }

    private OutboxMessage NewMail(CountedReport report, MailAddress to)
    {
        Guid id = Guid.CreateVersion7(report.Now);
        return new OutboxMessage
        {
            Id = id,
            Kind = OutboxKind.FeedbackReport,
            To = to.ToString(),
            KeptId = report.Kept.Id,
            MessageId = $"{id:N}@{provider.Value.Domain}",
            BounceToken = NoticeOutbox.NewBounceToken(),
            CreatedAt = report.Now,
            DueAt = report.Now,
        };
    }

    /// <summary>A report to the portal's own mail domain would come in by the door for complaints; a group stands there in name alone.</summary>
    private bool IsOurs(MailAddress address) => !GroupAddress.IsGroup(address, provider.Value.Domain) && DomainName.TryParse(provider.Value.Domain, out DomainName? own, out _) && address.Domain.Equals(own);
}
