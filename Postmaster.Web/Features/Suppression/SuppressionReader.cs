using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Lists;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Xarf;
using Postmaster.Web.Features.FeedbackLoop.Reports;

namespace Postmaster.Web.Features.Suppression;

/// <summary>From a mail of strangers to the entries of the suppression list. Never throws on bad mail.</summary>
/// <param name="subscribers">Turns codes of the provider into addresses; null: they stay as they are.</param>
public sealed class SuppressionReader(ReportTrust trust, TimeProvider time, SubscriberList? subscribers = null)
{
    private const int IdOctets = 16;

    /// <summary>Whoever handed the mail over has it in memory already; however long the message is that it tells of, the report stands before it.</summary>
    private static readonly MessageLimits AnyLength = new() { MaxMessageBytes = int.MaxValue };

    /// <summary>Attack: a mail that fills the list. A report is about one mail (RFC 5965 §2) and seldom names two recipients.</summary>
    private const int MaxRecipients = 1000;

    /// <summary>Of recipient_from: the report had a code.</summary>
    private const string FromList = "list";

    private const string TooMany = "names more than 1000 recipients; the first 1000 are taken, look at it";

    public async Task<ReportVerdict> ReadAsync(byte[] mail, CancellationToken ct)
    {
        if (!AnyReportReader.TryRead(mail, out FeedbackReport? report, out RawMessage message, out _, AnyLength))
            return ReportVerdict.Without(ReportOutcome.Unread, "is no feedback report");
        if (TypeOf(report) is not { } type)
            return ReportVerdict.Without(ReportOutcome.Unread, report.HasReportPart ? "is a feedback report without a Feedback-Type" : "is no feedback report: it has a mail in it, and nothing that says why");
        report = report with { FeedbackType = type };

        (DomainName? signer, ReportVerdict? refusal) = await trust.VouchAsync(message, report, ct);
        if (refusal is not null)
            return refusal;
        if (trust.WhyNotOurs(report) is { } foreign)
            return ReportVerdict.Without(ReportOutcome.Refused, foreign, type);
        if (type is FeedbackType.NotSpam)
            return ReportVerdict.Without(ReportOutcome.NotSpam, $"{Whom(report)} says that a mail is no spam; the list stays as it is, lift the entry by hand if they asked for your mail again", type);
        if (message.Headers.First(ReportComposer.TestField) is not null)
            return ReportVerdict.Without(ReportOutcome.OtherType, "a test report unsubscribes nobody", type);
        if (!Unsubscribes(type))
            return ReportVerdict.Without(ReportOutcome.OtherType, $"a report of type {type} unsubscribes nobody", type);

        List<SuppressionEntry> entries = Entries(mail, message, report, signer);
        return entries.Count > 0
            ? new ReportVerdict(ReportOutcome.Suppress, report.OriginalRcptTo.Count > MaxRecipients ? TooMany : Unmatched(entries), type, [.. entries.Select(WithAddress)])
            : ReportVerdict.Without(ReportOutcome.Unread, "is a feedback report that names neither a recipient nor a mail, so nobody can be unsubscribed", type);
    }

    /// <summary>Some providers send nothing but the mail, with the complainer in a field of its own.</summary>
    private static string? TypeOf(FeedbackReport report) =>
        Clean(report.FeedbackType) ?? (!report.HasReportPart && report.Derived.Contains(nameof(FeedbackReport.OriginalRcptTo), StringComparer.Ordinal) ? FeedbackType.Abuse : null);

    /// <summary>RFC 6650 §5.3 warns of telling abuse and fraud apart; the last two are of the drafts before RFC 5965.</summary>
    private static bool Unsubscribes(string type) => type is FeedbackType.Abuse or FeedbackType.Fraud or "opt-out" or "opt-out-list";

    private static string Whom(FeedbackReport report) => Clean(report.OriginalRcptTo is [var first, ..] ? first : null) ?? "somebody";

