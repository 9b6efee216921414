using Postmaster.Fbl.Dns;
using Postmaster.Fbl.MtaSts;
using Postmaster.Fbl.Names;
using Postmaster.Web.Features.Domains.Inspection;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Samples.Checks;

/// <summary>TLS on the way to us, and what the domain of From publishes about TLS and its logo.</summary>
internal sealed class TransportCheck(IDnsResolver dns, MtaStsInspector mtaSts) : ISampleCheck
{
    public async ValueTask<SampleTopic?> CheckAsync(SampleEvidence evidence, CancellationToken ct)
    {
        var topic = new SampleTopicWriter(SampleTopics.Transport, "Transport and logo");
        CheckTls(topic, evidence);
        if (evidence.AuthorDomain is { } author)
        {
            await CheckMtaStsAsync(topic, author, ct);
            await LookAsync(topic, "_smtp._tls." + author.Ascii, "v=TLSRPTv1", "tls_rpt", "TLS-RPT", "has senders report where TLS fails", "RFC 8460 §3",
                new CopyText("dns-txt", "_smtp._tls." + author.Ascii, $"v=TLSRPTv1; rua=mailto:tls-reports@{author.Ascii}"), ct);
            await LookAsync(topic, "default._bimi." + author.Ascii, "v=BIMI1", "bimi", "BIMI", "shows your logo beside mail that passes DMARC with quarantine or reject", null, null, ct);
        }

        return topic.IsEmpty ? null : topic.ToTopic();
    }

    /// <summary>By the envelope; without one, by what the mail itself says of its last hop.</summary>
    private static void CheckTls(SampleTopicWriter topic, SampleEvidence evidence)
    {
        if (evidence.Envelope?.Tls is { } seen)
            JudgeTls(topic, seen, "The mail came", []);
        else if (LastHop.Of(evidence.Headers) is { Line: { Tls: { } told } line } hop)
            JudgeTls(topic, told, $"By the Received field of {line.By}, the mail came", [SampleEvidence.RangeOf(hop.Field)]);
        else
            topic.Add(SampleSeverity.Info, "tls_unknown", "The sample does not tell whether the last hop was encrypted.", "RFC 3207 §4");
    }

    private static void JudgeTls(SampleTopicWriter topic, string tls, string came, ByteRange[] evidence)
    {
        if (tls.Length == 0)
            topic.Add(SampleSeverity.Critical, "no_tls", $"{came} without TLS. Switch on opportunistic TLS in the sending host.", "RFC 3207 §4", evidence);
        else if (IsOutOfUse(tls))
            topic.Add(SampleSeverity.Warning, "old_tls", $"{came} by {tls}, which is out of use. Update the sending host to TLS 1.2 or 1.3.", "RFC 8996 §4", evidence);
        else
            topic.Add(SampleSeverity.Ok, "tls", $"{came} by {tls}.", "RFC 3207 §4", evidence);
    }

    private static bool IsOutOfUse(string tls)
    {
        string plain = tls.Replace("v", "", StringComparison.OrdinalIgnoreCase).Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
        return plain is "TLS1" || ((string[])["SSL", "TLS1.0", "TLS1.1"]).Any(old => plain.StartsWith(old, StringComparison.Ordinal));
    }

    private async Task CheckMtaStsAsync(SampleTopicWriter topic, DomainName author, CancellationToken ct)
    {
        MtaStsView view = await mtaSts.InspectAsync(author, ct);
        string[] details = [.. view.Records, .. view.Policy is { } policy ? [$"mode {policy.Mode.ToString().ToLowerInvariant()}", .. policy.Mx.Select(m => $"mx {m}")] : (string[])[]];
        if (view.Records.Count == 0 && view.Findings.Count == 0)
            topic.Add(SampleSeverity.Info, "no_mta_sts", $"MTA-STS: {MtaStsRecord.Label}.{author.Ascii} is not there. With it, and a policy, you tell senders to insist on TLS towards you.", "RFC 8461 §3.1");
        else if (view.Findings.Count == 0)
            topic.Add(SampleSeverity.Ok, "mta_sts", $"MTA-STS: {MtaStsRecord.Label}.{author.Ascii} is there. The policy was not fetched.", "RFC 8461 §3.1", details: details);
        foreach (MtaStsFinding finding in view.Findings)
            topic.Add(SeverityOf(finding.Severity), finding.Code.Replace('-', '_'), "MTA-STS: " + finding.Text, finding.Rfc, details: details);
    }

    private static SampleSeverity SeverityOf(FindingSeverity severity) => severity switch
    {
        FindingSeverity.Ok => SampleSeverity.Ok,
        FindingSeverity.Warning => SampleSeverity.Warning,
        FindingSeverity.Critical => SampleSeverity.Critical,
        _ => SampleSeverity.Unknown,
    };

    private async Task LookAsync(
        SampleTopicWriter topic, string name, string version, string code, string title, string use, string? rfc, CopyText? fix, CancellationToken ct)
    {
        DnsAnswer answer = await dns.QueryAsync(name, DnsRecordType.TXT, ct);
        List<string> records = [.. answer.Records.OfType<TxtRecord>().Select(r => r.Text).Where(t => IsOf(t, version))];
        if (answer.IsSilent)
            topic.Add(SampleSeverity.Unknown, code + "_unknown", $"{title}: {name} could not be asked: {answer.Describe()}.", rfc);
        else if (records.Count == 1)
            topic.Add(SampleSeverity.Ok, code, $"{title}: {name} is there.", rfc, details: records);
        else if (records.Count > 1)
            topic.Add(SampleSeverity.Warning, code + "_several", $"{title}: {name} has {records.Count} records, so none counts. Leave one.", rfc, details: records);
        else
            topic.Add(SampleSeverity.Info, "no_" + code, $"{title}: {name} is not there ({answer.Describe()}). It {use}.", rfc, fix: fix);
    }

    /// <summary>The version tag is the first and stands alone.</summary>
    private static bool IsOf(string record, string version) =>
        record.StartsWith(version, StringComparison.Ordinal) && record.AsSpan(version.Length).TrimStart(' ') is ([] or [';', ..]);
}
