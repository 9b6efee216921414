using Postmaster.Web.Data;

namespace Postmaster.Web.Features.FeedbackLoop.Reports;

/// <summary>All ways out of the house, one after the other.</summary>
internal sealed class ReportFanOut(IEnumerable<IReportWay> ways)
{
    private readonly IReportWay[] _ways = [.. ways];

    /// <inheritdoc cref="IReportWay.QueueAsync"/>
    public async Task<int> QueueAsync(PostmasterDb db, CountedReport report, CancellationToken ct)
    {
        int queued = 0;
        foreach (IReportWay way in _ways)
            queued += await way.QueueAsync(db, report, ct);
        return queued;
    }

    /// <inheritdoc cref="IReportWay.Wake"/>
    public void Wake()
    {
        foreach (IReportWay way in _ways)
            way.Wake();
    }
}
