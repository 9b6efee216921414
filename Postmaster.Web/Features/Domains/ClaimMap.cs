using Postmaster.Fbl.Names;

namespace Postmaster.Web.Features.Domains;

/// <summary>A claim in force, as far as it decides whose a name is.</summary>
/// <param name="OwnRecord">Whether it is proved by a record of its own, not by the account's proof of a parent.</param>
public sealed record ClaimInForce(string Domain, Guid OwnerId, bool OwnRecord);

/// <summary>
/// All claims in force at one moment, asked for every message that is counted: the rule of <see cref="ClaimQueries.FindCoveringAsync(IReadOnlyCollection{DomainName}, CancellationToken)"/>
/// without the database.
/// </summary>
public sealed class ClaimMap
{
    private readonly Dictionary<string, List<ClaimInForce>> _byDomain = new(StringComparer.Ordinal);

    public ClaimMap(IEnumerable<ClaimInForce> claims)
    {
        foreach (ClaimInForce claim in claims)
        {
            if (!_byDomain.TryGetValue(claim.Domain, out List<ClaimInForce>? same))
                _byDomain.Add(claim.Domain, same = []);
            same.Add(claim);
        }
    }

    public static ClaimMap Empty { get; } = new([]);

    /// <summary>The claimed domains that a name's mail is counted for: the nearest proved one, or what an account has split off below it. Empty: nobody claims it.</summary>
    public IReadOnlyList<string> CountedFor(DomainName name)
    {
        List<DomainName> line = [.. ClaimQueries.Line(name)];
        int nearest = line.FindIndex(n => At(n).Exists(c => c.OwnRecord));
        if (nearest < 0)
            return [];
        var counted = new List<string>(1);
        foreach (ClaimInForce proof in At(line[nearest]).Where(c => c.OwnRecord))
        {
            DomainName? split = line.Take(nearest).FirstOrDefault(n => At(n).Exists(c => !c.OwnRecord && c.OwnerId == proof.OwnerId));
            string domain = (split ?? line[nearest]).Ascii;
            if (!counted.Contains(domain, StringComparer.Ordinal))
                counted.Add(domain);
        }

        return counted;
    }

    /// <summary>Whether there is a claim in force for this very name.</summary>
    public bool Has(string domain) => _byDomain.ContainsKey(domain);

    private List<ClaimInForce> At(DomainName name) => _byDomain.GetValueOrDefault(name.Ascii) ?? [];
}
