using Postmaster.Fbl.Dns;

namespace Postmaster.Fbl.Spf;

/// <summary>The mechanisms that ask DNS for hosts: a, mx, ptr and exists (RFC 7208 §5.3-§5.7).</summary>
internal sealed class SpfHosts(SpfClient client, SpfQuestions questions, SpfClientNames names, SpfCosts costs, SpfEvaluatorOptions options)
{
    /// <param name="target">The name that the mechanism is about.</param>
    public async ValueTask<SpfMatch> MatchAsync(SpfDirective directive, string target, List<DnsAnswer> answers)
    {
        var match = directive.Mechanism switch
        {
            SpfMechanism.A => await MatchAddressAsync(directive, target, answers),
            SpfMechanism.Mx => await MatchMxAsync(directive, target, answers),
            SpfMechanism.Ptr => await MatchPtrAsync(target, answers),
            _ => await MatchExistsAsync(target, answers),
        };
        // ptr passes over what DNS does not answer, and even so the time is over.
        return questions.OutOfTime ? new SpfMatch(SpfProblem.TimeLimit, match.Detail) : match;
    }

    private async ValueTask<SpfMatch> MatchAddressAsync(SpfDirective directive, string target, List<DnsAnswer> answers)
    {
        var answer = await questions.AskAsync(target, client.AddressType);
        answers.Add(answer);
        return Judge(answer, client.IsAmong(answer, directive.Ip4PrefixLength, directive.Ip6PrefixLength));
    }

    // RFC 7208 §5.7: the type is A whatever the client's family is.
    private async ValueTask<SpfMatch> MatchExistsAsync(string target, List<DnsAnswer> answers)
    {
        var answer = await questions.AskAsync(target, DnsRecordType.A);
        answers.Add(answer);
        return Judge(answer, answer.Status == DnsStatus.Found);
    }

    // RFC 7208 §5.4: without MX records there is no match, and no falling back to the address.
    private async ValueTask<SpfMatch> MatchMxAsync(SpfDirective directive, string target, List<DnsAnswer> answers)
    {
        var exchanges = await questions.AskAsync(target, DnsRecordType.MX);
        answers.Add(exchanges);
        if (exchanges.Status != DnsStatus.Found)
            return Judge(exchanges, isMatch: false);
        // RFC 7208 §4.6.4. Judged before any is looked up: the order of an answer is random and must not decide.
        if (exchanges.Records.Count > options.MaxMxNames)
            return new SpfMatch(SpfProblem.TooManyMxNames);
        var (asked, voids) = (0, 0);
        foreach (var exchange in exchanges.Records.OfType<MxRecord>())
        {
            if (exchange.Exchange is "." or "")
                continue; // RFC 7505 §3
            var answer = await questions.AskNameAsync(exchange.Exchange, client.AddressType);
            answers.Add(answer);
            if (answer.IsSilent)
                return Judge(answer, isMatch: false);
            if (client.IsAmong(answer, directive.Ip4PrefixLength, directive.Ip6PrefixLength))
                return new SpfMatch(isMatch: true);
            asked++;
            if (SpfQuestions.IsVoid(answer))
                voids++;
        }
        // RFC 7208 §4.6.4 counts terms: hosts of which none has an address of the client's family are one void look-up together.
        return new SpfMatch(asked > 0 && voids == asked ? costs.CountVoid() : SpfProblem.None);
    }

    // RFC 7208 §5.5: what DNS fails to answer means no match.
    private async ValueTask<SpfMatch> MatchPtrAsync(string target, List<DnsAnswer> answers)
    {
        var pointers = await names.PointersAsync();
        answers.Add(pointers);
        return SpfQuestions.IsVoid(pointers)
            ? new SpfMatch(costs.CountVoid())
            : new SpfMatch(await names.FindInAsync(target, answers) is not null);
    }

    private SpfMatch Judge(DnsAnswer answer, bool isMatch)
    {
        if (answer.IsSilent)
            return new SpfMatch(SpfProblem.DnsFailure, $"{SpfText.Printable(answer.Name)}: {answer.Describe()}");
        return SpfQuestions.IsVoid(answer) ? new SpfMatch(costs.CountVoid()) : new SpfMatch(isMatch);
    }
}
