using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Xarf;

/// <summary>
/// An abuse report in XARF v4 (xarf.org, JSON), as it was read. Null: the report does not say, or says it in a way that cannot be read.
/// </summary>
/// <remarks>
/// <see cref="XarfWriter"/> writes a complaint about spam (messaging/spam) or phishing (content/phishing), <see cref="XarfReader"/> reads reports of every category.
/// Left out: fields that only other categories have, and versions before 4.
/// </remarks>
public sealed record XarfReport
{
    /// <summary>"4.2.0".</summary>
    public string? Version { get; init; }

    /// <summary>A UUID; kept as it was written.</summary>
    public string? ReportId { get; init; }

    /// <summary>When the abuse happened.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>Whose complaint it is.</summary>
    public XarfContact? Reporter { get; init; }

    /// <summary>Who sent the report.</summary>
    public XarfContact? Sender { get; init; }

    /// <summary>An IP address, a domain or another name of the source.</summary>
    public string? SourceIdentifier { get; init; }

    public int? SourcePort { get; init; }

    /// <summary>"messaging", "content" and so on.</summary>
    public string? Category { get; init; }

    /// <summary>"spam", "phishing" and so on.</summary>
    public string? Type { get; init; }

    /// <summary>"user_complaint", "spamtrap" and so on.</summary>
    public string? EvidenceSource { get; init; }

    /// <summary>"smtp" for mail.</summary>
    public string? Protocol { get; init; }

    public string? SmtpFrom { get; init; }

    /// <summary>The complainer's address or a redacted form of it.</summary>
    public string? SmtpTo { get; init; }

    public string? Subject { get; init; }

    /// <summary>With or without angle brackets.</summary>
    public string? MessageId { get; init; }

    /// <summary>Of content/phishing: the page that phishes.</summary>
    public string? Url { get; init; }

    public string? Description { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public IReadOnlyList<XarfEvidence> Evidence { get; init; } = [];

    /// <summary>What is off, see <see cref="XarfProblems"/>.</summary>
    public IReadOnlyList<ParseProblem> Problems { get; init; } = [];

    /// <summary>
    /// The same in the terms of ARF, for programs that act on either: spam and bulk mail are <c>abuse</c>, phishing and fraud <c>fraud</c>, any other type is itself.
    /// The first piece of evidence that is a message, or the header of one, is the original.
    /// </summary>
    public FeedbackReport ToFeedbackReport() => XarfAsFeedback.Of(this);
}

/// <summary>An organisation in a report.</summary>
/// <param name="Contact">A mail address.</param>
/// <param name="Domain">In A-labels.</param>
public sealed record XarfContact(string Org, string Contact, string Domain);

/// <summary>One piece of evidence.</summary>
/// <param name="Payload">Decoded.</param>
/// <param name="HashHolds">False when the report names a hash (md5, sha1, sha256 or sha512) that is not the payload's; null when it names none that we know.</param>
public sealed record XarfEvidence(string ContentType, string? Description, ReadOnlyMemory<byte> Payload, bool? HashHolds);

/// <summary>Every code of <see cref="XarfReport.Problems"/>, and why there is no report at all.</summary>
public static class XarfProblems
{
    /// <summary>Neither JSON with an <c>xarf_version</c> nor a mail that carries it.</summary>
    public const string NotXarf = "not-xarf";

    /// <summary>A version other than 4; what has the same name is read.</summary>
    public const string OtherVersion = "other-xarf-version";

    /// <summary>A field that every report has to have is missing or of the wrong kind.</summary>
    public const string MissingField = "missing-xarf-field";

    public const string BadTimestamp = "bad-timestamp";
    public const string BadSourcePort = "bad-source-port";
    public const string BadEvidence = "bad-evidence";
    public const string WrongHash = "wrong-evidence-hash";

    /// <summary>XARF has no form for a feedback report of this type.</summary>
    public const string NoForm = "no-xarf-form";
}
