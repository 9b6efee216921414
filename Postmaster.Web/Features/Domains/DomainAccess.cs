using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains;

/// <summary>A domain as one person may use it, through the one claim that gives the most.</summary>
/// <param name="Domain">A-labels.</param>
/// <param name="Role">The person's role in the claim; <see cref="MemberRole.Reader"/> for an operator who is no member.</param>
/// <param name="AsOperator">The person sees it only because operators see every domain.</param>
public sealed record AccessedDomain(Guid ClaimId, string Domain, MemberRole Role, ClaimState State, bool AsOperator)
{
    /// <summary>Whether the domain's numbers, complaints and reports may be shown.</summary>
    public bool IsInForce => State is ClaimState.Proved or ClaimState.Warned;

    /// <summary>Whether the person may change members, feedback address and claim.</summary>
    public bool CanChange => Role == MemberRole.Owner && !AsOperator;

    /// <summary>The name for people; leads back to <see cref="Domain"/>.</summary>
    public string Unicode => DomainName.TryParse(Domain, out DomainName? name, out _) ? name.Unicode : Domain;
}

/// <summary>The one place that decides whose a domain is. Every page and route of a domain asks here.</summary>
public sealed class DomainAccess(IDbContextFactory<PostmasterDb> databases)
{
    /// <summary>
    /// Finds the claim through which a person sees a domain: the person's own, else the best of those the person is a member of
    /// (in force before pending, owner before reader), else, for operators, any. Null: it does not exist for this person.
    /// </summary>
    /// <param name="domain">From the URL: A-labels or Unicode.</param>
    public async Task<AccessedDomain?> FindAsync(ClaimsPrincipal user, string domain, CancellationToken ct)
    {
        if (user.PortalId() is not { } id || !DomainName.TryParse(domain, out DomainName? name, out _))
            return null;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        var member = await (
            from claim in db.Claims
            join m in db.Members on claim.Id equals m.ClaimId
            where claim.Domain == name.Ascii && m.UserId == id
            select new { claim.Id, claim.State, m.Role, Own = claim.OwnerId == id, claim.CreatedAt }).ToListAsync(ct);
        var best = member
            .OrderByDescending(c => c.Own)
            .ThenByDescending(c => c.State is ClaimState.Proved or ClaimState.Warned)
            .ThenByDescending(c => c.Role)
            .ThenBy(c => c.CreatedAt)
            .FirstOrDefault();
        if (best is not null)
            return new AccessedDomain(best.Id, name.Ascii, best.Role, best.State, AsOperator: false);
        return await db.Users.AnyAsync(u => u.Id == id && u.IsOperator, ct) ? await FindAnyAsync(db, name, ct) : null;
    }

    private static async Task<AccessedDomain?> FindAnyAsync(PostmasterDb db, DomainName name, CancellationToken ct)
    {
        var claims = await db.Claims.Where(c => c.Domain == name.Ascii).Select(c => new { c.Id, c.State, c.CreatedAt }).ToListAsync(ct);
        var best = claims.OrderByDescending(c => c.State is ClaimState.Proved or ClaimState.Warned).ThenBy(c => c.CreatedAt).FirstOrDefault();
        return best is null ? null : new AccessedDomain(best.Id, name.Ascii, MemberRole.Reader, best.State, AsOperator: true);
    }
}

public static class PortalPrincipal
{
    /// <summary>What the account is called, for the trail of who changed what; empty when nobody is signed in.</summary>
    public static string PortalName(this ClaimsPrincipal user) => user.Identity?.Name ?? "";

    /// <summary>The account behind a request; null when nobody is signed in.</summary>
    public static Guid? PortalId(this ClaimsPrincipal user) =>
        user.Identity?.IsAuthenticated == true && Guid.TryParse(user.FindFirstValue(ClaimTypes.NameIdentifier), out Guid id) ? id : null;
}
