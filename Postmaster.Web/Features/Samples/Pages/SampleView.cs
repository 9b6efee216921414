using Postmaster.Web.Components.Shared;

namespace Postmaster.Web.Features.Samples.Pages;

/// <param name="Number">Its place on the page, from 1.</param>
/// <param name="Details">Lines that found room.</param>
public sealed record FindingView(int Number, SampleFinding Finding, string Text, IReadOnlyList<string> Details, int MoreDetails, IReadOnlyList<EvidencePart> Evidence, CopyText? Fix);

/// <param name="Left">Findings that found no room.</param>
public sealed record TopicView(SampleTopic Topic, string Verdict, bool IsOpen, IReadOnlyList<FindingView> Findings, int Left);

/// <summary>
/// A report made fit for one page: outside text cleaned and cut, the octets of the evidence cut out. A page has a fixed room, which a hostile mail
/// cannot widen; what asks for action gets its room first.
/// </summary>
internal static class SampleView
{
    /// <summary>Octets of HTML that a report may take of a page of 60 KB.</summary>
    private const int Room = 38 * 1024;

    /// <summary>Octets of markup around one finding, one detail, one piece of evidence.</summary>
    private const int FindingMarkup = 420, PartMarkup = 60, FixMarkup = 900;

    /// <summary>Of one finding: a trace must not take everybody's room.</summary>
    private const int DetailRoom = 5 * 1024;

    private const int MaxText = 600, MaxVerdict = 200, MaxDetail = 300, MaxFix = 2500;

    public static IReadOnlyList<TopicView> Of(SampleReport report, ReadOnlySpan<byte> mail)
    {
        int room = Room, number = 0;
        var views = new TopicView?[report.Topics.Count];
        foreach (int index in Enumerable.Range(0, report.Topics.Count).OrderByDescending(i => SampleSeverities.Rank(report.Topics[i].Severity)))
        {
            SampleTopic topic = report.Topics[index];
            var findings = new List<FindingView>(topic.Findings.Count);
            foreach (SampleFinding finding in topic.Findings)
            {
                if (room < FindingMarkup + MaxText)
                    break;
                findings.Add(View(finding, mail, ++number, ref room));
            }

            bool open = topic.Severity is SampleSeverity.Critical or SampleSeverity.Warning;
            views[index] = new TopicView(topic, OutsideWords.Line(topic.Verdict, MaxVerdict), open, findings, topic.Findings.Count - findings.Count);
        }

        return [.. views.OfType<TopicView>()];
    }

    private static FindingView View(SampleFinding finding, ReadOnlySpan<byte> mail, int number, ref int room)
    {
        string text = OutsideWords.Line(finding.Text, MaxText);
        room -= FindingMarkup + Cost(text);
        CopyText? fix = null;
        if (finding.Fix is { } mend && mend.Value.Length <= MaxFix && Take(ref room, Cost(mend.Value) + Cost(mend.Name ?? "") + FixMarkup))
            fix = mend with { Name = mend.Name is null ? null : OutsideWords.Line(mend.Name, MaxText), Value = OutsideWords.Block(mend.Value) };
        IReadOnlyList<EvidencePart> evidence = finding.Evidence.Count == 0 ? [] : EvidenceText.Cut(mail, finding.Evidence);
        if (!Take(ref room, evidence.Sum(p => Cost(p.Text) + Cost(p.Label ?? "") + PartMarkup)))
            evidence = [];
        var details = new List<string>();
        int detailRoom = Math.Min(DetailRoom, room);
        foreach (string detail in finding.Details)
        {
            string line = Indented(detail);
            if (!Take(ref detailRoom, Cost(line)))
                break;
            room -= Cost(line);
            details.Add(line);
        }

        return new FindingView(number, finding, text, details, finding.Details.Count - details.Count, evidence, fix);
    }

    /// <summary>One line; the blanks before it tell its level.</summary>
    private static string Indented(string detail)
    {
        int level = Math.Min(detail.Length - detail.TrimStart(' ').Length, 40);
        return new string(' ', level) + OutsideWords.Line(detail, MaxDetail);
    }

    private static bool Take(ref int room, int cost)
    {
        if (cost > room)
            return false;
        room -= cost;
        return true;
    }

    /// <summary>Octets as HTML: markup characters and all beyond ASCII are written as references.</summary>
    private static int Cost(string text)
    {
        int cost = 0;
        foreach (char c in text)
            cost += c > 0x7E ? 9 : c is '<' or '>' or '&' or '"' or '\'' or '+' or '`' ? 6 : 1;
        return cost;
    }
}
