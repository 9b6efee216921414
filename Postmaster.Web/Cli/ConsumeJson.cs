using Postmaster.Web.Features.Suppression;

namespace Postmaster.Web.Cli;

/// <summary>The JSON of <c>consume</c>, one object for each mail; the names are a contract.</summary>
/// <param name="Outcome">suppress, not_spam, other_type, refused, unread or later.</param>
/// <param name="Reason">For people; null when all is well.</param>
internal sealed record ConsumeJson(string Path, ReportOutcome Outcome, string? FeedbackType, string? Reason, IReadOnlyList<ConsumeJson.EntryJson> Entries)
{
    /// <param name="New">False: it was on the list before.</param>
    internal sealed record EntryJson(bool New, SuppressionEntry Entry);
}
