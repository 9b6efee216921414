using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Dmarc;

/// <summary>What stands at <c>_dmarc</c> below a domain.</summary>
/// <param name="Record">Null unless there is exactly one.</param>
/// <param name="Problem">None, NoRecord, SeveralRecords (as if there were none), DnsFailure or TooManyQueries.</param>
/// <param name="Answer">What DNS said; null when it was not asked any more.</param>
public sealed record DmarcLookup(DomainName Domain, DmarcRecord? Record, DmarcProblem Problem, DnsAnswer? Answer)
{
    /// <summary>It is not known what stands there.</summary>
    internal bool IsUnknown => Problem is DmarcProblem.DnsFailure or DmarcProblem.TooManyQueries;
}

/// <summary>Which record rules mail from a domain, and how it was found (RFC 9989 §4.10.1).</summary>
/// <param name="Policy">The domain's own or a parent's; null when there is none, or it is not known.</param>
/// <param name="Lookups">The names of the tree walk, in the order they were asked for. After one that DNS was silent about there are no more.</param>
public sealed record DmarcDiscovery(DmarcLookup? Policy, IReadOnlyList<DmarcLookup> Lookups);

/// <summary>Asks DNS for one message: each name once, and all together within a budget.</summary>
internal sealed class DmarcLookups(IDnsResolver dns, int maxQueries, CancellationToken ct)
{
    private readonly Dictionary<DomainName, DmarcLookup> _known = [];
    private readonly List<DmarcLookup> _all = [];
    private int _queries;

    /// <summary>In the order they were asked for.</summary>
    public IReadOnlyList<DmarcLookup> All => _all;

    public async ValueTask<DmarcLookup> FindAsync(DomainName domain)
    {
        if (_known.TryGetValue(domain, out var known))
            return known;
        var lookup = _queries == maxQueries
            ? new DmarcLookup(domain, null, DmarcProblem.TooManyQueries, null)
            : Read(domain, await AskAsync("_dmarc." + domain.Ascii, DnsRecordType.TXT));
        _known.Add(domain, lookup);
        _all.Add(lookup);
        return lookup;
    }

    /// <summary>RFC 9989 §3.2.13: NXDOMAIN alone means that a name does not exist. Null when DNS does not say.</summary>
    public async ValueTask<bool?> ExistsAsync(DomainName domain)
    {
        // RFC 8020 §2: a name with something below it exists.
        if (_known.TryGetValue(domain, out var lookup) && lookup.Answer?.Status is DnsStatus.Found or DnsStatus.NoData)
            return true;
        if (_queries == maxQueries)
            return null;
        var answer = await AskAsync(domain.Ascii, DnsRecordType.A);
        return answer.IsSilent ? null : answer.Status != DnsStatus.NxDomain;
    }

    private ValueTask<DnsAnswer> AskAsync(string name, DnsRecordType type)
    {
        _queries++;
        return dns.QueryAsync(name, type, ct);
    }

    /// <summary>RFC 9989 §4.10, steps 2 and 6.</summary>
    private static DmarcLookup Read(DomainName domain, DnsAnswer answer)
    {
        if (answer.IsSilent)
            return new DmarcLookup(domain, null, DmarcProblem.DnsFailure, answer);
        DmarcRecord? found = null;
        foreach (var txt in answer.Records.OfType<TxtRecord>())
        {
            if (!DmarcRecordParser.TryParse(txt.Joined, out var record))
                continue;
            if (found is not null)
                return new DmarcLookup(domain, null, DmarcProblem.SeveralRecords, answer);
            found = record;
        }
        return new DmarcLookup(domain, found, found is null ? DmarcProblem.NoRecord : DmarcProblem.None, answer);
    }
}
