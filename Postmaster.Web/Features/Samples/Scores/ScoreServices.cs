using System.Globalization;
using Microsoft.Extensions.Options;

namespace Postmaster.Web.Features.Samples.Scores;

internal static class ScoreServices
{
    /// <summary>Two seats, each empty unless its filter is configured.</summary>
    public static IServiceCollection AddSampleScores(this IServiceCollection services)
    {
        services.AddSingleton<SampleScorers>();
        return services;
    }
}

/// <summary>The filters that the operator configured.</summary>
public sealed class SampleScorers(IOptions<ScoreOptions> options)
{
    internal IReadOnlyList<ISampleScorer> All { get; } = [.. Of(options.Value)];

    private static IEnumerable<ISampleScorer> Of(ScoreOptions options)
    {
        if (options.RspamdUrl.Length > 0)
            yield return new RspamdScorer(new Uri(options.RspamdUrl));
        if (options.SpamdAddress.Length > 0)
            yield return new SpamdScorer(options.SpamdAddress.Split(':')[0], int.Parse(options.SpamdAddress.Split(':')[1], NumberStyles.None, CultureInfo.InvariantCulture));
    }
}
