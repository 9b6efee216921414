using Postmaster.Fbl.Arf;

namespace Postmaster.Web.Cli;

/// <summary>The JSON of <c>report parse</c>; the names are a contract. Null: the report does not say.</summary>
/// <param name="MessageId">Of the reported message, without angle brackets.</param>
/// <param name="Incidents">1 when the report does not say (RFC 5965 §3.2).</param>
/// <param name="Problem">Codes of what is off, separated by commas; null when nothing is.</param>
internal sealed record ReportJson(
    string Path,
    string? FeedbackType,
    string? UserAgent,
    string? Version,
    DateTimeOffset? ArrivalDate,
    string? SourceIp,
    string? OriginalMailFrom,
    IReadOnlyList<string> OriginalRcptTo,
    IReadOnlyList<string> ReportedDomain,
    uint? Incidents,
    string? MessageId,
    string? FeedbackId,
    string? ListId,
    string? Problem)
{
    public static ReportJson Of(string path, FeedbackReport report) => new(
        path,
        report.FeedbackType,
        report.UserAgent,
        report.Version,
        report.ArrivalDate?.ToUniversalTime(),
        report.SourceIp?.ToString(),
        report.OriginalMailFrom,
        report.OriginalRcptTo,
        report.ReportedDomain,
        report.Incidents ?? 1,
        report.MessageId?.Trim('<', '>'),
        report.FeedbackId,
        report.ListId,
        report.Problems.Count == 0 ? null : string.Join(", ", report.Problems.Select(p => p.Code).Distinct(StringComparer.Ordinal)));

    public static ReportJson Unread(string path, string problem) =>
        new(path, null, null, null, null, null, null, [], [], null, null, null, null, problem);
}
