using Postmaster.Fbl.Arf;

namespace Postmaster.Fbl.Xarf;

/// <summary>Everything of a report that is to be written; the same that <see cref="FeedbackReportDraft"/> takes. The same draft always gives the same octets.</summary>
public sealed record XarfDraft
{
    /// <summary>Names the report for good: a retry takes the same.</summary>
    public required Guid ReportId { get; init; }

    /// <summary>When the button was pressed; written where <see cref="FeedbackReport.ArrivalDate"/> is unknown.</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>The provider whose user complains; he is the sender of the report, too.</summary>
    public required XarfContact Reporter { get; init; }

    /// <summary>The fields as ARF has them: type, source, envelope, reported domains.</summary>
    public required FeedbackReport Report { get; init; }

    /// <summary>The original as received, or already redacted.</summary>
    public required ReadOnlyMemory<byte> Original { get; init; }

    /// <summary>How much of the original goes in as evidence. Only of a full message the subject and, of a phishing mail, the link are told, too.</summary>
    public OriginalShape Shape { get; init; }

    /// <summary>False: nothing of the original as evidence. RFC 9477 §3.5 wants its Message-ID there.</summary>
    public bool WithEvidence { get; init; } = true;

    /// <summary>A larger original goes in as its header only. The format allows 5 MiB for a piece of evidence.</summary>
    public int MaxOriginalBytes { get; init; } = MaxEvidence;

    /// <summary>For people; null for none. At most 1000 characters are written.</summary>
    public string? Description { get; init; }

    internal const int MaxEvidence = 5 * 1024 * 1024;
}
