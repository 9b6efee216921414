using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains;

/// <summary>The record as a DNS form of one zone wants its name.</summary>
/// <param name="Zone">A-labels.</param>
/// <param name="Name">Relative to the zone.</param>
public sealed record RelativeName(string Zone, string Name);

/// <summary>What a claim rests on and what DNS said about it last.</summary>
/// <param name="RelativeNames">For the zones that may hold the domain, the domain itself first.</param>
/// <param name="LastAnswer">A sentence without full stop; holds outside text in printable ASCII. Null: never looked.</param>
/// <param name="GraceEnds">When a warned claim will be suspended; null in other states.</param>
/// <param name="OtherAccounts">How many other accounts have proved the same name.</param>
public sealed record OwnershipView(
    ClaimState State, Challenge Challenge, IReadOnlyList<RelativeName> RelativeNames, string? LastAnswer, DateTimeOffset? LastCheckAt, DateTimeOffset? NextCheckAt,
    DateTimeOffset CreatedAt, DateTimeOffset? ProvedAt, DateTimeOffset? LastSeenAt, DateTimeOffset? LostAt, DateTimeOffset? GraceEnds, string? CoveredBy, int OtherAccounts);

/// <summary>The page of a claim's ownership. The caller has checked that the visitor may see the claim.</summary>
public sealed class OwnershipQueries(IDbContextFactory<PostmasterDb> databases, IOptions<ClaimsOptions> options)
{
    /// <summary>Zones beyond this many labels above the domain are not worth a line.</summary>
    private const int MostZones = 3;

    public async Task<OwnershipView?> FindAsync(Guid claimId, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        DomainClaim? claim = await db.Claims.AsNoTracking().FirstOrDefaultAsync(c => c.Id == claimId, ct);
        if (claim is null)
            return null;
        int others = await db.Claims.CountAsync(c => c.Domain == claim.Domain && c.Id != claim.Id && c.CoveredBy == null
            && (c.State == ClaimState.Proved || c.State == ClaimState.Warned), ct);
        DomainName domain = DomainName.Parse(claim.Domain);
        Challenge challenge = Challenge.For(options.Value.ChallengeLabel, domain, claim.Token);
        List<RelativeName> relative = [.. ClaimQueries.Line(domain).Take(MostZones).Select(zone => new RelativeName(zone.Ascii, challenge.Name[..^(zone.Ascii.Length + 1)]))];
        return new OwnershipView(
            claim.State, challenge, relative, claim.LastAnswer, claim.LastCheckAt, claim.NextCheckAt, claim.CreatedAt, claim.ProvedAt, claim.LastSeenAt, claim.LostAt,
            claim.State == ClaimState.Warned ? claim.LostAt + options.Value.Grace : null, claim.CoveredBy, others);
    }
}
