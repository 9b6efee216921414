using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains;

/// <summary>One row of a person's domains.</summary>
/// <param name="Domain">A-labels.</param>
/// <param name="Complaints">Counted in the last 30 UTC days, today included; null while the claim is not in force.</param>
/// <param name="FeedbackConfirmed">Null: no address named, and complaints are told in no other way. False: named, the link in the mail was not used yet.</param>
public sealed record DomainRow(Guid ClaimId, string Domain, MemberRole Role, ClaimState State, DateTimeOffset? LostAt, long? Complaints, bool? FeedbackConfirmed)
{
    public bool IsInForce => State is ClaimState.Proved or ClaimState.Warned;
}

/// <summary>What pages show about claims.</summary>
public sealed class DomainQueries(IDbContextFactory<PostmasterDb> databases, TimeProvider time)
{
    /// <summary>Days of the figure on <see cref="DomainRow.Complaints"/>.</summary>
    public const int ListDays = 30;

    /// <summary>The domains that a person owns or reads, by name; one row a name, the claim that <see cref="DomainAccess"/> would choose.</summary>
    public async Task<IReadOnlyList<DomainRow>> ListAsync(ClaimsPrincipal user, CancellationToken ct)
    {
        if (user.PortalId() is not { } id)
            return [];
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        var claims = await (
            from claim in db.Claims
            join m in db.Members on claim.Id equals m.ClaimId
            where m.UserId == id
            select new { claim.Id, claim.Domain, claim.State, claim.LostAt, claim.CreatedAt, m.Role, Own = claim.OwnerId == id }).ToListAsync(ct);
        var best = claims.GroupBy(c => c.Domain, StringComparer.Ordinal).Select(same => same
            .OrderByDescending(c => c.Own)
            .ThenByDescending(c => c.State is ClaimState.Proved or ClaimState.Warned)
            .ThenByDescending(c => c.Role)
            .ThenBy(c => c.CreatedAt)
            .First()).ToList();
        List<string> names = best.ConvertAll(c => c.Domain);
        List<Guid> ids = best.ConvertAll(c => c.Id);
        DateOnly from = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).AddDays(1 - ListDays);
        Dictionary<string, long> counts = await ComplaintQueries.SumsAsync(db, names, from, ct);
        Dictionary<Guid, bool> addresses = await db.FeedbackAddresses
            .Where(a => a.EndedAt == null && ids.Contains(a.ClaimId))
            .ToDictionaryAsync(a => a.ClaimId, a => a.ConfirmedAt != null, ct);
        List<Guid> posted = await db.WebhookEndpoints.Where(e => ids.Contains(e.ClaimId) && e.EndedAt == null && e.State == WebhookState.On).Select(e => e.ClaimId)
            .Union(db.Digests.Where(d => ids.Contains(d.ClaimId) && d.EndedAt == null && d.ConfirmedAt != null).Select(d => d.ClaimId)).ToListAsync(ct);
        return [.. best.OrderBy(c => c.Domain, StringComparer.Ordinal).Select(c => new DomainRow(
            c.Id, c.Domain, c.Role, c.State, c.LostAt,
            c.State is ClaimState.Proved or ClaimState.Warned ? counts.GetValueOrDefault(c.Domain) : null,
            addresses.TryGetValue(c.Id, out bool confirmed) ? confirmed || posted.Contains(c.Id) : posted.Contains(c.Id) ? true : null))];
    }
}
