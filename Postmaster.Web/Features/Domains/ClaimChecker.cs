using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains;

/// <summary>
/// Looks for the record of one claim and says in a sentence what DNS answered. Changes nothing; never called inside a transaction.
/// </summary>
public sealed class ClaimChecker(IDbContextFactory<PostmasterDb> databases, IDnsResolver dns, IOptions<ClaimsOptions> options)
{
    /// <summary>Characters of somebody else's record that a page shows.</summary>
    private const int ShownValue = 60;

    /// <param name="fresh">Past every cache of ours: somebody has just changed the record and waits. Also looks where records are put by mistake.</param>
    public async Task<ClaimObservation> CheckAsync(DomainClaim claim, bool fresh, CancellationToken ct)
    {
        DomainName domain = DomainName.Parse(claim.Domain);
        Challenge challenge = Challenge.For(options.Value.ChallengeLabel, domain, claim.Token);
        DnsAnswer answer = await AskAsync(challenge.Name, fresh, ct);
        if (answer.Records.OfType<TxtRecord>().Any(challenge.IsIn))
            return await UnlessRegistryAsync(claim, domain, new ClaimObservation(ClaimOutcome.Found, "found, from " + Server(answer)), fresh, ct);

        bool provedItself = claim.IsInForce && claim.CoveredBy is null;
        if (answer.IsSilent && provedItself)
            return new ClaimObservation(ClaimOutcome.Inconclusive, answer.Describe());

        Cover cover = await FindCoverAsync(claim, domain, ct);
        if (cover.By is not null)
        {
            var covered = new ClaimObservation(ClaimOutcome.Found, $"covered by {cover.By}, which this account has proved", cover.By);
            return await UnlessRegistryAsync(claim, domain, covered, fresh, ct);
        }

        string said = Describe(answer) + (cover.TakenBy is null ? "" : $"; {cover.Parent} cannot stand in for it, because another account has proved {cover.TakenBy}");
        if (fresh && !answer.IsSilent && await FindMisplacedAsync(challenge, domain, ct) is { } misplaced)
            said += "; " + misplaced;
        // A proof that rested on a parent ends with it, whether or not DNS answers for this name.
        return new ClaimObservation(answer.IsSilent && claim.CoveredBy is null ? ClaimOutcome.Inconclusive : ClaimOutcome.Absent, said);
    }

    private ValueTask<DnsAnswer> AskAsync(string name, bool fresh, CancellationToken ct) =>
        fresh ? dns.QueryFreshAsync(name, DnsRecordType.TXT, ct) : dns.QueryAsync(name, DnsRecordType.TXT, ct);

    /// <summary>A name may have become a registry's since it was added, and one that DNS was silent about is asked for again.</summary>
    private async Task<ClaimObservation> UnlessRegistryAsync(DomainClaim claim, DomainName domain, ClaimObservation found, bool fresh, CancellationToken ct) =>
        await RegistryName.LookAsync(dns, domain, fresh, ct) switch
        {
            RegistryStatus.Registry => new ClaimObservation(ClaimOutcome.Absent, $"_dmarc.{domain.Ascii} says psd=y: the name is a registry's and cannot be claimed"),
            RegistryStatus.Unknown when !claim.IsInForce =>
                new ClaimObservation(ClaimOutcome.Inconclusive, $"the record is there, but DNS gave no answer for _dmarc.{domain.Ascii}, which is asked first"),
            _ => found,
        };

    /// <param name="By">The covering parent; null when there is none or another account stands between.</param>
    private sealed record Cover(string? By, string? Parent = null, string? TakenBy = null);

    private async Task<Cover> FindCoverAsync(DomainClaim claim, DomainName domain, CancellationToken ct)
    {
        List<DomainName> line = [.. ClaimQueries.Line(domain)];
        List<string> names = line.ConvertAll(n => n.Ascii);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        var proofs = await db.Claims.AsNoTracking()
            .Where(c => names.Contains(c.Domain) && c.CoveredBy == null && (c.State == ClaimState.Proved || c.State == ClaimState.Warned))
            .Select(c => new { c.Domain, c.OwnerId })
            .ToListAsync(ct);
        string? takenBy = null;
        foreach (string name in names)
        {
            if (!string.Equals(name, claim.Domain, StringComparison.Ordinal) && proofs.Exists(p => p.OwnerId == claim.OwnerId && Is(p.Domain, name)))
                return takenBy is null ? new Cover(name) : new Cover(null, name, takenBy);
            if (takenBy is null && proofs.Exists(p => p.OwnerId != claim.OwnerId && Is(p.Domain, name)))
                takenBy = name;
        }

        return new Cover(null);

        static bool Is(string a, string b) => string.Equals(a, b, StringComparison.Ordinal);
    }

    /// <summary>The two usual slips: the form appended the zone a second time, or the value went to the domain itself.</summary>
    private async Task<string?> FindMisplacedAsync(Challenge challenge, DomainName domain, CancellationToken ct)
    {
        string[] places = [$"{challenge.Name}.{domain.Ascii}", domain.Ascii];
        foreach (string place in places.Where(p => p.Length <= DomainName.MaxLength))
        {
            DnsAnswer answer = await dns.QueryFreshAsync(place, DnsRecordType.TXT, ct);
            if (answer.Records.OfType<TxtRecord>().Any(challenge.IsIn))
                return $"the value is at {place} instead";
        }

        return null;
    }

    private static string Describe(DnsAnswer answer)
    {
        List<TxtRecord> others = [.. answer.Records.OfType<TxtRecord>()];
        if (others.Count == 0)
            return answer.Status == DnsStatus.NoData ? "no TXT record there (NODATA) from " + Server(answer) : answer.Describe();
        // Another account's value may stand there by right; the most telling one is shown.
        TxtRecord shown = others.Find(r => Challenge.Trim(r.Text).StartsWith(Challenge.Prefix, StringComparison.OrdinalIgnoreCase)) ?? others[0];
        string what = others.Count == 1 ? "found another value: " : string.Create(CultureInfo.InvariantCulture, $"found {others.Count} other values, one of them ");
        return what + Clean(shown.Text) + " from " + Server(answer);
    }

    private static string Server(DnsAnswer answer) => answer.Server ?? "DNS";

    /// <summary>Printable ASCII alone: what a stranger wrote into DNS goes to pages, mails and logs.</summary>
    private static string Clean(string text)
    {
        var clean = new StringBuilder();
        foreach (char c in Challenge.Trim(text))
        {
            if (clean.Length == ShownValue)
                return clean.Append('…').ToString();
            clean.Append(c is > ' ' and <= '~' or ' ' ? c : '?');
        }

        return clean.Length == 0 ? "(empty)" : clean.ToString();
    }
}
