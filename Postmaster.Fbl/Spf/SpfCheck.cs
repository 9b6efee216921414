using System.Text;
using Postmaster.Fbl.Dns;

namespace Postmaster.Fbl.Spf;

/// <summary>One run of check_host() through all records that it leads to (RFC 7208 §4).</summary>
internal sealed class SpfCheck : IDisposable
{
    private readonly SpfRecordCache _records;
    private readonly SpfClient _client;
    private readonly SpfQuestions _questions;
    private readonly SpfTargets _targets;
    private readonly SpfHosts _hosts;

    public SpfCheck(IDnsResolver dns, SpfEvaluatorOptions options, SpfRecordCache records, SpfSession session, CancellationToken ct)
    {
        (_records, _client) = (records, session.Client);
        Costs = new SpfCosts(options);
        _questions = new SpfQuestions(dns, options, ct);
        var names = new SpfClientNames(_client, _questions, options.MaxPtrNames);
        _targets = new SpfTargets(session, names, Costs, options);
        _hosts = new SpfHosts(_client, _questions, names, Costs, options);
    }

    public SpfCosts Costs { get; }

    public void Dispose() => _questions.Dispose();

    /// <param name="domain">Characters as they are, without the dot at the end.</param>
    public async ValueTask<SpfTrace> EvaluateAsync(string domain)
    {
        var answer = await _questions.AskAsync(domain, DnsRecordType.TXT);
        if (_questions.OutOfTime)
            return Ended(SpfProblem.TimeLimit, $"{SpfText.Printable(domain)}: {answer.Describe()}");
        if (answer.IsSilent)
            return Ended(SpfProblem.DnsFailure, $"{SpfText.Printable(domain)}: {answer.Describe()}"); // RFC 7208 §4.4
        if (SpfRecordParser.Select(answer, out var count) is not { } octets)
            return Ended(count == 0 ? SpfProblem.NoRecord : SpfProblem.SeveralRecords, SpfText.Printable(domain)); // RFC 7208 §4.5
        var outcome = _records.Read(octets);
        return outcome.Record is { } record
            ? await EvaluateAsync(domain, answer, record)
            : Ended(outcome.Error.Problem, At(outcome.Error.Term, domain)) with { Record = Encoding.Latin1.GetString(octets) };

        SpfTrace Ended(SpfProblem problem, string detail)
            => new() { Domain = domain, Status = SpfProblemText.StatusOf(problem), Problem = problem, Detail = detail, Answer = answer };
    }

    /// <summary>What the domain has to say to a failed sender (RFC 7208 §6.2); null when it is nothing usable. Whatever goes wrong, the result stays.</summary>
    public async ValueTask<string?> ExplainAsync(SpfTrace trace)
    {
        if (trace.Decisive?.Explanation is not { } spec || !_targets.CanExpand(spec))
            return null;
        var name = await _targets.NameAsync(spec, trace.DecisiveDomain, []);
        var answer = await _questions.AskAsync(name!, DnsRecordType.TXT);
        if (answer.Records is not [TxtRecord { Text: var text }] || text.Length > SpfRecordParser.MaxRecordOctets
            || !SpfMacroParser.TryParse(text, SpfMacroContext.Explanation, out var explanation, out _))
        {
            return null;
        }
        var words = await _targets.TextAsync(explanation, trace.DecisiveDomain);
        return words is null ? null : SpfText.Printable(words, words.Length);
    }

