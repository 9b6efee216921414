namespace Postmaster.Web.Features.Suppression;

/// <summary>What a mail means for the suppression list.</summary>
public enum ReportOutcome
{
    /// <summary>Its entries belong on the list.</summary>
    Suppress,

    /// <summary>Somebody took a complaint back (RFC 6430): it is told, and nothing is lifted.</summary>
    NotSpam,

    /// <summary>A report of a type that unsubscribes nobody, such as auth-failure or virus.</summary>
    OtherType,

    /// <summary>A report that anybody could have made up.</summary>
    Refused,

    /// <summary>No report, or one that does not say whom to unsubscribe.</summary>
    Unread,

    /// <summary>DNS did not answer: it is to be read again.</summary>
    Later,
}

/// <param name="Reason">For people; null when all is well.</param>
/// <param name="FeedbackType">Null when there is no report.</param>
public sealed record ReportVerdict(ReportOutcome Outcome, string? Reason, string? FeedbackType, IReadOnlyList<SuppressionEntry> Entries)
{
    public static ReportVerdict Without(ReportOutcome outcome, string reason, string? feedbackType = null) => new(outcome, reason, feedbackType, []);
}