    private List<SuppressionEntry> Entries(byte[] mail, RawMessage message, FeedbackReport report, DomainName? signer)
    {
        (IReadOnlyList<string> recipients, string? from) = Recipients(report);
        HeaderBlock? original = report.Original?.Headers;
        ListUnsubscribe? ways = Last(original, OneClick.Field) is { } field ? ListUnsubscribe.Parse(field) : null;
        var draft = new SuppressionEntry(
            Id: "",
            time.GetUtcNow(),
            report.FeedbackType!,
            null,
            null,
            Clean(ways?.Uris.FirstOrDefault(u => u.Scheme is "mailto")?.OriginalString),
            Clean((ways?.Https.FirstOrDefault() ?? ways?.Http.FirstOrDefault())?.OriginalString),
            Clean(Last(original, "CFBL-Feedback-ID")),
            Clean(Last(original, "Feedback-ID")),
            Clean(report.MessageId?.Trim('<', '>')),
            Clean(report.ListId),
            report.ArrivalDate?.ToUniversalTime(),
            Clean(string.Join(' ', report.ReportedDomain)),
            Clean(report.OriginalMailFrom),
            report.SourceIp?.ToString(),
            Clean(message.Headers.First("Message-ID")?.Unfolded.Trim('<', '>')),
            signer?.Ascii);
        // RFC 5965 §3.2: a report of several messages shows one of them; what names that one names one recipient.
        if (recipients.Count > 1 && report.Incidents > 1)
            draft = draft with { UnsubscribeMailto = null, UnsubscribeUrl = null, CfblFeedbackId = null, FeedbackId = null, MessageId = null, ArrivalDate = null, OriginalMailFrom = null };
        if (recipients.Count > 0)
            return [.. recipients.Select(r => Identified(draft with { Recipient = r, RecipientFrom = from }, mail)).DistinctBy(e => e.Id, StringComparer.Ordinal)];
        bool namesSomething = (draft.MessageId ?? draft.CfblFeedbackId ?? draft.UnsubscribeMailto ?? draft.UnsubscribeUrl) is not null;
        return namesSomething ? [Identified(draft, mail)] : [];
    }

    /// <summary>The id is that of the report's own words, so an entry stays one however often it is read, with the list and without.</summary>
    private SuppressionEntry WithAddress(SuppressionEntry entry) =>
        entry.Recipient is { } named && subscribers?.Find(named) is { } address && !address.Equals(named, StringComparison.OrdinalIgnoreCase) ? entry with { Recipient = address, RecipientFrom = FromList } : entry;

    private string? Unmatched(List<SuppressionEntry> entries)
    {
        string[] unknown = subscribers is null ? [] : [.. entries.Select(e => e.Recipient).OfType<string>().Where(r => subscribers.Find(r) is null)];
        if (unknown.Length == 0)
            return null;
        string others = unknown.Length > 1 ? string.Create(CultureInfo.InvariantCulture, $" and {unknown.Length - 1} more") : "";
        return $"names {unknown[0]}{others}, which no address of the list stands for; the entry keeps it as it is";
    }

    private static (IReadOnlyList<string> Recipients, string? From) Recipients(FeedbackReport report)
    {
        IReadOnlyList<string> told = CleanAll(report.OriginalRcptTo);
        if (told.Count > 0)
            return (told, "original-rcpt-to");
        // Of the drafts before RFC 5965; still written by some.
        told = CleanAll(report.Extensions.Where(e => e.Name.Equals("Removal-Recipient", StringComparison.OrdinalIgnoreCase)).Select(e => e.Value.Trim('<', '>', ' ')));
        if (told.Count > 0)
            return (told, "removal-recipient");
        // A mail to one person names the complainer; of several it would be a guess, and "redacted" is nobody.
        told = report.Original is { } original ? CleanAll(AddressListReader.Read(original.Headers, "To").Select(m => m.AddrSpec).Where(a => MailAddress.TryParse(a, out _, out _))) : [];
        return told.Count == 1 ? (told, "to") : ([], null);
    }

    /// <summary>
    /// The lowest of several: a signature covers fields from the bottom up (RFC 6376 §5.4.2), so one that was put above names whomever an attacker likes.
    /// </summary>
    private static string? Last(HeaderBlock? headers, string name) => headers?.All(name).LastOrDefault()?.Unfolded;

    private static IReadOnlyList<string> CleanAll(IEnumerable<string?> values) => [.. values.Select(Clean).OfType<string>().Distinct(StringComparer.Ordinal).Take(MaxRecipients)];

    /// <summary>Null for what is empty, too long or holds control characters: mended, it might name somebody else.</summary>
    private static string? Clean(string? value)
    {
        string text = value?.Replace('\t', ' ').Trim() ?? "";
        bool fit = text.Length is > 0 and <= SuppressionEntry.MaxValueLength && !text.Any(c => char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
        return fit ? text : null;
    }

    /// <summary>What the report says of person and mail makes the id; where it says nothing that tells mails apart, the report itself does.</summary>
    private static SuppressionEntry Identified(SuppressionEntry entry, byte[] mail)
    {
        bool oneOfAKind = (entry.MessageId ?? entry.CfblFeedbackId ?? entry.UnsubscribeMailto ?? entry.UnsubscribeUrl) is not null;
        string?[] parts =
        [
            SameCase(entry.Recipient), entry.MessageId, entry.CfblFeedbackId, entry.UnsubscribeMailto, entry.UnsubscribeUrl, entry.FeedbackId, entry.ListId,
            oneOfAKind ? null : entry.ReportId ?? Convert.ToHexStringLower(SHA256.HashData(mail)),
        ];
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts)));
        return entry with { Id = Convert.ToHexStringLower(digest.AsSpan(0, IdOctets)) };
    }

    private static string? SameCase(string? recipient) => MailAddress.TryParse(recipient, out MailAddress? address, out _) ? address!.ToString() : recipient;
}
