using System.Globalization;
using Postmaster.Fbl;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.MtaSts;
using Postmaster.Fbl.Names;
using Postmaster.Web.Hosting.Outward;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains.Inspection;

/// <summary>Looks at a domain's MTA-STS as a sender of mail to it would: the record, then the policy at its host, then the MX. Asks only for whom somebody asks.</summary>
/// <param name="https">Null: the policy is not fetched.</param>
public sealed class MtaStsInspector(IDnsResolver dns, OutwardHttps? https)
{
    /// <summary>RFC 8461 §3.2 speaks of weeks; a shorter time than a day hardly protects.</summary>
    private static readonly TimeSpan ShortAge = TimeSpan.FromDays(1);

    public async Task<MtaStsView> InspectAsync(DomainName domain, CancellationToken ct)
    {
        string name = $"{MtaStsRecord.Label}.{domain.Ascii}";
        DnsAnswer answer = await dns.QueryAsync(name, DnsRecordType.TXT, ct);
        List<string> texts = [.. answer.Records.OfType<TxtRecord>().Select(r => r.Text)];
        // RFC 8461 §3.1: other texts at the name do not count.
        List<string> records = texts.FindAll(MtaStsRecord.IsClaimed);
        if (answer.IsSilent)
            return Only([], "mta-sts-unknown", FindingSeverity.Unknown, $"{name} could not be asked: {answer.Describe()}.", "RFC 8461 §3.1");
        if (records.Count == 0 && texts.Count > 0)
            return Only([], "mta-sts-bad-record", FindingSeverity.Warning, $"{name} has a TXT record that does not begin with v=STSv1; so it does not count.", "RFC 8461 §3.1");
        if (records.Count == 0)
            return new MtaStsView([], null, []);
        if (records.Count > 1)
            return Only(records, "mta-sts-several", FindingSeverity.Warning, $"{name} has {records.Count} records, so none counts. Leave one.", "RFC 8461 §3.1");
        if (!MtaStsRecord.TryParse(records[0], out _, out ParseProblem problem))
            return Only(records, "mta-sts-bad-record", FindingSeverity.Warning, $"{name} does not count: {Words(problem)}.", "RFC 8461 §3.1");
        if (https is null)
            return new MtaStsView(records, null, []);
        return await FetchAsync(domain, records, ct);
    }

    private async Task<MtaStsView> FetchAsync(DomainName domain, List<string> records, CancellationToken ct)
    {
        Uri uri = MtaStsPolicy.UriOf(domain);
        OutwardOutcome outcome = await https!.SendAsync(new OutwardRequest(HttpMethod.Get, uri), ct);
        if (outcome is not OutwardOutcome.Answered { Status: 200, IsCut: false } answered)
            return Only(records, "mta-sts-no-policy", FindingSeverity.Warning, $"There is a record, but no policy at {uri}: {Words(outcome)}. Without it the record does nothing.", "RFC 8461 §3.3");
        List<MtaStsFinding> findings = [];
        if (answered.ContentType is not "text/plain")
            findings.Add(new("mta-sts-content-type", FindingSeverity.Warning, $"The policy is not served as text/plain, and senders may refuse it. Set the Content-Type of {uri}.", "RFC 8461 §3.2"));
        if (!MtaStsPolicy.TryParse(answered.Body.Span, out MtaStsPolicy? policy, out ParseProblem problem))
        {
            findings.Add(new("mta-sts-bad-policy", FindingSeverity.Warning, $"The policy at {uri} does not count: {Words(problem)}.", "RFC 8461 §3.2"));
            return new MtaStsView(records, null, findings);
        }

        await JudgeAsync(domain, policy, findings, ct);
        return new MtaStsView(records, policy, findings);
    }

