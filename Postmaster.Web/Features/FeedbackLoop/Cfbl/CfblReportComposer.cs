using System.Net;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Cfbl;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Xarf;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Cfbl;

/// <summary>Everything that one report by invitation tells.</summary>
internal sealed record CfblSubject
{
    public required Guid Id { get; init; }
    public required MailAddress To { get; init; }

    /// <summary>Without angle brackets; the same at every attempt.</summary>
    public required string MessageId { get; init; }

    public required CfblSource Source { get; init; }
    public required CfblReportFormat Format { get; init; }
    public DomainName? Author { get; init; }

    /// <summary>Whose signatures carry the invitation.</summary>
    public required IReadOnlyList<DomainName> By { get; init; }

    /// <summary>Whoever reads the address has agreed.</summary>
    public required bool Confirmed { get; init; }

    /// <summary>Reports that may still come without that.</summary>
    public required int Left { get; init; }

    public required ReadOnlyMemory<byte> Original { get; init; }
    public MailAddress? Mailbox { get; init; }
    public required Press Press { get; init; }
    public required DateTimeOffset PressedAt { get; init; }
    public DateTimeOffset? ArrivedAt { get; init; }
    public IPAddress? SourceIp { get; init; }
    public string? OriginalMailFrom { get; init; }
    public string? AuthenticationResults { get; init; }
}

/// <param name="Page">Where whoever reads the address agrees or refuses.</param>
/// <param name="OneClick">Where a mail program refuses for him.</param>
internal sealed record CfblStyle(
    string ProviderName, DomainName ProviderDomain, string NoticeSender, ReportShape Shape, int MaxMessageBytes, string ReportingMta, string Page, string OneClick);

/// <summary>
/// Writes the report (RFC 9477 §3.5): ARF, or XARF where the address asks for it. Of identifiers alone it holds the Message-ID and CFBL-Feedback-ID as the
/// sender wrote them, which the RFC wants, and nothing that names the recipient otherwise; larger shapes are redacted (RFC 6590).
/// </summary>
internal static class CfblReportComposer
{
    private static readonly string[] Identifiers = ["Message-ID", CfblAddress.FeedbackIdFieldName];

    private static readonly string UserAgent = $"Postmaster/{typeof(CfblReportComposer).Assembly.GetName().Version?.ToString(2) ?? "1.0"}";

    /// <returns>The mail with CRLF, unsigned; may hold 8-bit octets when the original does.</returns>
    public static byte[] Compose(CfblSubject subject, CfblStyle style, RedactionKey key, DateTimeOffset now)
    {
        RawMessage original = MessageReader.Read(subject.Original);
        List<MailAddress> complainers = ReportComposer.Complainers(original.Headers, subject.Mailbox);
        bool identifiers = style.Shape is ReportShape.Identifiers;
        byte[] shown = identifiers ? OnlyIdentifiers(original.Headers) : Redactor.Redact(original, complainers, key, RedactionMode.Recipient);
        FeedbackReport report = Fields(subject, style, complainers, key);
        string text = CfblReportText.Write(subject, style);
        MailAddress from = MailAddress.Parse($"{ReportComposer.Sender}@{style.ProviderDomain}");
        OriginalShape shape = style.Shape switch
        {
            ReportShape.FullMessage => OriginalShape.FullMessage,
            ReportShape.HeadersOnly => OriginalShape.HeadersOnly,
            _ => OriginalShape.Identifiers,
        };
        if (subject.Format is CfblReportFormat.Xarf && Xarf(subject, style, report, shown, shape) is { } json)
        {
            return XarfMailWriter.Write(new XarfMailDraft
            {
                From = from, FromName = "Spam complaints", To = subject.To, Date = now, MessageId = $"<{subject.MessageId}>",
                Subject = $"Feedback report about {(report.ReportedDomain is [var domain, ..] ? domain : "a message")}", Text = text, Json = json, ExtraFields = ExtraFields(style),
            });
        }

        return FeedbackReportWriter.Write(new FeedbackReportDraft
        {
            From = from, FromName = "Spam complaints", To = subject.To, Date = now, MessageId = $"<{subject.MessageId}>", Text = text, Report = report,
            Original = shown, Shape = shape, MaxOriginalBytes = style.MaxMessageBytes, ExtraFields = ExtraFields(style),
        });
    }

    /// <summary>Null when XARF has no form for it: then it is ARF, which every address has to take.</summary>
    private static byte[]? Xarf(CfblSubject subject, CfblStyle style, FeedbackReport report, byte[] shown, OriginalShape shape) => XarfWriter.TryWrite(
        new XarfDraft
        {
            ReportId = subject.Id, Date = subject.PressedAt, Report = report, Original = shown, Shape = shape,
            Reporter = new XarfContact(style.ProviderName, $"{style.NoticeSender}@{style.ProviderDomain}", style.ProviderDomain.Ascii),
            Description = $"A user of {style.ProviderName} {subject.Press.Deed().Replace("this mail", "a mail", StringComparison.Ordinal)}.",
        },
        out byte[]? json,
        out _) ? json : null;

    private static List<KeyValuePair<string, string>> ExtraFields(CfblStyle style) =>
    [
        new("Auto-Submitted", "auto-generated"), // RFC 3834 §5
        new(ReportMark.FieldName, ReportMark.Value(style.ProviderDomain.Ascii)),
        .. OneClick.Fields(style.OneClick),
    ];

    private static FeedbackReport Fields(CfblSubject subject, CfblStyle style, List<MailAddress> complainers, RedactionKey key)
    {
        bool identifiers = style.Shape is ReportShape.Identifiers;
        return new FeedbackReport
        {
            FeedbackType = subject.Press.ReportedAs(),
            UserAgent = UserAgent,
            Version = "1",
            ArrivalDate = subject.ArrivedAt,
            SourceIp = subject.SourceIp,
            // An envelope sender often spells out the recipient.
            OriginalMailFrom = identifiers || subject.OriginalMailFrom is not { } path ? null : Redactor.Redact(path, complainers, key),
            OriginalRcptTo = identifiers || subject.Mailbox is not { } mailbox ? [] : [key.Redact(mailbox)],
            ReportedDomain = [.. subject.By.Prepend(subject.Author).OfType<DomainName>().Distinct().Select(d => d.Ascii)],
            AuthenticationResults = subject.AuthenticationResults is { } results ? [Redactor.Redact(results, complainers, key)] : [],
            ReportingMta = style.ReportingMta,
        };
    }

    /// <summary>The two fields as they stand in the message, each with its line end, behind them the empty body.</summary>
    private static byte[] OnlyIdentifiers(HeaderBlock headers)
    {
        var output = new MemoryStream();
        foreach (HeaderField field in headers.Where(f => Array.Exists(Identifiers, name => f.Is(name))))
        {
            output.Write(field.Raw.Span);
            if (!field.Raw.Span.EndsWith("\n"u8))
                output.Write("\r\n"u8);
        }

        output.Write("\r\n"u8);
        return output.ToArray();
    }
}
