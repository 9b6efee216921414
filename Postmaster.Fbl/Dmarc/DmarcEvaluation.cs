using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Spf;

namespace Postmaster.Fbl.Dmarc;

/// <summary>The evaluation of one message, author domain by author domain.</summary>
internal sealed class DmarcEvaluation(DmarcLookups lookups, DmarcEvaluatorOptions options, IReadOnlyList<DkimResult> dkim, SpfResult? spf)
{
    private readonly Dictionary<DomainName, DmarcWalk> _walks = [];

    public async ValueTask<DmarcResult> JudgeAsync(DomainName author)
    {
        var walk = await WalkAsync(author);
        var result = walk.Policy is { Record: { } record } policy
            ? record.IsUsable
                ? await JudgeAsync(author, walk, policy, record)
                : Of(DmarcStatus.PermError, DmarcProblem.NoPolicy, policy.Domain.Ascii) with { Record = record, PolicyDomain = policy.Domain }
            : walk.Problem != DmarcProblem.None
                ? Of(StatusOf(walk.Problem), walk.Problem, FailedLookup())
                : NoRecord(walk);
        result = result with { AuthorDomain = author, OrganizationalDomain = walk.OrganizationalDomain };
        if (options.PublicSuffixOf is null)
            return result;
        var candidates = result.Identifiers.Count > 0 ? result.Identifiers : [.. Candidates()];
        var legacy = await DmarcLegacyView.OfAsync(author, candidates, lookups, options.PublicSuffixOf);
        return legacy.DiffersFrom(result) ? result with { Legacy = legacy } : result;
    }

    private async ValueTask<DmarcResult> JudgeAsync(DomainName author, DmarcWalk walk, DmarcLookup policy, DmarcRecord record)
    {
        var identifiers = new List<DmarcIdentifier>();
        foreach (var candidate in Candidates())
            identifiers.Add(candidate with { Alignment = await AlignAsync(candidate, author, walk, record) });
        var asked = await PolicyOfAsync(author, policy.Domain, record);
        var result = Verdict(identifiers);
        // RFC 9989 §5.3.6: without the answer whether the author domain exists, no policy can be applied.
        if (asked is null && result.Status == DmarcStatus.Fail)
            result = Of(DmarcStatus.TempError, DmarcProblem.DnsFailure, author.Ascii);
        return result with
        {
            PolicyDomain = policy.Domain,
            Record = record,
            Policy = asked?.Policy ?? DmarcPolicy.None,
            PolicySource = asked?.Source ?? DmarcPolicySource.Assumed,
            Identifiers = identifiers,
        };
    }

    /// <summary>The domains that DKIM and SPF speak for, or could speak for if DNS had answered; not aligned yet.</summary>
    private IEnumerable<DmarcIdentifier> Candidates()
    {
        var seen = new HashSet<DmarcIdentifier>();
        foreach (var signature in dkim)
        {
            if (signature.Domain is null || signature.Status is not (DkimStatus.Pass or DkimStatus.TempError))
                continue;
            var passed = signature.Status == DkimStatus.Pass;
            var test = passed && signature.Testing && !options.CountTestSignatures;
            var identifier = new DmarcIdentifier(DmarcMechanism.Dkim, signature.Domain, DmarcAlignment.None, passed && !test, test);
            if (seen.Add(identifier))
                yield return identifier;
        }
        // RFC 9989 §4.4.2: the HELO identity does not count.
        if (spf is { Domain: { } domain, Status: SpfStatus.Pass or SpfStatus.TempError, Identity: not SpfIdentity.Helo })
            yield return new DmarcIdentifier(DmarcMechanism.Spf, domain, DmarcAlignment.None, spf.Status == SpfStatus.Pass, IsTest: false);
    }

    /// <summary>RFC 9989 §4.10.2, with as few queries as will do.</summary>
    private async ValueTask<DmarcAlignment> AlignAsync(DmarcIdentifier identifier, DomainName author, DmarcWalk walk, DmarcRecord record)
    {
        if (identifier.Domain == author)
            return DmarcAlignment.Strict;
        var mode = identifier.Mechanism == DmarcMechanism.Dkim ? record.DkimAlignment : record.SpfAlignment;
        if (mode == DmarcAlignmentMode.Strict)
            return DmarcAlignment.None;
        if (walk.OrganizationalDomain is not { } organizational)
            return ShareTopLabel(identifier.Domain, author) ? DmarcAlignment.Unknown : DmarcAlignment.None;
        // An organizational domain is the domain itself or above it, so others need no walk.
        if (!identifier.Domain.IsEqualOrSubdomainOf(organizational))
            return DmarcAlignment.None;
        var other = await WalkAsync(identifier.Domain);
        if (other.OrganizationalDomain is null)
            return DmarcAlignment.Unknown;
        return other.OrganizationalDomain == organizational ? DmarcAlignment.Relaxed : DmarcAlignment.None;
    }