    private async Task JudgeAsync(DomainName domain, MtaStsPolicy policy, List<MtaStsFinding> findings, CancellationToken ct)
    {
        if (policy.Mode != MtaStsMode.None)
        {
            MailExchanges mx = await MailExchanges.FindAsync(dns, domain, ct);
            if (mx.Answer.IsSilent)
                findings.Add(new("mta-sts-mx-unknown", FindingSeverity.Unknown, $"The MX of {domain.Ascii} could not be held against the policy: {mx.Answer.Describe()}.", "RFC 8461 §4.1"));
            List<string> strangers = [.. mx.Hosts.Where(h => !(DomainName.TryParse(h, out DomainName? host, out _) && policy.Allows(host)))];
            if (strangers.Count > 0)
                findings.Add(new("mta-sts-mx", policy.Mode == MtaStsMode.Enforce ? FindingSeverity.Critical : FindingSeverity.Warning, Uncovered(strangers, policy), "RFC 8461 §4.1"));
            if (policy.MaxAge < ShortAge)
                findings.Add(new("mta-sts-short-age", FindingSeverity.Warning, string.Create(CultureInfo.InvariantCulture,
                    $"The policy is kept for {policy.MaxAge.TotalSeconds:0} seconds only (max_age), so that an attacker has but to wait. Write weeks: max_age: 1209600."), "RFC 8461 §3.2"));
        }

        if (findings.Count == 0)
            findings.Add(new("mta-sts", FindingSeverity.Ok, Summary(policy), "RFC 8461 §3.2"));
    }

    private static string Uncovered(List<string> hosts, MtaStsPolicy policy) =>
        $"The policy does not allow {string.Join(", ", hosts)}, which {(hosts.Count == 1 ? "is an" : "are")} MX of the domain: {(policy.Mode == MtaStsMode.Enforce
            ? "senders that keep to MTA-STS deliver nothing there" : "once the mode is enforce, nothing is delivered there")}. Add an mx: line for {(hosts.Count == 1 ? "it" : "each")}.";

    private static string Summary(MtaStsPolicy policy) => policy.Mode switch
    {
        MtaStsMode.None => "The policy has the mode none: senders forget what they knew. The record can go when its max_age is over.",
        MtaStsMode.Testing => "The policy is fetched and allows every MX of the domain. Its mode is testing: failures are reported, and mail is delivered all the same.",
        _ => string.Create(CultureInfo.InvariantCulture, $"The policy is fetched, its mode is enforce, it allows every MX of the domain and is kept for {policy.MaxAge.TotalDays:0.#} days."),
    };

    private static MtaStsView Only(IReadOnlyList<string> records, string code, FindingSeverity severity, string text, string rfc) =>
        new(records, null, [new MtaStsFinding(code, severity, text, rfc)]);

    private static string Words(OutwardOutcome outcome) => outcome switch
    {
        OutwardOutcome.Refused refused => refused.Text,
        OutwardOutcome.Failed failed => failed.Text,
        OutwardOutcome.Answered { IsCut: true } => "the file is larger than 64 KB",
        // RFC 8461 §3.3: redirects are not followed.
        OutwardOutcome.Answered { IsRedirect: true } answered => string.Create(CultureInfo.InvariantCulture, $"the server answers with a redirect (HTTP {answered.Status}), which senders do not follow"),
        OutwardOutcome.Answered answered => string.Create(CultureInfo.InvariantCulture, $"the server answers with HTTP {answered.Status}"),
        _ => "nothing came",
    };

    private static string Words(ParseProblem problem) => problem.Code switch
    {
        "bad-field" => "what stands between its semicolons is not name=value",
        "no-id" => "it has no id=",
        "bad-id" => "its id= is not of 1 to 32 letters and digits",
        "not-utf8" => "it is no text in UTF-8",
        "too-many-lines" => "it has too many lines",
        "bad-line" => $"line {problem.Offset} is not \"key: value\"",
        "no-version" => "it has no line \"version: STSv1\"",
        "bad-version" => $"line {problem.Offset} names another version than STSv1",
        "no-mode" => "it has no line \"mode: ...\"",
        "bad-mode" => $"the mode in line {problem.Offset} is not enforce, testing or none",
        "no-max-age" => "it has no line \"max_age: ...\"",
        "bad-max-age" => $"max_age in line {problem.Offset} is not a number of seconds up to {MtaStsPolicy.MaxAgeSeconds}",
        "bad-mx" => $"mx in line {problem.Offset} is no host name and no *.name",
        "no-mx" => "it has no line \"mx: ...\"",
        _ => problem.Code,
    };
}
