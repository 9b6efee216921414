using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Reports;

/// <summary>What a report looks like, in words for pages.</summary>
internal static class LookWords
{
    public static string Label(this ReportShape shape) => shape switch
    {
        ReportShape.HeadersOnly => "header only",
        ReportShape.Identifiers => "identifiers only",
        _ => "full message",
    };

    public static string Sentence(this ReportShape shape) => shape switch
    {
        ReportShape.HeadersOnly => "All header fields of the message, and nothing of its body.",
        ReportShape.Identifiers => "Message-ID, List-Id, Feedback-ID, CFBL-Feedback-ID and the date of arrival: enough if you can find a subscriber by one of them.",
        _ => "The whole message, so that you see what people complained about.",
    };

    public static string Label(this ReportFormat format) => format is ReportFormat.Xarf ? "XARF" : "ARF";
}
