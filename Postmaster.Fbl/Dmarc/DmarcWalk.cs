using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Dmarc;

/// <summary>A DNS tree walk from a domain towards the root (RFC 9989 §4.10), and what follows from the records on the way.</summary>
internal sealed class DmarcWalk
{
    /// <summary>RFC 9989 §4.10, step 4: names with more labels are passed over, so that a walk asks at most eight times.</summary>
    public const int MaxLabels = 7;

    private readonly DomainName _start;
    private readonly List<DmarcLookup> _found = []; // with records, from the longest name to the shortest

    private DmarcWalk(DomainName start) => _start = start;

    /// <summary>Why it ended early: DnsFailure, TooManyQueries, or None.</summary>
    public DmarcProblem Problem { get; private set; }

    /// <summary>What stands at the domain itself.</summary>
    public DmarcLookup? Start { get; private set; }

    /// <summary>RFC 9989 §4.10.2; null when the walk ended early.</summary>
    public DomainName? OrganizationalDomain { get; private set; }

    /// <summary>RFC 9989 §4.10.1: the record that rules mail from the domain; null when there is none, or it is not known.</summary>
    public DmarcLookup? Policy
    {
        get
        {
            if (Start?.Record is not null)
                return Start;
            // The public suffix's record counts only where the organizational domain has none.
            return Problem != DmarcProblem.None ? null
                : _found.Find(l => l.Domain == OrganizationalDomain) ?? _found.Find(l => l.Record!.PublicSuffix == DmarcPublicSuffix.Yes);
        }
    }

    public static async ValueTask<DmarcWalk> RunAsync(DomainName start, DmarcLookups lookups)
    {
        var walk = new DmarcWalk(start);
        foreach (var name in NamesFrom(start))
        {
            var lookup = await lookups.FindAsync(name);
            walk.Start ??= lookup;
            if (lookup.IsUnknown)
            {
                walk.Problem = lookup.Problem;
                return walk;
            }
            if (lookup.Record is null)
                continue;
            walk._found.Add(lookup);
            if (lookup.Record.PublicSuffix != DmarcPublicSuffix.Unknown)
                break;
        }
        walk.OrganizationalDomain = walk.FindOrganizationalDomain();
        return walk;
    }

    /// <summary>The domain, then what is left without its first label, and so on to the last label; of a long one only the last seven labels.</summary>
    internal static IEnumerable<DomainName> NamesFrom(DomainName start)
    {
        yield return start;
        for (var name = start.Parent; name is not null; name = name.Parent)
        {
            if (name.LabelCount <= MaxLabels)
                yield return name;
        }
    }

    private DomainName FindOrganizationalDomain()
    {
        foreach (var lookup in _found)
        {
            if (lookup.Record!.PublicSuffix == DmarcPublicSuffix.No)
                return lookup.Domain;
            if (lookup.Record.PublicSuffix == DmarcPublicSuffix.Yes && lookup.Domain != _start)
                return OneBelow(lookup.Domain);
        }
        return _found.Count > 0 ? _found[^1].Domain : _start;
    }

    /// <summary>The name of the walk's path, asked for or passed over, that has one label more.</summary>
    private DomainName OneBelow(DomainName above)
    {
        var name = _start;
        while (name.Parent is { } parent && parent != above)
            name = parent;
        return name;
    }
}
