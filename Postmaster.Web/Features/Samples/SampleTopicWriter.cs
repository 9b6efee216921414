using System.Buffers;

namespace Postmaster.Web.Features.Samples;

/// <summary>Collects the findings of one topic; the one place where outside text becomes fit for a page or a terminal.</summary>
internal sealed class SampleTopicWriter(string code, string title)
{
    /// <summary>Attack: a field of a megabyte quoted in a sentence.</summary>
    private const int MaxTextLength = 600;

    /// <summary>Lines of one finding; a mail of ten thousand bad links says the same with fifty.</summary>
    private const int MaxDetails = 100;

    private const int MaxEvidence = 50;

    /// <summary>Controls, and marks that turn the direction of writing: they could make a sentence of ours read otherwise.</summary>
    private static readonly SearchValues<char> Unfit = SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(c => (char)c).Where(c => char.IsControl(c) || c is (>= '\u2028' and <= '\u202E') or (>= '\u2066' and <= '\u2069'))]);

    private readonly List<SampleFinding> _findings = [];

    public bool IsEmpty => _findings.Count == 0;

    /// <param name="name">Without the topic, which is put before it.</param>
    public void Add(
        SampleSeverity severity,
        string name,
        string text,
        string? rfc = null,
        IEnumerable<ByteRange>? evidence = null,
        IEnumerable<string>? details = null,
        CopyText? fix = null) => _findings.Add(new SampleFinding
        {
            Code = $"{code}.{name}",
            Severity = severity,
            Text = Printable(text),
            Rfc = rfc,
            Evidence = [.. (evidence ?? []).Take(MaxEvidence)],
            Details = [.. (details ?? []).Take(MaxDetails).Select(line => Printable(line))],
            Fix = fix is null ? null : fix with { Value = Printable(fix.Value, fix.Value.Length) },
        });

    /// <param name="verdict">One line; null: the text of the finding that prevails.</param>
    public SampleTopic ToTopic(string? verdict = null)
    {
        List<SampleFinding> ordered = [.. _findings.OrderByDescending(f => SampleSeverities.Rank(f.Severity))];
        SampleSeverity severity = SampleSeverities.Worst(ordered.Select(f => f.Severity));
        return new SampleTopic(code, title, severity, verdict is null ? ordered[0].Text : Printable(verdict), ordered);
    }

    private static string Printable(string text) => Printable(text, MaxTextLength);

    private static string Printable(string text, int max)
    {
        string cut = text.Length <= max ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[max - 1]) ? max - 1 : max), "...");
        return cut.AsSpan().ContainsAny(Unfit) ? string.Concat(cut.Select(c => Unfit.Contains(c) ? '\uFFFD' : c)) : cut;
    }
}
