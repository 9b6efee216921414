using System.Globalization;
using System.Net;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Spf;

namespace Postmaster.Web.Features.Samples.Checks;

/// <summary>The verdict of SPF on the envelope, and what the record costs every receiver, whoever sends.</summary>
/// <param name="envelopeAdvice">How the envelope can be told.</param>
internal sealed class SpfCheck(IDnsResolver dns, string envelopeAdvice) : ISampleCheck
{
    /// <summary>Received-SPF fields that are told; each host on the way may have written one.</summary>
    private const int MaxNoted = 3;

    private readonly SpfSurvey _survey = new(dns);
    private readonly SpfRecordFix _fix = new(dns);

    public async ValueTask<SampleTopic?> CheckAsync(SampleEvidence evidence, CancellationToken ct)
    {
        var topic = new SampleTopicWriter(SampleTopics.Spf, "SPF");
        if (evidence.Spf is { } result)
            Judge(topic, evidence, result);
        else
            topic.Add(SampleSeverity.Info, "envelope_unknown", $"SPF judges who hands a mail in: the client's address, MAIL FROM and HELO. This sample does not tell them. {envelopeAdvice}", "RFC 7208 §2.4");

        TellNoted(topic, evidence);
        DomainName? domain = evidence.Spf?.Domain ?? ReturnPathDomain(evidence.Headers) ?? evidence.AuthorDomain;
        if (domain is not null)
            await LookIntoRecordAsync(topic, domain, evidence.Spf, ct);
        return topic.ToTopic();
    }

    /// <summary>What hosts on the way noted (RFC 7208 §9.1): told, and never believed.</summary>
    private static void TellNoted(SampleTopicWriter topic, SampleEvidence evidence)
    {
        foreach (HeaderField field in evidence.Headers.All("Received-SPF").Take(MaxNoted))
        {
            ByteRange[] range = [SampleEvidence.RangeOf(field)];
            if (ReceivedSpf.TryParse(field.Unfolded, out ReceivedSpf? noted, out _))
                topic.Add(SampleSeverity.Info, "received_spf", $"A Received-SPF field says {noted.Result}. Anybody can write one, so it does not count here.", "RFC 7208 §9.1", range, noted.Pairs.Select(p => $"{p.Key}: {p.Value}"));
            else
                topic.Add(SampleSeverity.Info, "bad_received_spf", "A Received-SPF field has not the form of one, so nobody can read what it notes.", "RFC 7208 §9.1", range);
        }
    }

    private static DomainName? ReturnPathDomain(HeaderBlock headers) =>
        headers.First("Return-Path") is { } field ? SampleEvidence.DomainOf(field.Unfolded.Trim('<', '>', ' ')) : null;

    private static void Judge(SampleTopicWriter topic, SampleEvidence evidence, SpfResult result)
    {
        string domain = result.Domain?.Ascii ?? "the envelope sender";
        IPAddress ip = evidence.Envelope!.Ip!;
        string[] trace = result.Trace is { } tree ? [.. SpfSurvey.Describe(tree)] : [];
        string cost = string.Create(CultureInfo.InvariantCulture, $"{result.Lookups} DNS look-ups, {result.VoidLookups} of them empty");
        switch (result.Status)
        {
            case SpfStatus.Pass:
                topic.Add(SampleSeverity.Ok, "pass", $"{domain} lets {ip} send: {result.Reason} ({cost}).", "RFC 7208 §2.6.3", details: trace);
                break;
            case SpfStatus.Fail:
                topic.Add(SampleSeverity.Critical, "fail", $"{domain} forbids {ip} to send: {result.Reason}. If the host is yours, add it to the record.", "RFC 7208 §2.6.4", details: trace, fix: WithHost(result, ip));
                break;
            case SpfStatus.SoftFail or SpfStatus.Neutral:
                topic.Add(SampleSeverity.Warning, result.Status == SpfStatus.Neutral ? "neutral" : "softfail", $"{domain} does not vouch for {ip}: {result.Reason}. If the host is yours, add it to the record.", "RFC 7208 §2.6.5", details: trace, fix: WithHost(result, ip));
                break;
            case SpfStatus.None:
                topic.Add(SampleSeverity.Warning, "none", $"{domain} has no SPF record. Publish one that names the hosts that send with this envelope domain.", "RFC 7208 §2.6.1", details: trace,
                    fix: result.Domain is null ? null : new CopyText("dns-txt", domain, $"v=spf1 {Mechanism(ip)} -all"));
                break;
            case SpfStatus.TempError:
                topic.Add(SampleSeverity.Unknown, "temperror", $"DNS gave no answer for {domain}: {result.Reason}. Ask again in some minutes; if it stays, look at the name servers.", "RFC 7208 §2.6.6", details: trace);
                break;
            default:
                topic.Add(SampleSeverity.Critical, "permerror", $"The record of {domain} cannot be evaluated: {result.Reason}. Mend it: until then SPF never passes.", result.Problem is SpfProblem.TooManyLookups or SpfProblem.TooManyVoidLookups or SpfProblem.TooManyMxNames ? "RFC 7208 §4.6.4" : "RFC 7208 §2.6.7", details: trace);
                break;
        }

        if (result.Identity == SpfIdentity.NullMailFrom)
            topic.Add(SampleSeverity.Info, "null_sender", "MAIL FROM is <>, so SPF judged the HELO name.", "RFC 7208 §2.4");
    }

