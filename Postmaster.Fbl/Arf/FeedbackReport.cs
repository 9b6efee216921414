using System.Net;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Arf;

/// <summary>
/// A feedback report (ARF, RFC 5965): what its machine-readable part says, and the original message.
/// </summary>
/// <remarks>
/// RFC 5965 with RFC 6591 (fields of auth-failure), RFC 6692 (Source-Port) and RFC 9991 (Identity-Alignment).
/// <see cref="FeedbackReportReader"/> fills it from any report met in the wild; <see cref="FeedbackReportWriter"/> writes strict ones.
/// Left out: summaries of several messages, which ARF has no form for. XARF has a folder of its own.
/// </remarks>
public sealed record FeedbackReport
{
    /// <summary>In lower case, see <see cref="Arf.FeedbackType"/>; null when the report does not say.</summary>
    public string? FeedbackType { get; init; }

    /// <summary>The program that made the report, as "Name/1.0".</summary>
    public string? UserAgent { get; init; }

    /// <summary>"1"; senders also write "0.1" and "1.0".</summary>
    public string? Version { get; init; }

    public string? OriginalEnvelopeId { get; init; }

    /// <summary>The reverse-path without angle brackets; empty for the null one, null when not told.</summary>
    public string? OriginalMailFrom { get; init; }

    /// <summary>When the reporter's border took the original; also read from the historic Received-Date.</summary>
    public DateTimeOffset? ArrivalDate { get; init; }

    /// <summary>The name of the MTA without its type.</summary>
    public string? ReportingMta { get; init; }

    /// <summary>The client that handed over the original; an IPv4-mapped address is IPv4 here.</summary>
    public IPAddress? SourceIp { get; init; }

    /// <summary>That client's port (RFC 6692).</summary>
    public int? SourcePort { get; init; }

    /// <summary>How many alike messages the report stands for; null means one.</summary>
    public uint? Incidents { get; init; }

    /// <summary>Values in the syntax of RFC 8601, unread.</summary>
    public IReadOnlyList<string> AuthenticationResults { get; init; } = [];

    /// <summary>The complainer's address or a redacted form of it, without angle brackets.</summary>
    public IReadOnlyList<string> OriginalRcptTo { get; init; } = [];

    public IReadOnlyList<string> ReportedDomain { get; init; } = [];

    public IReadOnlyList<string> ReportedUri { get; init; } = [];

    /// <summary>Null when none of its fields is there.</summary>
    public AuthFailureDetails? AuthFailure { get; init; }

    /// <summary>Fields that are not of the standards, in their order. Read, never written (RFC 5965 §6).</summary>
    public IReadOnlyList<FeedbackReportExtension> Extensions { get; init; } = [];

    /// <summary>The original message, or only its header; null when the report has none.</summary>
    public RawMessage? Original { get; init; }

    /// <summary>True when the original came as text/rfc822-headers, without its body.</summary>
    public bool OriginalIsHeadersOnly { get; init; }

    /// <summary>The Message-ID of the original (the last, if it has several), angle brackets included.</summary>
    public string? MessageId { get; init; }

    /// <summary>Feedback-ID of the original.</summary>
    public string? FeedbackId { get; init; }

    /// <summary>CFBL-Feedback-ID of the original (RFC 9477 §3.3), without white space.</summary>
    public string? CfblFeedbackId { get; init; }

    /// <summary>The identifier of the original's List-ID (RFC 2919), without phrase and angle brackets.</summary>
    public string? ListId { get; init; }

    /// <summary>The subject of the original, decoded, for people.</summary>
    public string? Subject { get; init; }

    /// <summary>False when there was no machine-readable part and only an original was found, as in Microsoft's reports before 2026.</summary>
    public bool HasReportPart { get; init; }

    /// <summary>Names of fields above whose values do not come from the machine-readable part but were taken from the original.</summary>
    public IReadOnlyList<string> Derived { get; init; } = [];

    /// <summary>What is off, see <see cref="FeedbackReportProblems"/>; offsets count from the start of the report.</summary>
    public IReadOnlyList<ParseProblem> Problems { get; init; } = [];
}

/// <summary>A field of the machine-readable part that no standard names.</summary>
public sealed record FeedbackReportExtension(string Name, string Value);

/// <summary>The fields of an auth-failure report (RFC 6591 §3, RFC 9991); each null or empty when it is not there.</summary>
public sealed record AuthFailureDetails
{
    /// <summary>Auth-Failure: adsp, bodyhash, revoked, signature, spf or dmarc.</summary>
    public string? Kind { get; init; }

    /// <summary>Delivery-Result: delivered, spam, policy, reject or other.</summary>
    public string? DeliveryResult { get; init; }

    /// <summary>Identity-Alignment: the mechanisms that failed to align, or "none".</summary>
    public string? IdentityAlignment { get; init; }

    public string? DkimDomain { get; init; }

    public string? DkimIdentity { get; init; }

    public string? DkimSelector { get; init; }

    public string? DkimSelectorDns { get; init; }

    public string? DkimAdspDns { get; init; }

    /// <summary>Base64, as it came without white space.</summary>
    public string? DkimCanonicalizedHeader { get; init; }

    /// <summary>Base64, as it came without white space.</summary>
    public string? DkimCanonicalizedBody { get; init; }

    public IReadOnlyList<string> SpfDns { get; init; } = [];
}

/// <summary>Every code of <see cref="FeedbackReport.Problems"/>.</summary>
public static class FeedbackReportProblems
{
    /// <summary>The mail holds neither a machine-readable part nor an original: it is no report.</summary>
    public const string NotAReport = "not-a-report";

    public const string NoReportPart = "no-feedback-report-part";
    public const string NoOriginal = "no-original";
    public const string NotMultipartReport = "not-multipart-report";
    public const string NoReportType = "no-report-type";

    /// <summary>The machine-readable part is encoded or has another media type.</summary>
    public const string OddReportPart = "odd-feedback-report-part";

    /// <summary>RFC 2046 §5.2.1 forbids base64 and quoted-printable for message/rfc822.</summary>
    public const string EncodedOriginal = "encoded-original";

    /// <summary>The report was found inside another mail.</summary>
    public const string ForwardedReport = "forwarded-report";

    public const string NoFeedbackType = "no-feedback-type";
    public const string NoUserAgent = "no-user-agent";
    public const string NoVersion = "no-version";

    /// <summary>A field that may stand once stands twice; the first counts.</summary>
    public const string RepeatedField = "repeated-field";

    /// <summary>Arrival-Date and Received-Date together (RFC 5965 §4); the former counts.</summary>
    public const string TwoArrivalDates = "two-arrival-dates";

    public const string BadArrivalDate = "bad-arrival-date";
    public const string BadSourceIp = "bad-source-ip";
    public const string BadSourcePort = "bad-source-port";
    public const string BadIncidents = "bad-incidents";
}
