using Postmaster.Web.Features.Complaints.Archive;
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
/// <param name="Text">Words of the subject, the Message-ID or a stream identifier; a last * stands for the rest of a word. Null: any.</param>
/// <param name="Page">Counted from 1.</param>
public sealed record ComplaintFilter(DateTimeOffset Start, DateTimeOffset End, string? Text = null, ReportFate? Fate = null, int Page = 1, int PageSize = 25)
{
    /// <summary>Longest text to look for.</summary>
    public const int MaxText = 200;

    /// <summary>Which button it was; null: any.</summary>
    public Press? Type { get; init; }

    /// <summary>The domain of the signature, which may lie below the claimed one; null: any.</summary>
    public string? SigningDomain { get; init; }

    /// <summary>Whether somebody has marked it as handled; null: either.</summary>
    public bool? Handled { get; init; }

    /// <summary>Whether the archive's index is needed: something beside the days and the report is asked for.</summary>
    internal bool IsSearch => !string.IsNullOrWhiteSpace(Text) || Type is not null || !string.IsNullOrWhiteSpace(SigningDomain) || Handled is not null;

    internal ArchiveQuestion Question(string domain) => ArchiveQuestion.Read(domain, Start, End, Text is { Length: > MaxText } tooLong ? tooLong[..MaxText] : Text, Type, SigningDomain, Handled);

    internal OutboxState? State => Fate switch
    {
        ReportFate.Queued => OutboxState.Queued,
        ReportFate.Sent => OutboxState.Sent,
        ReportFate.Failed => OutboxState.Failed,
        ReportFate.Cancelled => OutboxState.Cancelled,
        _ => null,
    };
}

/// <summary>One page of what was found.</summary>
/// <param name="Total">How many there are; <see cref="FeedbackLoopQueries.MostFound"/> when there are more.</param>
/// <param name="IsMore">There are more, which are found by naming fewer days.</param>
public sealed record FoundComplaints(IReadOnlyList<ComplaintRow> Rows, int Page, int PageSize, int Total, bool IsMore)
{
    public int Pages => Math.Max(1, (Total + PageSize - 1) / PageSize);
}

/// <summary>One complaint with all that its domain's owner may know of it. Everything but the times is outside text.</summary>
/// <param name="AuthenticationResults">The body of an Authentication-Results field (RFC 8601).</param>
public sealed record ComplaintDetail(ComplaintRow Row, string? SourceIp, string? AuthenticationResults)
{
    /// <summary>Who marked it as handled, where that is a member of this claim; null: nobody, or an account that shares the domain.</summary>
    public string? HandledBy { get; init; }
}

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

    /// <summary>How many mailboxes of the group that reports go to have agreed; null: they go to a single address.</summary>
    public int? GroupMembers { get; init; }

    /// <summary>Webhooks that are on: each is told of every complaint.</summary>
    public int Webhooks { get; init; }

    /// <summary>A daily digest whose reader has agreed.</summary>
    public bool HasDigest { get; init; }

    /// <summary>The owners have switched reports by mail off.</summary>
    public bool IsMailOff { get; init; }

    /// <summary>Whether reports go out by mail as they should: named, agreed to, not switched off and not paused.</summary>
    public bool IsMailOn => FeedbackAddress is not null && FeedbackConfirmedAt is not null && !IsMailOff && PausedAt is null && GroupMembers is not 0;

    /// <summary>Whether anybody is told of complaints without looking here.</summary>
    public bool IsTold => IsMailOn || Webhooks > 0 || HasDigest;
}
