using System.Diagnostics.CodeAnalysis;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Xarf;

/// <summary>For programs that act on complaints in whichever form they come: a mail with ARF or XARF, or the JSON of XARF alone.</summary>
public static class AnyReportReader
{
    /// <param name="report">XARF in the terms of ARF, see <see cref="XarfReport.ToFeedbackReport"/>.</param>
    /// <param name="mail">What brought the report. Bare JSON comes in no mail: then it is empty, whatever its octets look like, and nobody can have signed it.</param>
    /// <param name="problem"><see cref="FeedbackReportProblems.NotAReport"/></param>
    /// <param name="limits">Of the mail; null: the usual ones.</param>
    public static bool TryRead(ReadOnlyMemory<byte> octets, [NotNullWhen(true)] out FeedbackReport? report, out RawMessage mail, out ParseProblem problem, MessageLimits? limits = null)
    {
        mail = MessageReader.Read(octets, limits);
        if (XarfReader.LooksLikeJson(octets.Span))
        {
            mail = MessageReader.Read(ReadOnlyMemory<byte>.Empty);
            return IsXarf(XarfReader.TryRead(octets, out var bare, out _), bare, out report, out problem);
        }
        // Attack: spam that carries XARF about somebody else, and is itself the original of a report. Only its own field makes such a mail XARF.
        if (FeedbackReportReader.TryRead(mail, out report, out problem) && (report.HasReportPart || mail.Headers.First("X-XARF") is null))
            return true;
        return XarfReader.TryRead(mail, out var xarf, out _) ? IsXarf(true, xarf, out report, out problem) : report is not null;
    }

    private static bool IsXarf(bool read, XarfReport? xarf, [NotNullWhen(true)] out FeedbackReport? report, out ParseProblem problem)
    {
        report = read ? xarf!.ToFeedbackReport() : null;
        problem = read ? default : new ParseProblem(FeedbackReportProblems.NotAReport);
        return report is not null;
    }
}
