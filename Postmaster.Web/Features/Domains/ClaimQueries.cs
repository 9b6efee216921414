using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains;

/// <summary>Why a signing domain belongs to a claim.</summary>
public enum CoverRule
{
    /// <summary>The claim is for this very name and proved by a record of its own.</summary>
    Exact,

    /// <summary>The claim is for this name or one between, and rests on the account's proof of the parent.</summary>
    CoveredSubdomain,

    /// <summary>Nobody proved the name itself; this is the nearest proved parent.</summary>
    Ancestor,
}

/// <summary>A claim in force that a signing domain belongs to.</summary>
/// <param name="ClaimedDomain">A-labels; what a complaint counts for.</param>
/// <param name="FeedbackAddressId">Set, as <paramref name="Address"/>, only when the address takes reports now.</param>
public sealed record CoveringClaim(
    DomainName SigningDomain, string ClaimedDomain, Guid ClaimId, Guid OwnerId, CoverRule Rule, Guid? FeedbackAddressId, string? Address);

/// <summary>Whose a signing domain is: what the complaint pipeline asks.</summary>
public sealed class ClaimQueries(IDbContextFactory<PostmasterDb> databases)
{
    /// <inheritdoc cref="FindCoveringAsync(PostmasterDb, IReadOnlyCollection{DomainName}, CancellationToken)"/>
    public async Task<IReadOnlyList<CoveringClaim>> FindCoveringAsync(IReadOnlyCollection<DomainName> signingDomains, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await FindCoveringAsync(db, signingDomains, ct);
    }

    /// <summary>
    /// For each signing domain the claims of the most specific proved name, of all accounts. An account that proved a parent gets nothing
    /// for a name that another account proved. Two signing domains may lead to the same claim; the order is that of the signing domains.
    /// </summary>
    public static async Task<IReadOnlyList<CoveringClaim>> FindCoveringAsync(
        PostmasterDb db, IReadOnlyCollection<DomainName> signingDomains, CancellationToken ct)
    {
        List<DomainName> distinct = [.. signingDomains.Distinct()];
        List<string> names = [.. distinct.SelectMany(Line).Select(n => n.Ascii).Distinct(StringComparer.Ordinal)];
        List<Candidate> candidates = await (
            from claim in db.Claims.AsNoTracking()
            where names.Contains(claim.Domain) && (claim.State == ClaimState.Proved || claim.State == ClaimState.Warned)
            join a in db.FeedbackAddresses.Where(a => a.EndedAt == null && a.ConfirmedAt != null) on claim.Id equals a.ClaimId into addresses
            from address in addresses.DefaultIfEmpty()
            orderby claim.CreatedAt, claim.Id
            select new Candidate(claim.Id, claim.OwnerId, claim.Domain, claim.CoveredBy == null,
                address == null ? null : address.Id, address == null ? null : address.Address)).ToListAsync(ct);
        return [.. distinct.SelectMany(d => Covering(d, candidates))];
    }

    /// <summary>All claims in force, for whoever asks about every message.</summary>
    public async Task<ClaimMap> MapAsync(CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return new ClaimMap(await db.Claims.AsNoTracking()
            .Where(c => c.State == ClaimState.Proved || c.State == ClaimState.Warned)
            .OrderBy(c => c.CreatedAt).ThenBy(c => c.Id)
            .Select(c => new ClaimInForce(c.Domain, c.OwnerId, c.CoveredBy == null))
            .ToListAsync(ct));
    }

    /// <summary>A number that changes whenever <see cref="MapAsync"/> would answer something else.</summary>
    public async Task<(int Claims, long Revisions)> MapVersionAsync(CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        var seen = await db.Claims.AsNoTracking().GroupBy(_ => 1).Select(g => new { Claims = g.Count(), Revisions = g.Sum(c => (long)c.Revision) }).SingleOrDefaultAsync(ct);
        return seen is null ? default : (seen.Claims, seen.Revisions);
    }

    /// <summary>The name and its parents down to two labels: a single label is a registry's.</summary>
    internal static IEnumerable<DomainName> Line(DomainName name)
    {
        for (DomainName? n = name; n is not null && n.LabelCount >= 2; n = n.Parent)
            yield return n;
    }

    private static IEnumerable<CoveringClaim> Covering(DomainName signing, List<Candidate> candidates)
    {
        List<DomainName> line = [.. Line(signing)];
        int nearest = line.FindIndex(n => candidates.Exists(c => c.OwnRecord && c.IsFor(n)));
        if (nearest < 0)
            yield break;
        foreach (Candidate proof in candidates.Where(c => c.OwnRecord && c.IsFor(line[nearest])))
        {
            // The same account may have split a subdomain off without a record of its own: its own page, its own address.
            Candidate? split = line.Take(nearest)
                .Select(n => candidates.Find(c => !c.OwnRecord && c.OwnerId == proof.OwnerId && c.IsFor(n)))
                .FirstOrDefault(c => c is not null);
            Candidate chosen = split ?? proof;
            CoverRule rule = split is not null ? CoverRule.CoveredSubdomain : nearest == 0 ? CoverRule.Exact : CoverRule.Ancestor;
            yield return new CoveringClaim(signing, chosen.Domain, chosen.Id, chosen.OwnerId, rule, chosen.AddressId, chosen.Address);
        }
    }

    private sealed record Candidate(Guid Id, Guid OwnerId, string Domain, bool OwnRecord, Guid? AddressId, string? Address)
    {
        public bool IsFor(DomainName name) => string.Equals(Domain, name.Ascii, StringComparison.Ordinal);
    }
}
