using System.Globalization;
using Postmaster.Web.Features.Samples.Scores;

namespace Postmaster.Web.Features.Samples.Checks;

/// <summary>What the operator's spam filters think of the mail.</summary>
internal sealed class ScoreCheck(IReadOnlyList<ISampleScorer> scorers) : ISampleCheck
{
    public async ValueTask<SampleTopic?> CheckAsync(SampleEvidence evidence, CancellationToken ct)
    {
        if (scorers.Count == 0)
            return null;
        var topic = new SampleTopicWriter(SampleTopics.Score, "Spam score");
        foreach (SampleScore score in await Task.WhenAll(scorers.Select(s => s.ScoreAsync(new SampleInput(evidence.Message.Bytes, evidence.Envelope), ct))))
            Judge(topic, score);
        return topic.ToTopic();
    }

    private static void Judge(SampleTopicWriter topic, SampleScore score)
    {
        string name = score.Program.ToLowerInvariant();
        if (score.Problem is { } problem)
            topic.Add(SampleSeverity.Unknown, name + "_away", $"{score.Program} gave no score: {problem}.");
        else if (score.Score >= score.Required)
            topic.Add(SampleSeverity.Warning, name + "_spam", string.Create(CultureInfo.InvariantCulture, $"{score.Program} takes the mail for spam: {score.Score:0.0}, the limit is {score.Required:0.0}. Its reasons are below."), details: score.Symbols);
        else
            topic.Add(SampleSeverity.Ok, name, string.Create(CultureInfo.InvariantCulture, $"{score.Program} gives {score.Score:0.0} of {score.Required:0.0}."), details: score.Symbols);
    }
}
