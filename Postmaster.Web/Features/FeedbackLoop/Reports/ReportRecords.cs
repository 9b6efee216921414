using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Operations;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Reports;

/// <summary>A record with the octets that belong to it.</summary>
/// <param name="Original">What may be shown of the message, redacted; null when it is no longer kept, or when the record goes without.</param>
internal sealed record WholeReport(ReportRecord Record, OriginalShape Shape, byte[]? Original);

/// <summary>Makes records of counted complaints by the rules that hold for mail: the owner's shape, the provider's bounds, redaction with the owner's key.</summary>
internal sealed class ReportRecords(Sealer sealer, ProviderKeys keys, IOptions<ReportsOptions> reports)
{
    /// <summary>Octets of a message that goes into a record whole; of a larger one the header alone. Receivers of JSON expect small bodies.</summary>
    public const int MaxOriginalBytes = 256 * 1024;

    /// <summary>Without the messages, in the order of <paramref name="complaints"/>. The caller has checked that they are the claim's.</summary>
    public async Task<IReadOnlyList<ReportRecord>> ListAsync(PostmasterDb db, DomainClaim claim, IReadOnlyList<Complaint> complaints, CancellationToken ct)
    {
        List<Guid> ids = [.. complaints.Select(c => c.KeptId)];
        Dictionary<Guid, byte[]?> mailboxes = await db.KeptComplaints.AsNoTracking().Where(k => ids.Contains(k.Id))
            .Select(k => new { k.Id, k.SealedMailbox }).ToDictionaryAsync(k => k.Id, k => k.SealedMailbox, ct);
        (FeedbackSettings settings, RedactionKey key) = await RulesAsync(db, claim, ct);
        return [.. complaints.Select(c => Record(c, settings, Opened(mailboxes.GetValueOrDefault(c.KeptId)), key, [], mailFrom: null))];
    }

    /// <summary>One complaint with its message as far as the owner's shape lets it out; null when it is not there.</summary>
    public async Task<WholeReport?> FindAsync(PostmasterDb db, DomainClaim claim, Guid complaintId, CancellationToken ct)
    {
        Complaint? complaint = await db.Complaints.AsNoTracking().FirstOrDefaultAsync(c => c.Id == complaintId && c.Domain == claim.Domain, ct);
        if (complaint is null)
            return null;
        KeptComplaint kept = await db.KeptComplaints.AsNoTracking().FirstAsync(k => k.Id == complaint.KeptId, ct);
        KeptBody? body = await db.KeptBodies.AsNoTracking().FirstOrDefaultAsync(b => b.KeptId == kept.Id, ct);
        (FeedbackSettings settings, RedactionKey key) = await RulesAsync(db, claim, ct);
        OriginalShape shape = ShapeOf(settings);
        MailAddress? mailbox = Opened(kept.SealedMailbox);
        RawMessage? original = body is null ? null : MessageReader.Read(sealer.Open(body.SealedRaw).AsMemory(body.MessageOffset, body.MessageLength));
        IReadOnlyList<MailAddress> complainers = original is null ? [] : ReportComposer.Complainers(original.Headers, mailbox);
        ReportRecord record = Record(complaint, settings, mailbox, key, complainers, kept.SealedMailFrom is { } from ? sealer.OpenText(from) : null);
        if (original is null)
            return new WholeReport(record, shape, null);
        byte[] shown = Redactor.Redact(original, complainers, key, settings.IsClear ? RedactionMode.None : RedactionMode.Recipient);
        return new WholeReport(record with { Original = Part(shown, shape) }, shape, shown);
    }

    private static ReportOriginal? Part(byte[] shown, OriginalShape shape)
    {
        if (shape == OriginalShape.Identifiers)
            return null;
        bool whole = shape == OriginalShape.FullMessage && shown.Length <= MaxOriginalBytes;
        ReadOnlySpan<byte> part = whole ? shown : shown.AsSpan(0, MessageReader.Read(shown).BodyOffset);
        return new ReportOriginal(whole ? "message/rfc822" : "text/rfc822-headers", Convert.ToBase64String(part[..Math.Min(part.Length, MaxOriginalBytes)]));
    }

    private async Task<(FeedbackSettings Settings, RedactionKey Key)> RulesAsync(PostmasterDb db, DomainClaim claim, CancellationToken ct)
    {
        FeedbackSettings settings = await db.FeedbackSettings.AsNoTracking().FirstOrDefaultAsync(s => s.ClaimId == claim.Id, ct) ?? new FeedbackSettings { ClaimId = claim.Id };
        return (settings, RedactionKey.ForOwner(await keys.RedactionMasterAsync(ct), claim.OwnerId.ToString("N")));
    }

    private OriginalShape ShapeOf(FeedbackSettings settings) => settings.Shape switch
    {
        ReportShape.Identifiers => OriginalShape.Identifiers,
        ReportShape.FullMessage when reports.Value.IncludeBody => OriginalShape.FullMessage,
        _ => OriginalShape.HeadersOnly,
    };

    private MailAddress? Opened(byte[]? sealedMailbox) =>
        sealedMailbox is not null && MailAddress.TryParse(sealer.OpenText(sealedMailbox), out MailAddress? mailbox, out _) ? mailbox : null;

    /// <param name="complainers">All addresses of the complainer; empty when the message is not at hand: then what may name another of them stays out.</param>
    private static ReportRecord Record(Complaint complaint, FeedbackSettings settings, MailAddress? mailbox, RedactionKey key, IReadOnlyList<MailAddress> complainers, string? mailFrom)
    {
        bool clear = settings.IsClear, wide = settings.Shape != ReportShape.Identifiers;
        IReadOnlyList<MailAddress> known = complainers.Count > 0 ? complainers : mailbox is null ? [] : [mailbox];
        return new ReportRecord
        {
            Id = complaint.Id,
            FeedbackType = complaint.Press.ReportedAs(),
            Domain = complaint.Domain,
            SigningDomain = complaint.SigningDomain,
            PressedAt = complaint.PressedAt,
            ArrivedAt = complaint.ArrivedAt,
            Recipient = mailbox is null ? null : clear ? mailbox.ToString() : key.Redact(mailbox),
            RecipientInClear = clear && mailbox is not null,
            MessageId = Hide(complaint.MessageId),
            ListId = Hide(complaint.ListId),
            FeedbackId = Hide(complaint.FeedbackId),
            CfblFeedbackId = Hide(complaint.CfblFeedbackId),
            Subject = wide ? Hide(complaint.Subject) : null,
            SourceIp = wide ? complaint.SourceIp : null,
            OriginalMailFrom = wide && (clear || complainers.Count > 0) ? Hide(mailFrom) : null,
            AuthenticationResults = wide && (clear || complainers.Count > 0) ? Hide(complaint.AuthenticationResults) : null,
            WithdrawnAt = complaint.RescuedAt,
            HandledAt = complaint.HandledAt,
        };

        string? Hide(string? text) => text is null || clear ? text : Redactor.Redact(text, known, key);
    }
}
