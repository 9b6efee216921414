using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Operations;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Reports;

/// <summary>Makes the report of a complaint for whoever fetches it, and the codes of recipients: the same as goes out by mail.</summary>
internal sealed class ReportMaker(
    IDbContextFactory<PostmasterDb> databases, Sealer sealer, ProviderKeys keys, ProviderSigner signer, PortalUrl portal, IOptions<ProviderOptions> provider, IOptions<ReportsOptions> reports,
    TimeProvider time)
{
    /// <summary>The report as mail, ARF and signed; null when the message is no longer kept or a report could loop.</summary>
    public async Task<byte[]?> MakeAsync(Guid claimId, string domain, Guid complaintId, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        var found = await (
            from complaint in db.Complaints.AsNoTracking()
            where complaint.Id == complaintId && complaint.Domain == domain && complaint.NotReported == null
            join kept in db.KeptComplaints.AsNoTracking() on complaint.KeptId equals kept.Id
            join body in db.KeptBodies.AsNoTracking() on kept.Id equals body.KeptId
            select new { Kept = kept, Body = body }).FirstOrDefaultAsync(ct);
        Owner? owner = await OwnerAsync(db, claimId, ct);
        if (found is null || owner is null)
            return null;
        DomainName own = DomainName.Parse(provider.Value.Domain);
        MailAddress to = MailAddress.TryParse(owner.Address, out MailAddress? address, out _) ? address : MailAddress.Parse($"postmaster@{domain}");
        ReportSubject subject = SubjectOf(found.Kept, found.Body, sealer, to, $"{complaintId:N}@{own.Ascii}", [DomainName.Parse(domain)]);
        ReportLook look = (ReportLook.Of(owner.Settings) with { Format = ReportFormat.Arf }).Within(reports.Value.IncludeBody);
        var style = new ReportStyle(
            provider.Value.Name, own, look, reports.Value.MaxMessageBytes, provider.Value.AuthservIds.FirstOrDefault() ?? own.Ascii, portal.Root);
        return ReportComposer.Compose(subject, style, await KeyAsync(owner, ct), await signer.SignerAsync(ct), time.GetUtcNow());
    }

    /// <summary>By complaint, whom a report would name: the code, or the address where this claim may know it.</summary>
    /// <param name="mayBeClear">False: the code whatever the claim may know, as for one of its readers.</param>
    public async Task<IReadOnlyDictionary<Guid, string>> RecipientsAsync(Guid claimId, IReadOnlyCollection<Complaint> complaints, bool mayBeClear, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        if (complaints.Count == 0 || await OwnerAsync(db, claimId, ct) is not { } owner)
            return new Dictionary<Guid, string>();
        List<Guid> kept = [.. complaints.Select(c => c.KeptId)];
        Dictionary<Guid, byte[]?> mailboxes = await db.KeptComplaints.AsNoTracking().Where(k => kept.Contains(k.Id)).ToDictionaryAsync(k => k.Id, k => k.SealedMailbox, ct);
        RedactionKey key = await KeyAsync(owner, ct);
        bool clear = mayBeClear && ReportLook.Of(owner.Settings).IsClear;
        var named = new Dictionary<Guid, string>();
        foreach (Complaint complaint in complaints.Where(c => c.NotReported is null))
        {
            if (mailboxes.GetValueOrDefault(complaint.KeptId) is { } sealedMailbox && MailAddress.TryParse(sealer.OpenText(sealedMailbox), out MailAddress? mailbox, out _))
                named[complaint.Id] = clear ? mailbox.ToString() : key.Redact(mailbox);
        }

        return named;
    }

    /// <summary>What a report tells of a kept message.</summary>
    internal static ReportSubject SubjectOf(KeptComplaint kept, KeptBody body, Sealer sealer, MailAddress to, string messageId, IReadOnlyList<DomainName> domains) => new()
    {
        To = to,
        MessageId = messageId,
        ReportedDomains = domains,
        Original = sealer.Open(body.SealedRaw).AsMemory(body.MessageOffset, body.MessageLength),
        Mailbox = kept.SealedMailbox is { } mailbox ? MailAddress.Parse(sealer.OpenText(mailbox)) : null,
        PressedAt = kept.PressedAt,
        ArrivedAt = kept.ArrivedAt,
        SourceIp = kept.SourceIp is { } ip ? IPAddress.Parse(ip) : null,
        OriginalMailFrom = kept.SealedMailFrom is { } from ? sealer.OpenText(from) : null,
        AuthenticationResults = kept.AuthenticationResults,
        Evidence = kept.Evidence,
        Press = kept.Press,
    };

    private static Task<Owner?> OwnerAsync(PostmasterDb db, Guid claimId, CancellationToken ct) => db.Claims.AsNoTracking().Where(c => c.Id == claimId).Select(c => new Owner(
        c.OwnerId, db.FeedbackSettings.FirstOrDefault(s => s.ClaimId == c.Id),
        db.FeedbackAddresses.Where(a => a.ClaimId == c.Id && a.EndedAt == null && a.ConfirmedAt != null).Select(a => a.Address).FirstOrDefault())).FirstOrDefaultAsync(ct);

    private async Task<RedactionKey> KeyAsync(Owner owner, CancellationToken ct) => RedactionKey.ForOwner(await keys.RedactionMasterAsync(ct), owner.OwnerId.ToString("N"));

    /// <param name="Address">Only one that has agreed: the portal signs no mail to another.</param>
    private sealed record Owner(Guid OwnerId, FeedbackSettings? Settings, string? Address);
}
