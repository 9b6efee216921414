using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Cfbl;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Features.Operations;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Cfbl;

/// <summary>Makes the report of an invitation at the moment of sending, from what holds at that moment.</summary>
internal sealed class CfblReports(
    IDbContextFactory<PostmasterDb> databases, Sealer sealer, ProviderKeys keys, CfblLinks links, CfblLimits limits,
    IOptions<CfblOptions> options, IOptions<ReportsOptions> reports, IOptions<ProviderOptions> provider, TimeProvider time)
{
    public async Task<OutboxWork> MakeAsync(OutboxMessage row, MailAddress sender, MailAddress to, DkimSigner signer, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        CfblInvitation? invitation = await db.CfblInvitations.AsNoTracking().FirstOrDefaultAsync(i => i.OutboxId == row.Id, ct);
        CfblContact? contact = invitation is null ? null : await db.CfblContacts.AsNoTracking().FirstOrDefaultAsync(c => c.Id == invitation.ContactId, ct);
        if (invitation is null || contact is null)
            return new OutboxWork.Cancel("Nothing is known of its invitation.");
        if (!CfblWay.IsOn(options.Value, invitation.Source))
            return new OutboxWork.Cancel("The operator takes no invitations any more.");
        if (CfblWay.Standing(contact) is { } stopped)
            return new OutboxWork.Cancel(stopped is CfblFate.Paused ? "Reports to the address come back." : "The address gets no reports.");
        KeptComplaint kept = await db.KeptComplaints.AsNoTracking().FirstAsync(k => k.Id == row.KeptId, ct);
        KeptBody? body = await db.KeptBodies.AsNoTracking().FirstOrDefaultAsync(b => b.KeptId == row.KeptId, ct);
        if (body is null)
            return new OutboxWork.Cancel("The message is no longer kept.");
        if (row.HeldBy is OutboxHold.InvitedDay && await limits.LookAsync(row, ct) is { } waits)
            return waits;

        DateTimeOffset now = time.GetUtcNow();
        var style = new CfblStyle(
            provider.Value.Name, DomainName.Parse(provider.Value.Domain), reports.Value.NoticeSender, Bounded(options.Value.Shape, invitation), reports.Value.MaxMessageBytes,
            provider.Value.AuthservIds.FirstOrDefault() ?? provider.Value.Domain, await links.PageAsync(contact.Id, ct), await links.OneClickAsync(contact.Id, ct));
        CfblSubject subject = Subject(row, to, invitation, contact, kept, body);
        RedactionKey key = RedactionKey.ForOwner(await keys.RedactionMasterAsync(ct), $"cfbl-{contact.Id:N}");
        byte[] content = signer.Sign(CfblReportComposer.Compose(subject, style, key, now), now);
        // RFC 6152 §3: a relay without 8BITMIME gets the header alone.
        byte[]? sevenBit = System.Text.Ascii.IsValid(content) ? null : signer.Sign(CfblReportComposer.Compose(subject, style with { Shape = ReportShape.HeadersOnly }, key, now), now);
        return new OutboxWork.Send(new RelayMail(row.MessageId, sender, to, content, sevenBit));
    }

    /// <summary>Neither more than the provider lets out nor more than the record wants.</summary>
    private ReportShape Bounded(ReportShape wanted, CfblInvitation invitation) =>
        wanted is ReportShape.FullMessage && (!reports.Value.IncludeBody || invitation.Code is CfblExamination.HeaderAlone) ? ReportShape.HeadersOnly : wanted;

    private CfblSubject Subject(OutboxMessage row, MailAddress to, CfblInvitation invitation, CfblContact contact, KeptComplaint kept, KeptBody body) => new()
    {
        Id = row.Id,
        To = to,
        MessageId = row.MessageId,
        Source = invitation.Source,
        Format = invitation.Format,
        Author = DomainName.TryParse(kept.AuthorDomain, out DomainName? author, out _) ? author : null,
        By = [.. invitation.By.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(DomainName.Parse)],
        Confirmed = contact.ConfirmedAt is not null,
        Left = Math.Max(0, options.Value.AllowanceTotal - contact.Total),
        Original = sealer.Open(body.SealedRaw).AsMemory(body.MessageOffset, body.MessageLength),
        Mailbox = kept.SealedMailbox is { } mailbox ? MailAddress.Parse(sealer.OpenText(mailbox)) : null,
        Press = kept.Press,
        PressedAt = kept.PressedAt,
        ArrivedAt = kept.ArrivedAt,
        SourceIp = kept.SourceIp is { } ip ? IPAddress.Parse(ip) : null,
        OriginalMailFrom = kept.SealedMailFrom is { } from ? sealer.OpenText(from) : null,
        AuthenticationResults = kept.AuthenticationResults,
    };
}
