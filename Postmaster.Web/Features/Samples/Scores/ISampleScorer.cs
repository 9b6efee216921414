namespace Postmaster.Web.Features.Samples.Scores;

/// <summary>A spam filter of the operator's, asked for its opinion.</summary>
public interface ISampleScorer
{
    /// <summary>Never throws for a filter that is away or answers nonsense: then the score has a problem.</summary>
    Task<SampleScore> ScoreAsync(SampleInput input, CancellationToken ct);
}

/// <summary>What a filter thinks of a mail.</summary>
/// <param name="Program">Its name.</param>
/// <param name="Score">Higher is worse.</param>
/// <param name="Required">From which score on mail is spam.</param>
/// <param name="Symbols">Its reasons, as it writes them.</param>
/// <param name="Problem">Null when it answered.</param>
public sealed record SampleScore(string Program, double Score, double Required, IReadOnlyList<string> Symbols, string? Problem)
{
    public static SampleScore Failed(string program, string problem) => new(program, 0, 0, [], problem);
}
