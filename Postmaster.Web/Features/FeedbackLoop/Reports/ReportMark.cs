namespace Postmaster.Web.Features.FeedbackLoop.Reports;

/// <summary>The header field by which we know our own reports when one comes back as a complaint.</summary>
public static class ReportMark
{
    public const string FieldName = "X-Postmaster-Report";

    /// <param name="providerDomain">The portal's mail domain: the mark of another portal is none of ours.</param>
    public static string Value(string providerDomain) => providerDomain;
}
