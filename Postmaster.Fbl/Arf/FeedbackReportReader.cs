using System.Diagnostics.CodeAnalysis;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Arf;

/// <summary>
/// Reads feedback reports as they are met: parts in any order, multipart/mixed, no report-type, no original, text/rfc822-headers in the singular,
/// encoded parts, a bare original with nothing around it. What is off is said in <see cref="FeedbackReport.Problems"/>.
/// </summary>
public static class FeedbackReportReader
{
    /// <summary>False only when the mail has neither a machine-readable part nor an original in it (<c>not-a-report</c>).</summary>
    public static bool TryRead(RawMessage message, [NotNullWhen(true)] out FeedbackReport? report, out ParseProblem problem)
    {
        report = Read(message);
        if (report is { HasReportPart: false, Original: { } inner } && Read(inner) is { HasReportPart: true } forwarded)
        {
            // Abuse desks forward reports as attachments; one envelope is opened, not more.
            report = forwarded with { Problems = [new ParseProblem(FeedbackReportProblems.ForwardedReport), .. forwarded.Problems] };
        }
        problem = report is null ? new ParseProblem(FeedbackReportProblems.NotAReport) : default;
        return report is not null;
    }

    private static FeedbackReport? Read(RawMessage message)
    {
        FindParts(message.Root, out var reportPart, out var originalPart);
        if (reportPart is null && originalPart is null)
            return null;

        var problems = new List<ParseProblem>();
        var report = new FeedbackReport { HasReportPart = reportPart is not null };
        if (reportPart is not null)
        {
            CheckSkeleton(message.Root, reportPart, problems);
            report = new ReportFields(reportPart, problems).ApplyTo(report);
        }
        else
        {
            problems.Add(new ParseProblem(FeedbackReportProblems.NoReportPart));
        }
        if (originalPart is null)
            problems.Add(new ParseProblem(FeedbackReportProblems.NoOriginal));
        else
            report = WithOriginal(report, originalPart, problems);
        return report with { Problems = problems };
    }

    /// <summary>The first of each kind; what stands inside an original is not looked at.</summary>
    private static void FindParts(MimePart root, out MimePart? report, out MimePart? original)
    {
        report = original = null;
        MimePart? plain = null;
        var waiting = new Stack<MimePart>();
        waiting.Push(root);
        while (waiting.TryPop(out var part))
        {
            if (part.ContentType.Is("message", "feedback-report"))
                report ??= part;
            else if (IsOriginal(part.ContentType))
                original ??= part;
            else if (part.ContentType.IsMultipart)
                PushParts(waiting, part);
            else if (plain is null && LooksLikeReport(part))
                plain = part;
        }
        report ??= plain;
    }

    private static void PushParts(Stack<MimePart> waiting, MimePart part)
    {
        for (var i = part.Parts.Count - 1; i >= 0; i--)
            waiting.Push(part.Parts[i]);
    }

    private static bool IsOriginal(ContentType type) => type.IsMessage || IsHeadersOnly(type);

    private static bool IsHeadersOnly(ContentType type) =>
        type.Is("text", "rfc822-headers") || type.Is("text", "rfc822-header") || type.Is("text", "rfc822")
        || type.Is("message", "rfc822-headers") || type.Is("message", "global-headers");

    /// <summary>A relay or a converter has made text/plain of the machine-readable part.</summary>
    private static bool LooksLikeReport(MimePart part)
    {
        const int enough = 256;
        if (part.ContentType.Type is not ("text" or "application"))
            return false;
        part.TryDecode(enough, out var start);
        var text = start.AsSpan().TrimStart("\r\n"u8);
        return System.Text.Ascii.EqualsIgnoreCase(text[..Math.Min(14, text.Length)], "Feedback-Type:"u8);
    }

    private static void CheckSkeleton(MimePart root, MimePart report, List<ParseProblem> problems)
    {
        // RFC 5965 §2, RFC 6522 §3
        if (!root.ContentType.Is("multipart", "report"))
            problems.Add(new ParseProblem(FeedbackReportProblems.NotMultipartReport));
        else if (!string.Equals(root.ContentType.Parameter("report-type"), "feedback-report", StringComparison.OrdinalIgnoreCase))
            problems.Add(new ParseProblem(FeedbackReportProblems.NoReportType));
        if (!TransferDecoder.IsIdentity(report.TransferEncoding) || !report.ContentType.Is("message", "feedback-report"))
            problems.Add(new ParseProblem(FeedbackReportProblems.OddReportPart, report.Offset));
    }

    private static FeedbackReport WithOriginal(FeedbackReport report, MimePart part, List<ParseProblem> problems)
    {
        var headersOnly = IsHeadersOnly(part.ContentType);
        if (!headersOnly && !TransferDecoder.IsIdentity(part.TransferEncoding))
            problems.Add(new ParseProblem(FeedbackReportProblems.EncodedOriginal, part.Offset));
        return WithOriginal(report, headersOnly ? ReadHeaders(part) : part.EmbeddedMessage!, headersOnly);
    }

    /// <summary>The report with what its original says of itself.</summary>
    internal static FeedbackReport WithOriginal(FeedbackReport report, RawMessage original, bool headersOnly)
    {
        var headers = original.Headers;
        var complained = headers.First("X-HmXmrOriginalRecipient")?.Unfolded;
        var derived = !report.HasReportPart && complained is not null;
        return report with
        {
            Original = original,
            OriginalIsHeadersOnly = headersOnly,
            MessageId = headers.All("Message-ID").LastOrDefault()?.Unfolded,
            FeedbackId = headers.First("Feedback-ID")?.Unfolded,
            // RFC 9477 §3.3: white space in it stands for nothing.
            CfblFeedbackId = headers.First("CFBL-Feedback-ID") is { } cfbl ? FieldText.WithoutWhite(FieldText.WithoutComments(cfbl.Unfolded)) : null,
            ListId = headers.First("List-ID") is { } list ? ListIdOf(list.Unfolded) : null,
            Subject = headers.First("Subject")?.Decoded,
            OriginalRcptTo = derived ? [FieldText.Path(complained!)] : report.OriginalRcptTo,
            Derived = derived ? [nameof(FeedbackReport.OriginalRcptTo)] : [],
        };
    }

    private static RawMessage ReadHeaders(MimePart part)
    {
        part.TryDecode(out var content);
        return MessageReader.Read(content.AsMemory().TrimStart("\r\n"u8));
    }

    /// <summary>RFC 2919 §3: between the last angle brackets; senders also leave them out.</summary>
    private static string ListIdOf(string value)
    {
        var open = value.LastIndexOf('<');
        var close = open < 0 ? -1 : value.IndexOf('>', open);
        return close < 0 ? value : value[(open + 1)..close].Trim();
    }
}
