namespace Postmaster.Web.Features.Samples;

/// <summary>What became of one topic between two mails.</summary>
/// <param name="Before">Null: the topic was not looked at then; <paramref name="Now"/> null: it is not now.</param>
/// <param name="Gone">Findings of before that are not there now.</param>
/// <param name="Came">Findings that were not there before.</param>
public sealed record TopicChange(string Title, SampleTopic? Before, SampleTopic? Now, IReadOnlyList<SampleFinding> Gone, IReadOnlyList<SampleFinding> Came);

/// <summary>Compares two reports, finding by finding.</summary>
public static class SampleComparison
{
    /// <summary>The topics that differ, in the order of the page.</summary>
    public static IReadOnlyList<TopicChange> Of(SampleReport before, SampleReport now)
    {
        var changes = new List<TopicChange>();
        IEnumerable<string> codes = now.Topics.Select(t => t.Code).Concat(before.Topics.Select(t => t.Code)).Distinct(StringComparer.Ordinal);
        foreach (string code in codes)
        {
            SampleTopic? then = before.Topics.FirstOrDefault(t => string.Equals(t.Code, code, StringComparison.Ordinal));
            SampleTopic? today = now.Topics.FirstOrDefault(t => string.Equals(t.Code, code, StringComparison.Ordinal));
            List<SampleFinding> gone = Without(then, today), came = Without(today, then);
            if (then?.Severity != today?.Severity || gone.Count > 0 || came.Count > 0)
                changes.Add(new TopicChange((today ?? then)!.Title, then, today, gone, came));
        }

        return changes;
    }

    /// <summary>What one topic has and the other has not. The words count: a finding whose numbers changed is another.</summary>
    private static List<SampleFinding> Without(SampleTopic? topic, SampleTopic? other)
    {
        HashSet<(string, SampleSeverity, string)> known = [.. (other?.Findings ?? []).Select(Key)];
        return [.. (topic?.Findings ?? []).Where(f => !known.Contains(Key(f)))];
    }

    private static (string Code, SampleSeverity Severity, string Text) Key(SampleFinding finding) => (finding.Code, finding.Severity, finding.Text);
}
