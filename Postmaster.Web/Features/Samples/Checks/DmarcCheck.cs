using System.Globalization;
using Postmaster.Fbl.Dmarc;

namespace Postmaster.Web.Features.Samples.Checks;

/// <summary>Whether somebody vouches for the domain that From shows, and what its record asks for.</summary>
internal sealed class DmarcCheck : ISampleCheck
{
    public ValueTask<SampleTopic?> CheckAsync(SampleEvidence evidence, CancellationToken ct)
    {
        var topic = new SampleTopicWriter(SampleTopics.Dmarc, "DMARC");
        DmarcResult result = evidence.Dmarc;
        ByteRange[] from = [.. evidence.RangesOf("From")];
        Judge(topic, result, from);
        if (result.Record is { } record)
            JudgeRecord(topic, result, record);
        if (result.Authors.Count > 1)
            topic.Add(SampleSeverity.Critical, "several_authors", $"From names several domains: {string.Join(", ", result.Authors.Select(a => a.AuthorDomain?.Ascii ?? "unreadable"))}. Write one author; receivers may refuse the rest.", "RFC 9989 §11.5", from);
        if (result.Legacy is { } legacy)
            topic.Add(SampleSeverity.Info, "legacy", string.Create(CultureInfo.InvariantCulture, $"A receiver that still goes by RFC 7489 and the list of public suffixes sees it otherwise: {Word(legacy.Status)}, organizational domain {legacy.OrganizationalDomain.Ascii}, policy {Word(legacy.Policy)}{(legacy.Percent == 100 ? "" : $" for {legacy.Percent} % of what fails")}."), "RFC 7489 §6.6");
        return ValueTask.FromResult<SampleTopic?>(topic.ToTopic());
    }

    private static void Judge(SampleTopicWriter topic, DmarcResult result, ByteRange[] from)
    {
        string author = result.AuthorDomain?.Ascii ?? "the author domain";
        string[] facts = [.. Facts(result)];
        switch (result.Status)
        {
            case DmarcStatus.Pass:
                topic.Add(SampleSeverity.Ok, "pass", $"Pass by {string.Join(" and ", result.Identifiers.Where(i => i.IsAuthenticated && i.IsAligned).Select(i => i.Mechanism == DmarcMechanism.Dkim ? "DKIM" : "SPF").Distinct(StringComparer.Ordinal))}, policy {Word(result.Policy)}, organizational domain {result.OrganizationalDomain?.Ascii}.", "RFC 9989 §5.3", from, facts);
                break;
            case DmarcStatus.None:
                topic.Add(SampleSeverity.Warning, "none", $"{author} has no DMARC record. Begin with the one below, which changes nothing but has receivers tell you who sends in your name; make it stricter when the reports look right.", "RFC 9989 §4.7", from, facts,
                    result.AuthorDomain is null ? null : new CopyText("dns-txt", $"_dmarc.{author}", $"v=DMARC1; p=none; rua=mailto:dmarc-reports@{author}"));
                break;
            case DmarcStatus.Fail when result.Problem == DmarcProblem.SpfNotChecked:
                topic.Add(SampleSeverity.Warning, "no_aligned_signature", $"No valid DKIM signature is aligned with {author}, and SPF was not checked because the sample does not tell its envelope. Sign with d={author}.", "RFC 9989 §4.4", from, facts);
                break;
            case DmarcStatus.Fail:
                topic.Add(SampleSeverity.Critical, "fail", $"Fail: {result.Reason}. {author} asks receivers for {Word(result.PolicyInEffect)}. Sign with d={author}, or send with an envelope domain of {result.OrganizationalDomain?.Ascii ?? author} that passes SPF.", "RFC 9989 §5.3", from, facts);
                break;
            case DmarcStatus.TempError:
                topic.Add(SampleSeverity.Unknown, "temperror", $"DNS gave no answer: {result.Reason}. Ask again in some minutes; if it stays, look at the name servers.", "RFC 9989 §5.3.6", from, facts);
                break;
            default:
                topic.Add(SampleSeverity.Critical, "permerror", $"DMARC cannot be judged: {result.Reason}.", "RFC 9989 §5.3", from, facts);
                break;
        }
    }

    private static void JudgeRecord(SampleTopicWriter topic, DmarcResult result, DmarcRecord record)
    {
        string name = $"_dmarc.{result.PolicyDomain?.Ascii}";
        string[] text = [$"{name}: {record.Text}"];
        if (result.PolicySource == DmarcPolicySource.Assumed)
            topic.Add(SampleSeverity.Warning, "no_policy", $"{name} has no valid p=, sp= or np=, so receivers take p=none. Write the policy that you mean.", "RFC 9989 §4.10.1", details: text);
        else if (result is { Status: DmarcStatus.Pass, Policy: DmarcPolicy.None })
            topic.Add(SampleSeverity.Info, "policy_none", $"{name} asks for nothing when mail fails. When the reports show that all your mail passes, write p=quarantine, then p=reject.", "RFC 9989 §4.7", details: text);
        if (record.Testing)
            topic.Add(SampleSeverity.Info, "testing", $"{name} says t=y, so receivers go one level below the policy. Take it out when the test is over.", "RFC 9989 §4.7", details: text);
        if (record.Percent is { } percent)
            topic.Add(SampleSeverity.Warning, "pct", string.Create(CultureInfo.InvariantCulture, $"{name} says pct={percent}, which is gone from DMARC: newer receivers ignore it. Take it out, and use t=y for a test."), "RFC 9989 §4.7", details: text);
        if (record.AggregateReports.Count == 0)
            topic.Add(SampleSeverity.Info, "no_reports", $"{name} names no address for reports (rua), so nobody tells you who sends in your name.", "RFC 9989 §4.7", details: text);
        if (record.Ignored.Count > 0)
            topic.Add(SampleSeverity.Warning, "ignored_tags", $"{name} holds what receivers ignore: {string.Join("; ", record.Ignored)}. Mend or drop it.", "RFC 9989 §4.8", details: text);
    }

    private static IEnumerable<string> Facts(DmarcResult result)
    {
        foreach (DmarcIdentifier identifier in result.Identifiers)
        {
            string state = identifier.IsTest ? "key in test" : identifier.IsAuthenticated ? "authenticated" : "not known";
            yield return $"{(identifier.Mechanism == DmarcMechanism.Dkim ? "DKIM" : "SPF")} {identifier.Domain.Ascii}: {state}, {Word(identifier.Alignment)}";
        }

        foreach (DmarcLookup lookup in result.Lookups)
            yield return $"_dmarc.{lookup.Domain.Ascii}: {lookup.Record?.Text ?? lookup.Answer?.Describe() ?? DmarcProblemText.Of(lookup.Problem)}";
    }

    private static string Word(DmarcAlignment alignment) => alignment switch
    {
        DmarcAlignment.Strict => "aligned (same domain)",
        DmarcAlignment.Relaxed => "aligned (same organizational domain)",
        DmarcAlignment.Unknown => "alignment not known",
        _ => "not aligned",
    };

    private static string Word(DmarcPolicy policy) => policy.ToString().ToLowerInvariant();

    private static string Word(DmarcStatus status) => status.ToString().ToLowerInvariant();
}
