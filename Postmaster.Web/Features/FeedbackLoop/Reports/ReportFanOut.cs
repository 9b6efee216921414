using Postmaster.Web.Data;

namespace Postmaster.Web.Features.FeedbackLoop.Reports;

/// <summary>All ways out of the house, one after the other.</summary>
internal sealed class ReportFanOut(IEnumerable<IReportWay> ways)
{
    private readonly IReportWay[] _ways = [.. ways];

    /// <inheritdoc cref="IReportWay.QueueAsync"/>
    public async Task<IReadOnlyList<int>> QueueAsync(PostmasterDb db, IReadOnlyList<CountedReport> reports, CancellationToken ct)
    {
        int[] queued = new int[reports.Count];
        if (reports.Count == 0)
            return queued;
        foreach (IReportWay way in _ways)
        {
            IReadOnlyList<int> byWay = await way.QueueAsync(db, reports, ct);
            for (int i = 0; i < queued.Length; i++)
                queued[i] += byWay[i];
        }

        return queued;
    }

    /// <inheritdoc cref="IReportWay.Wake"/>
    public void Wake()
    {
        foreach (IReportWay way in _ways)
            way.Wake();
    }
}
