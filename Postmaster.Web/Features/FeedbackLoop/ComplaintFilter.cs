using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>What became of the report of a complaint, as people ask for it.</summary>
public enum ReportFate
{
    Queued,
    Sent,
    Failed,
    Cancelled,

    /// <summary>No confirmed feedback address stood when the complaint was counted.</summary>
    NoAddress,
}

/// <summary>Which complaints of a domain a person wants to see.</summary>
/// <param name="Start">First instant of the press.</param>
/// <param name="End">First instant after the last press.</param>
/// <param name="Text">A part of the subject, the Message-ID, or a stream identifier; null: any.</param>
/// <param name="Page">Counted from 1.</param>
public sealed record ComplaintFilter(DateTimeOffset Start, DateTimeOffset End, string? Text = null, ReportFate? Fate = null, int Page = 1, int PageSize = 25)
{
    /// <summary>Longest text to look for: a pattern costs time for each row.</summary>
    public const int MaxText = 200;

    /// <summary>The <see cref="Text"/> as a LIKE pattern with <c>\</c> as escape, its ASCII letters in lower case; null when there is nothing to look for.</summary>
    internal string? Pattern
    {
        get
        {
            string wanted = new([.. (Text ?? "").Where(c => !char.IsControl(c)).Select(c => char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c)]);
            wanted = wanted.Trim();
            if (wanted.Length is 0 or > MaxText)
                return null;
            string escaped = wanted.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
            return $"%{escaped}%";
        }
    }

    internal OutboxState? State => Fate switch
    {
        ReportFate.Queued => OutboxState.Queued,
        ReportFate.Sent => OutboxState.Sent,
        ReportFate.Failed => OutboxState.Failed,
        ReportFate.Cancelled => OutboxState.Cancelled,
        _ => null,
    };
}

/// <summary>One complaint with all that its domain's owner may know of it. Everything but the times is outside text.</summary>
/// <param name="AuthenticationResults">The body of an Authentication-Results field (RFC 8601).</param>
public sealed record ComplaintDetail(ComplaintRow Row, string? SourceIp, string? AuthenticationResults);

/// <summary>How a claim and its feedback loop stand: the first line of a domain's page.</summary>
/// <param name="LastDeliveredAt">When the relay last took a report of this claim; null: never.</param>
/// <param name="Waiting">Reports of this claim in the queue.</param>
/// <param name="FailedLately">Reports of this claim given up on in the last 7 days.</param>
public sealed record DomainStanding(
    DateTimeOffset? ProvedAt, DateTimeOffset? LastSeenAt, DateTimeOffset? LostAt, DateTimeOffset? LastCheckAt, string? LastAnswer, string? CoveredBy,
    string? FeedbackAddress, DateTimeOffset? FeedbackConfirmedAt, DateTimeOffset? LastDeliveredAt, int Waiting, int FailedLately)
{
    /// <summary>Since when reports wait because they came back; null: they go out.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>Outside text: what the address's mail server answered.</summary>
    public string? PauseAnswer { get; init; }
}