    private async ValueTask<SpfTrace> EvaluateAsync(string domain, DnsAnswer answer, SpfRecord record)
    {
        var steps = new List<SpfStep>(record.Directives.Count + 1);
        foreach (var directive in record.Directives)
        {
            if (MatchesWithoutDns(directive) is { } matches)
            {
                steps.Add(matches ? directive.Matched : directive.Passed);
                if (matches)
                    return Matched(directive);
                continue;
            }
            var before = (Costs.Lookups, Costs.VoidLookups);
            var match = await MatchAsync(directive, domain);
            steps.Add(match.ToStep(directive.Text, match.IsMatch ? SpfOutcome.Match : SpfOutcome.NoMatch, Costs, before));
            if (match.Problem != SpfProblem.None)
                return Failed(match, directive.Text);
            if (match.IsMatch)
                return Matched(directive);
        }
        if (record.Redirect is null)
            return Trace(SpfStatus.Neutral, null, record, domain); // RFC 7208 §4.7

        // RFC 7208 §6.1: the other record's result, with its explanation.
        var beforeRedirect = (Costs.Lookups, Costs.VoidLookups);
        var redirected = await FollowAsync(record.Redirect, domain, SpfProblem.RedirectWithoutRecord);
        steps.Add(redirected.ToStep(record.RedirectText, SpfOutcome.Redirected, Costs, beforeRedirect));
        return redirected is { Problem: SpfProblem.None, Inner: { } other }
            ? Trace(other.Status, other.Mechanism, other.Decisive, other.DecisiveDomain)
            : Failed(redirected, record.RedirectText);

        SpfTrace Matched(SpfDirective directive) => Trace(directive.Status, directive.Text, record, domain);

        SpfTrace Failed(SpfMatch match, string term)
            => Trace(SpfProblemText.StatusOf(match.Problem), null, null, "", match.Problem, match.Detail ?? At(term, domain));

        SpfTrace Trace(SpfStatus status, string? mechanism, SpfRecord? decisive, string decisiveDomain, SpfProblem problem = default, string? detail = null) => new()
        {
            Domain = domain,
            Status = status,
            Problem = problem,
            Detail = detail,
            Answer = answer,
            Record = record.Text,
            Steps = steps,
            Mechanism = mechanism,
            Decisive = decisive,
            DecisiveDomain = decisiveDomain,
        };
    }

    /// <summary>Null for mechanisms that have to ask.</summary>
    private bool? MatchesWithoutDns(SpfDirective directive) => directive.Mechanism switch
    {
        SpfMechanism.All => true,
        SpfMechanism.Ip4 => _client.IsIp4 && directive.Network.Contains(_client.Address),
        // RFC 7208 §5: an IPv4 client matches no ip6, however its IPv4-mapped form is written there.
        SpfMechanism.Ip6 => !_client.IsIp4 && directive.Network.Contains(_client.Address),
        _ => null,
    };

    private async ValueTask<SpfMatch> MatchAsync(SpfDirective directive, string domain)
    {
        if (directive.Mechanism == SpfMechanism.Include)
        {
            // RFC 7208 §5.2: only a pass matches.
            var included = await FollowAsync(directive.Target!, domain, SpfProblem.IncludeWithoutRecord);
            return included with { IsMatch = included.Inner is { Status: SpfStatus.Pass } };
        }
        if (!Costs.TryCountLookup())
            return new SpfMatch(SpfProblem.TooManyLookups);
        if (directive.Target is { } spec && !_targets.CanExpand(spec))
            return new SpfMatch(isMatch: false);
        var answers = new List<DnsAnswer>(1);
        var target = directive.Target is null ? domain : await _targets.ExpandAsync(directive.Target, domain, answers);
        if (target is null)
            return new SpfMatch(SpfProblem.TooManyLookups);
        var match = await _hosts.MatchAsync(directive, target, answers);
        return match with { Target = target, Answers = answers };
    }

    /// <summary>Evaluates another domain's record for an include or a redirect.</summary>
    /// <param name="withoutRecord">What it is when that domain has none (RFC 7208 §5.2, §6.1).</param>
    private async ValueTask<SpfMatch> FollowAsync(SpfMacro spec, string domain, SpfProblem withoutRecord)
    {
        if (!Costs.TryCountLookup())
            return new SpfMatch(SpfProblem.TooManyLookups);
        if (!_targets.CanExpand(spec))
            return new SpfMatch(withoutRecord);
        var answers = new List<DnsAnswer>();
        if (await _targets.ExpandAsync(spec, domain, answers) is not { } target)
            return new SpfMatch(SpfProblem.TooManyLookups);
        var inner = await EvaluateAsync(target);
        if (SpfQuestions.IsVoid(inner.Answer))
            Costs.CountVoid(); // for the record only: without a record the check ends here anyway
        return new SpfMatch(inner.Status == SpfStatus.None ? withoutRecord : inner.Problem, inner.Detail) { Target = target, Answers = answers, Inner = inner };
    }

    private static string At(string term, string domain) => $"{term} at {SpfText.Printable(domain)}";
}
