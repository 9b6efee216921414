using System.Net;
using System.Security.Cryptography;
using System.Text;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Xarf;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Reports;

/// <summary>Everything that one report tells.</summary>
public sealed record ReportSubject
{
    public required MailAddress To { get; init; }

    /// <summary>Without angle brackets; the same at every attempt.</summary>
    public required string MessageId { get; init; }

    /// <summary>The claimed domains of this address that the complaint counts for; at least one.</summary>
    public required IReadOnlyList<DomainName> ReportedDomains { get; init; }

    /// <summary>The message as it was handed in.</summary>
    public required ReadOnlyMemory<byte> Original { get; init; }

    /// <summary>The complainer; null when unknown, as on the command line: then the addresses that the message was delivered to are taken out.</summary>
    public MailAddress? Mailbox { get; init; }

    public required DateTimeOffset PressedAt { get; init; }

    /// <summary>These four only from fields that the provider's own hosts wrote.</summary>
    public DateTimeOffset? ArrivedAt { get; init; }

    public IPAddress? SourceIp { get; init; }

    /// <summary>Empty for the null reverse-path, null when unknown.</summary>
    public string? OriginalMailFrom { get; init; }

    /// <summary>The value of an Authentication-Results field; null when nothing was checked.</summary>
    public string? AuthenticationResults { get; init; }

    public Evidence Evidence { get; init; }

    /// <summary>Which button it was.</summary>
    public Press Press { get; init; }

    /// <summary>Where whoever reads the report ends all reports to this address with one click (RFC 8058); null: nowhere.</summary>
    public string? LeaveUrl { get; init; }

    /// <summary>Where a member of a group writes to leave it. Then many read this very message, and <see cref="LeaveUrl"/> leads to a page that asks who one is: no click can tell. Null: it goes to one address alone.</summary>
    public string? LeaveMail { get; init; }

    /// <summary>More than one: the report tells of all of them, the first being the message that is shown. Else empty.</summary>
    public IReadOnlyList<ReportIncident> Incidents { get; init; } = [];

    /// <summary>The owner asked for the report once more.</summary>
    public bool IsReplay { get; init; }

    /// <summary>The message is made up: nobody complained.</summary>
    public bool IsTest { get; init; }
}

/// <summary>One of several complaints that a report tells of.</summary>
/// <param name="MessageId">With the complainer taken out; null when the message had none.</param>
public sealed record ReportIncident(string? MessageId, DateTimeOffset PressedAt, MailAddress? Mailbox);

/// <summary>How a report is written.</summary>
/// <param name="ReportingMta">The host that took the original; null to leave it out.</param>
/// <param name="PortalUrl">Without a trailing slash; null when there is no portal to point to.</param>
public sealed record ReportStyle(
    string ProviderName, DomainName ProviderDomain, ReportLook Look, int MaxMessageBytes, string? ReportingMta, string? PortalUrl);

/// <summary>Writes the report about one complaint: ARF (RFC 5965), or XARF where the owner wants it and it has a form for it. Needs no database: the command line uses it, too.</summary>
public static class ReportComposer
{
    /// <summary>Local-part of the reports' From.</summary>
    public const string Sender = "fbl";

    /// <summary>Where the final delivery notes whom it delivered to.</summary>
    private static readonly string[] DeliveryFields = ["Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To"];

    /// <summary>Marks a report that was asked for once more, and one about a made-up message: nothing is to be counted twice, nobody unsubscribed.</summary>
    public const string ReplayField = "X-Postmaster-Replay", TestField = "X-Postmaster-Test";

    private const string FromName = "Spam complaints";

    /// <summary>The most that the format allows for a piece of evidence.</summary>
    private const int XarfLargest = 5 * 1024 * 1024;

    private static readonly string UserAgent = $"Postmaster/{typeof(ReportComposer).Assembly.GetName().Version?.ToString(2) ?? "1.0"}";

    /// <param name="key">The redaction key of the owner who gets the report.</param>
    /// <param name="signer">Null: unsigned.</param>
    /// <param name="now">The Date of the report and the time of its signature.</param>
    /// <returns>The mail with CRLF; may hold 8-bit octets when the original does.</returns>
    public static byte[] Compose(ReportSubject subject, ReportStyle style, RedactionKey key, DkimSigner? signer, DateTimeOffset now)
    {
        RawMessage original = MessageReader.Read(subject.Original);
        // One message may have gone to several of them.
        IReadOnlyList<MailAddress> complainers =
            [.. Complainers(original.Headers, subject.Mailbox).Concat(subject.Incidents.Select(i => i.Mailbox).OfType<MailAddress>()).Distinct().Take(Redactor.MaxAddresses)];
        var draft = new FeedbackReportDraft
        {
            From = MailAddress.Parse($"{Sender}@{style.ProviderDomain}"),
            FromName = FromName,
            To = subject.To,
            Date = now,
            MessageId = $"<{subject.MessageId}>",
            Text = ReportText.Write(subject, style, mailbox => Token(mailbox, style, key)),
            Report = Fields(subject, style, complainers, key),
            Original = Redactor.Redact(original, complainers, key, style.Look.Redaction),
            Shape = style.Look.Original,
            MaxOriginalBytes = style.MaxMessageBytes,
            ExtraFields = [.. ExtraFields(subject, style)],
        };
        byte[] report = (style.Look.Format is ReportFormat.Xarf && subject.Incidents.Count < 2 ? XarfMail(draft, subject, style) : null) ?? FeedbackReportWriter.Write(draft);
        return signer is null ? report : signer.Sign(report, now);
    }

