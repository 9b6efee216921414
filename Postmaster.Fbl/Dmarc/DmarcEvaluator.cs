using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Spf;

namespace Postmaster.Fbl.Dmarc;

/// <summary>
/// Domain-based Message Authentication, Reporting, and Conformance: does somebody vouch for the domain that From shows, and what does its
/// owner ask for if not? RFC 9989 with its tree walk; beside it the older view of RFC 7489, when a caller can tell public suffixes.
/// A verdict always carries a reason, the record it rests on and what DNS was asked.
/// Leaves out: the sending of reports (RFC 9990, RFC 9991) and what a receiver does with the policy.
/// </summary>
public sealed class DmarcEvaluator(IDnsResolver dns, DmarcEvaluatorOptions? options = null)
{
    private readonly DmarcEvaluatorOptions _options = options ?? new DmarcEvaluatorOptions();

    /// <param name="authors">Of the message, see <see cref="DmarcAuthors.Of(Mime.HeaderBlock)"/>.</param>
    /// <param name="dkim">All verdicts; those that did not pass do not count.</param>
    /// <param name="spf">The verdict on MAIL FROM; null when it was not checked, and then a message without an aligned signature is not failed for good.</param>
    public async ValueTask<DmarcResult> EvaluateAsync(DmarcAuthors authors, IReadOnlyList<DkimResult> dkim, SpfResult? spf, CancellationToken ct)
    {
        if (authors.Domains.Count == 0)
            return Unjudged(authors.Unreadable > 0 ? DmarcProblem.UnreadableAuthor : DmarcProblem.NoAuthorDomain);

        var lookups = new DmarcLookups(dns, _options.MaxQueries, ct);
        var evaluation = new DmarcEvaluation(lookups, _options, dkim, spf);
        var results = new List<DmarcResult>();
        foreach (var author in authors.Domains.Take(_options.MaxAuthorDomains))
            results.Add(await evaluation.JudgeAsync(author));
        if (authors.Domains.Count > results.Count)
            results.Add(Unjudged(DmarcProblem.TooManyAuthorDomains) with { AuthorDomain = authors.Domains[results.Count] });
        if (authors.Unreadable > 0)
            results.Add(Unjudged(DmarcProblem.UnreadableAuthor));
        return Worst(results) with { Lookups = lookups.All, Authors = results.Count > 1 ? results : [] };
    }

    /// <summary>For one author domain.</summary>
    public ValueTask<DmarcResult> EvaluateAsync(DomainName author, IReadOnlyList<DkimResult> dkim, SpfResult? spf, CancellationToken ct)
        => EvaluateAsync(DmarcAuthors.Of(author), dkim, spf, ct);

    /// <summary>The record that rules mail from a domain, for advice without a message.</summary>
    public async ValueTask<DmarcDiscovery> DiscoverAsync(DomainName domain, CancellationToken ct)
    {
        var lookups = new DmarcLookups(dns, _options.MaxQueries, ct);
        var walk = await DmarcWalk.RunAsync(domain, lookups);
        return new DmarcDiscovery(walk.Policy, lookups.All);
    }

    /// <summary>RFC 9989 §11.5: the strictest policy among the failures; without one, whatever keeps the whole from passing.</summary>
    private static DmarcResult Worst(List<DmarcResult> results) => results.MaxBy(result => result.Status switch
    {
        DmarcStatus.Fail => 10 + (int)result.PolicyInEffect,
        DmarcStatus.TempError => 4,
        DmarcStatus.PermError => 3,
        DmarcStatus.None => 2,
        _ => 1,
    })!;

    private static DmarcResult Unjudged(DmarcProblem problem)
        => new() { Status = DmarcStatus.PermError, Problem = problem, Reason = DmarcProblemText.Of(problem) };
}
