namespace Postmaster.Web.Features.Samples;

/// <summary>Which severity prevails.</summary>
public static class SampleSeverities
{
    /// <summary>Critical before warning before unknown before info before ok: what is known to be wrong is not hidden by what is not known.</summary>
    public static SampleSeverity Worst(IEnumerable<SampleSeverity> severities) => severities.DefaultIfEmpty(SampleSeverity.Ok).MaxBy(Rank);

    public static int Rank(SampleSeverity severity) => severity switch
    {
        SampleSeverity.Critical => 4,
        SampleSeverity.Warning => 3,
        SampleSeverity.Unknown => 2,
        SampleSeverity.Info => 1,
        _ => 0,
    };
}