    private async Task LookIntoRecordAsync(SampleTopicWriter topic, DomainName domain, SpfResult? verdict, CancellationToken ct)
    {
        SpfResult survey = await _survey.OfAsync(domain, ct);
        if (survey.Trace is not { Record: { } record } trace)
        {
            if (verdict is null && survey.Status == SpfStatus.None)
                topic.Add(SampleSeverity.Warning, "none", $"{domain.Ascii} has no SPF record. Publish one that names the hosts that send with it as envelope domain.", "RFC 7208 §3");
            return;
        }

        string[] costs = [.. SpfSurvey.Costs(trace)];
        bool over = survey.Lookups > SpfSurvey.MaxLookups, voids = survey.VoidLookups > SpfSurvey.MaxVoidLookups;
        string? dead = SpfRecordFix.DeadTerm(trace);
        if (over || voids || dead is not null)
        {
            SpfProposal proposal = await _fix.ProposeAsync(domain, record, ct);
            string what = (over, dead) switch
            {
                (true, _) => string.Create(CultureInfo.InvariantCulture, $"The record of {domain.Ascii} needs {survey.Lookups} DNS look-ups, {SpfSurvey.MaxLookups} are allowed."),
                (_, { } term) => $"{term} in the record of {domain.Ascii} leads to nothing.",
                _ => string.Create(CultureInfo.InvariantCulture, $"{survey.VoidLookups} look-ups of the record of {domain.Ascii} find nothing, {SpfSurvey.MaxVoidLookups} are allowed."),
            };
            topic.Add(survey.Status == SpfStatus.PermError || over || voids ? SampleSeverity.Critical : SampleSeverity.Warning, over ? "too_many_lookups" : "dead_term",
                $"{what} {proposal.Advice}", "RFC 7208 §4.6.4", details: costs, fix: proposal.Record is null ? null : new CopyText("dns-txt", domain.Ascii, proposal.Record));
        }
        else if (verdict is null)
        {
            topic.Add(SampleSeverity.Info, "record", string.Create(CultureInfo.InvariantCulture, $"The record of {domain.Ascii} needs up to {survey.Lookups} of {SpfSurvey.MaxLookups} DNS look-ups."), "RFC 7208 §4.6.4", details: [.. SpfSurvey.Describe(trace)]);
        }

        if (survey is { Status: SpfStatus.Pass, Mechanism: { } mechanism } && mechanism.EndsWith("all", StringComparison.OrdinalIgnoreCase))
            topic.Add(SampleSeverity.Critical, "everybody", $"The record of {domain.Ascii} lets everybody send: {mechanism}. End it with -all.", "RFC 7208 §5.1");
    }

    private static string Mechanism(IPAddress ip) => (ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork || ip.IsIPv4MappedToIPv6 ? "ip4:" : "ip6:") + (ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip);

    private static CopyText? WithHost(SpfResult result, IPAddress ip) =>
        result is { Domain: { } domain, Trace.Record: { Length: > 6 } record } && record[6] == ' ' ? new CopyText("dns-txt", domain.Ascii, $"v=spf1 {Mechanism(ip)}{record[6..]}") : null;
}