    private static IEnumerable<KeyValuePair<string, string>> ExtraFields(ReportSubject subject, ReportStyle style)
    {
        yield return new("Auto-Submitted", "auto-generated"); // RFC 3834 §5
        yield return new(ReportMark.FieldName, ReportMark.Value(style.ProviderDomain.Ascii));
        if (subject.IsReplay)
            yield return new(ReplayField, "yes");
        if (subject.IsTest)
            yield return new(TestField, "yes");
        if (subject is { LeaveUrl: { } shared, LeaveMail: { } mail })
        {
            yield return new("List-Unsubscribe", $"<mailto:{mail.Replace("+", "%2B", StringComparison.Ordinal)}>, <{shared}>"); // RFC 2369 §3.2
        }
        else if (subject.LeaveUrl is { } leave)
        {
            foreach (KeyValuePair<string, string> field in OneClick.Fields(leave))
                yield return field;
        }
    }

    /// <summary>The same as XARF; null when XARF has no form for it: a virus, not-spam, or a source that nobody knows.</summary>
    private static byte[]? XarfMail(FeedbackReportDraft draft, ReportSubject subject, ReportStyle style)
    {
        var xarf = new XarfDraft
        {
            ReportId = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(subject.MessageId)).AsSpan(0, 16)),
            Date = subject.PressedAt,
            Reporter = new XarfContact(style.ProviderName, draft.From.ToString(), style.ProviderDomain.Ascii),
            Report = draft.Report,
            Original = draft.Original,
            Shape = draft.Shape,
            MaxOriginalBytes = Math.Min(draft.MaxOriginalBytes, XarfLargest),
        };
        if (!XarfWriter.TryWrite(xarf, out byte[]? json, out _))
            return null;
        return XarfMailWriter.Write(new XarfMailDraft
        {
            From = draft.From,
            FromName = FromName,
            To = draft.To,
            Date = draft.Date,
            MessageId = draft.MessageId,
            Subject = $"{(subject.IsTest ? "Test of a complaint" : "Complaint")} about mail of {string.Join(", ", subject.ReportedDomains.Take(3).Select(d => d.Unicode))}",
            Text = draft.Text,
            Json = json,
            ExtraFields = draft.ExtraFields,
        });
    }

    private static string Token(MailAddress mailbox, ReportStyle style, RedactionKey key) => style.Look.IsClear ? mailbox.ToString() : key.Redact(mailbox);

    private static FeedbackReport Fields(ReportSubject subject, ReportStyle style, IReadOnlyList<MailAddress> complainers, RedactionKey key)
    {
        bool open = style.Look.IsClear;
        var lines = new LineRedactor(complainers, key);
        string Hide(string text) => open ? text : lines.Redact(text);
        return new FeedbackReport
        {
            FeedbackType = subject.Press.ReportedAs(),
            UserAgent = UserAgent,
            Version = "1",
            ArrivalDate = subject.ArrivedAt,
            SourceIp = subject.SourceIp,
            OriginalMailFrom = subject.OriginalMailFrom is { } from ? Hide(from) : null,
            OriginalRcptTo = [.. (subject.Incidents.Count > 1 ? subject.Incidents.Select(i => i.Mailbox) : [subject.Mailbox]).OfType<MailAddress>().Distinct().Select(m => Token(m, style, key))],
            Incidents = subject.Incidents.Count > 1 ? (uint)subject.Incidents.Count : null, // RFC 5965 §3.2
            ReportedDomain = [.. subject.ReportedDomains.Select(d => d.Ascii)],
            AuthenticationResults = subject.AuthenticationResults is { } results ? [Hide(results)] : [],
            ReportingMta = style.ReportingMta,
        };
    }

    /// <summary>The mailbox and the addresses under which it was reached: an alias names its owner as well as the mailbox does.</summary>
    internal static List<MailAddress> Complainers(HeaderBlock headers, MailAddress? mailbox)
    {
        var all = new List<MailAddress>();
        if (mailbox is not null)
            all.Add(mailbox);
        foreach (string name in DeliveryFields)
            all.AddRange(Addresses(headers, name));
        List<MailAddress> to = [.. Addresses(headers, "To")];
        // A single recipient is the complainer, under whichever of his addresses.
        if (to.Count == 1 && (mailbox is null || to[0].Domain.Equals(mailbox.Domain)))
            all.AddRange(to);
        // Nothing tells which of several it was: none of them may be named.
        else if (all.Count == 0)
            all.AddRange(to);
        return [.. all.Distinct().Take(Redactor.MaxAddresses)];
    }

    private static IEnumerable<MailAddress> Addresses(HeaderBlock headers, string name)
    {
        foreach (ListedMailbox listed in AddressListReader.Read(headers, name))
        {
            if (MailAddress.TryParse(listed.AddrSpec, out MailAddress? address, out _))
                yield return address;
        }
    }
}
