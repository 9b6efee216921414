namespace Postmaster.Web.Features.Samples;

/// <summary>What was found about one subject.</summary>
/// <param name="Code">One of <see cref="SampleTopics"/>.</param>
/// <param name="Severity">That of the finding that prevails.</param>
/// <param name="Verdict">One line.</param>
/// <param name="Findings">The ones to act on first.</param>
public sealed record SampleTopic(string Code, string Title, SampleSeverity Severity, string Verdict, IReadOnlyList<SampleFinding> Findings);

/// <summary>The whole result; goes to JSON and back for storage.</summary>
/// <param name="Topics">In the order in which they are shown.</param>
public sealed record SampleReport(IReadOnlyList<SampleTopic> Topics)
{
    public required SampleSeverity Severity { get; init; }

    public required int Size { get; init; }

    /// <summary>Decoded; empty when there is none.</summary>
    public string Subject { get; init; } = "";

    /// <summary>A-labels; null unless there is exactly one From with one domain.</summary>
    public string? AuthorDomain { get; init; }

    /// <summary>Where unsubscribing by one click would be asked for (RFC 8058); null unless it counts. Outside text.</summary>
    public string? OneClickTarget { get; init; }

    public required DateTimeOffset CheckedAt { get; init; }

    public SampleFinding? Find(string code) => Topics.SelectMany(t => t.Findings).FirstOrDefault(f => string.Equals(f.Code, code, StringComparison.Ordinal));
}
