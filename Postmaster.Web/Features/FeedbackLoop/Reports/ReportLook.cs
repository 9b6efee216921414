using Postmaster.Fbl.Arf;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Reports;

/// <summary>What one report shows of the message, and of whom.</summary>
/// <param name="Redaction">The recipient in clear is <see cref="RedactionMode.None"/>.</param>
public sealed record ReportLook(ReportShape Shape, ReportFormat Format, RedactionMode Redaction)
{
    /// <summary>Without settings of an owner: as much as the provider lets out.</summary>
    public static readonly ReportLook Default = new(ReportShape.FullMessage, ReportFormat.Arf, RedactionMode.Recipient);

    public OriginalShape Original => Shape switch
    {
        ReportShape.FullMessage => OriginalShape.FullMessage,
        ReportShape.Identifiers => OriginalShape.Identifiers,
        _ => OriginalShape.HeadersOnly,
    };

    public bool IsClear => Redaction is RedactionMode.None;

    public static ReportLook Of(FeedbackSettings? settings) =>
        settings is null ? Default : new ReportLook(settings.Shape, settings.Format, settings.IsClear ? RedactionMode.None : RedactionMode.Recipient);

    /// <summary>The look with nothing in it that this provider keeps in the house.</summary>
    /// <param name="includeBody"><see cref="ReportsOptions.IncludeBody"/></param>
    public ReportLook Within(bool includeBody) => includeBody || Shape is not ReportShape.FullMessage ? this : this with { Shape = ReportShape.HeadersOnly };

    /// <summary>
    /// One mail may tell several owners who named the same address: it shows no more than each of them may see. Where they differ about the format it is
    /// ARF, which all loops have.
    /// </summary>
    /// <param name="looks">At least one.</param>
    public static ReportLook Strictest(IReadOnlyCollection<ReportLook> looks) => new(
        looks.Max(l => l.Shape),
        looks.Select(l => l.Format).Distinct().Count() == 1 ? looks.First().Format : ReportFormat.Arf,
        looks.Max(l => l.Redaction));
}
