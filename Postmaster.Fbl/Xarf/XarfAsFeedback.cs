using System.Net;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Xarf;

/// <summary>A XARF report in the terms of ARF.</summary>
internal static class XarfAsFeedback
{
    public static FeedbackReport Of(XarfReport report)
    {
        var evidence = report.Evidence.FirstOrDefault(item => IsMessage(item.ContentType));
        var headersOnly = evidence is not null && IsHeader(evidence.ContentType);
        var told = new FeedbackReport
        {
            FeedbackType = TypeOf(report),
            UserAgent = report.Sender?.Org ?? report.Reporter?.Org,
            Version = report.Version,
            OriginalMailFrom = report.SmtpFrom,
            OriginalRcptTo = report.SmtpTo is { } to ? [to] : [],
            ArrivalDate = report.Timestamp,
            SourceIp = SourceOf(report),
            SourcePort = report.SourcePort,
            ReportedDomain = SourceOf(report) is null && DomainName.TryParse(report.SourceIdentifier, out var domain, out _) ? [domain!.Ascii] : [],
            ReportedUri = report.Url is { } url ? [url] : [],
            HasReportPart = true,
            Problems = report.Problems,
        };
        told = evidence is null ? told : FeedbackReportReader.WithOriginal(told, MessageReader.Read(evidence.Payload), headersOnly);
        return told with { MessageId = told.MessageId ?? report.MessageId, Subject = told.Subject ?? report.Subject };
    }

    private static string? TypeOf(XarfReport report) => (report.Category, report.Type) switch
    {
        ("messaging", "spam") when report.Tags.Contains("spam:phishing", StringComparer.Ordinal) => FeedbackType.Fraud,
        ("messaging", "spam" or "bulk_messaging") => FeedbackType.Abuse,
        ("messaging" or "content", "phishing" or "fraud") => FeedbackType.Fraud,
        ("content", "malware") => FeedbackType.Virus,
        _ => report.Type,
    };

    private static IPAddress? SourceOf(XarfReport report) => report.SourceIdentifier is { } source ? FieldText.Ip(source) : null;

    private static bool IsMessage(string type) => type.StartsWith("message/", StringComparison.OrdinalIgnoreCase) || type.StartsWith("text/email", StringComparison.OrdinalIgnoreCase) || IsHeader(type);

    private static bool IsHeader(string type) => type.StartsWith("text/rfc822-header", StringComparison.OrdinalIgnoreCase);
}