    private DmarcResult Verdict(List<DmarcIdentifier> identifiers)
    {
        if (identifiers.Find(i => i.IsAuthenticated && i.IsAligned) is { } aligned)
        {
            return new DmarcResult
            {
                Status = DmarcStatus.Pass,
                Problem = DmarcProblem.None,
                Reason = $"{Word(aligned.Mechanism)} passed for {aligned.Domain.Ascii}, {(aligned.Alignment == DmarcAlignment.Strict ? "the domain of From" : "aligned with From")}",
            };
        }
        // RFC 9989 §5.3.6: what DNS did not let us find out might have passed.
        if (identifiers.Exists(i => (i.IsAuthenticated && i.Alignment == DmarcAlignment.Unknown) || (!i.IsAuthenticated && !i.IsTest && i.Alignment != DmarcAlignment.None)))
        {
            var spent = lookups.All.Any(l => l.Problem == DmarcProblem.TooManyQueries);
            return spent
                ? Of(DmarcStatus.PermError, DmarcProblem.TooManyQueries, null)
                : Of(DmarcStatus.TempError, DmarcProblem.DnsFailure, FailedLookup());
        }
        if (spf is null)
            return Of(DmarcStatus.Fail, DmarcProblem.SpfNotChecked, null);
        var passed = identifiers.Where(i => i.IsAuthenticated).Select(i => $"{Word(i.Mechanism)} {i.Domain.Ascii}").ToList();
        return passed.Count == 0
            ? Of(DmarcStatus.Fail, DmarcProblem.NotAuthenticated, identifiers.Exists(i => i.IsTest && i.IsAligned) ? "the key of an aligned signature is in test (t=y)" : null)
            : Of(DmarcStatus.Fail, DmarcProblem.NotAligned, string.Join(", ", passed));
    }

    /// <summary>RFC 9989 §4.10.1: which policy of the record counts. Null when that depends on an answer that DNS does not give.</summary>
    private async ValueTask<(DmarcPolicy Policy, DmarcPolicySource Source)?> PolicyOfAsync(DomainName author, DomainName policyDomain, DmarcRecord record)
    {
        if (!record.HasValidPolicies)
            return (DmarcPolicy.None, DmarcPolicySource.Assumed);
        var own = (record.Policy!.Value, DmarcPolicySource.Domain);
        if (policyDomain == author)
            return own;
        var below = record.SubdomainPolicy is { } sp ? (sp, DmarcPolicySource.Subdomain) : own;
        if (record.NonexistentPolicy is not { } np || np == below.Item1)
            return below;
        return await lookups.ExistsAsync(author) switch
        {
            true => below,
            false => (np, DmarcPolicySource.NonexistentSubdomain),
            null => null,
        };
    }

    private async ValueTask<DmarcWalk> WalkAsync(DomainName domain)
    {
        if (!_walks.TryGetValue(domain, out var walk))
            _walks.Add(domain, walk = await DmarcWalk.RunAsync(domain, lookups));
        return walk;
    }

    private static DmarcResult NoRecord(DmarcWalk walk)
        => walk.Start!.Problem == DmarcProblem.SeveralRecords
            ? Of(DmarcStatus.None, DmarcProblem.SeveralRecords, walk.Start.Domain.Ascii)
            : Of(DmarcStatus.None, DmarcProblem.NoRecord, null);

    private string? FailedLookup()
        => lookups.All.FirstOrDefault(l => l.Problem == DmarcProblem.DnsFailure) is { } failed ? $"_dmarc.{failed.Domain.Ascii}: {failed.Answer!.Describe()}" : null;

    private static DmarcStatus StatusOf(DmarcProblem problem) => problem == DmarcProblem.TooManyQueries ? DmarcStatus.PermError : DmarcStatus.TempError;

    private static bool ShareTopLabel(DomainName a, DomainName b) => TopLabel(a).SequenceEqual(TopLabel(b));

    private static ReadOnlySpan<char> TopLabel(DomainName name) => name.Ascii.AsSpan(name.Ascii.LastIndexOf('.') + 1);

    private static string Word(DmarcMechanism mechanism) => mechanism == DmarcMechanism.Dkim ? "DKIM" : "SPF";

    private static DmarcResult Of(DmarcStatus status, DmarcProblem problem, string? detail) => new()
    {
        Status = status,
        Problem = problem,
        Reason = detail is null ? DmarcProblemText.Of(problem) : $"{DmarcProblemText.Of(problem)}: {detail}",
    };
}
