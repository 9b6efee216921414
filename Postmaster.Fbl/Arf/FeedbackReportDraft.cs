using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Arf;

/// <summary>How much of the original goes into the report.</summary>
public enum OriginalShape
{
    /// <summary>The whole message as message/rfc822, where mail can carry it; see <see cref="FeedbackReportWriter"/>.</summary>
    FullMessage,

    /// <summary>Its header as text/rfc822-headers.</summary>
    HeadersOnly,

    /// <summary>
    /// Of its header only Message-ID, List-Id, Feedback-ID and CFBL-Feedback-ID, as text/rfc822-headers: enough for a sender that keeps records to find the subscriber.
    /// The subject of the report does not repeat the original's then. When the original came is told by <see cref="FeedbackReport.ArrivalDate"/>.
    /// </summary>
    Identifiers,
}

/// <summary>Everything of a report that is to be written. The same draft always gives the same octets.</summary>
public sealed record FeedbackReportDraft
{
    public required MailAddress From { get; init; }

    /// <summary>Display name of <see cref="From"/>; null for none.</summary>
    public string? FromName { get; init; }

    public required MailAddress To { get; init; }

    public required DateTimeOffset Date { get; init; }

    /// <summary>With angle brackets. Names the report for good: a retry takes the same.</summary>
    public required string MessageId { get; init; }

    /// <summary>Part 1, for people: lines ended by LF, any characters.</summary>
    public required string Text { get; init; }

    /// <summary>The fields of part 2. What it says of the original, its extensions and its problems are not written.</summary>
    public required FeedbackReport Report { get; init; }

    /// <summary>The original as received, or already redacted.</summary>
    public required ReadOnlyMemory<byte> Original { get; init; }

    public OriginalShape Shape { get; init; }

    /// <summary>Fields for the report's own header, such as Auto-Submitted and a mark against loops; written as <c>HeaderWriter.Structured</c> does.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> ExtraFields { get; init; } = [];

    /// <summary>A larger original goes out as its header only; big mail is refused by many feedback addresses.</summary>
    public int MaxOriginalBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>Writes an IPv6 Source-IP as <c>IPv6:2001:db8::25</c> (RFC 5321 §4.1.3) instead of bare, as most readers want it.</summary>
    public bool StrictSourceIp { get; init; }
}
