using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.Domains.Inspection;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Compliance;

/// <summary>Looks at the DNS of claimed domains and keeps what it said, so that pages need not wait.</summary>
public sealed class DomainCheckStore(IDbContextFactory<PostmasterDb> databases, IDnsResolver dns, IOptions<ClaimsOptions> claims, TimeProvider time)
{
    /// <summary>Between two looks that somebody asks for: a page that is loaded again and again must not ask DNS each time.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromDays(1), KeepExamples = TimeSpan.FromDays(92);

    /// <summary>Selectors that are looked up beside the usual ones: those that the domain's mail has.</summary>
    private const int Selectors = 10;

    private const int DomainsATurn = 20;

    /// <summary>Looks now, past every cache of ours. Does nothing when somebody has just looked.</summary>
    public async Task CheckNowAsync(string domain, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        DateTimeOffset recent = time.GetUtcNow() - Pause;
        if (!await db.DomainChecks.AnyAsync(c => c.Domain == domain && c.CheckedAt > recent, ct))
            await CheckAsync(domain, fresh: true, ct);
    }

    /// <summary>Looks at claimed domains whose last look is a day ago; forgets examples that are old.</summary>
    public async Task CheckDueAsync(CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow(), due = now - LookAgainAfter;
        List<string> domains;
        await using (PostmasterDb db = await databases.CreateDbContextAsync(ct))
        {
            DateOnly oldest = DateOnly.FromDateTime((now - KeepExamples).UtcDateTime);
            await db.ComplianceExamples.Where(e => e.Day < oldest).ExecuteDeleteAsync(ct);
            domains = await db.Claims.Where(c => (c.State == ClaimState.Proved || c.State == ClaimState.Warned) && !db.DomainChecks.Any(d => d.Domain == c.Domain && d.CheckedAt > due))
                .Select(c => c.Domain).Distinct().OrderBy(d => d).Take(DomainsATurn).ToListAsync(ct);
        }

        foreach (string domain in domains)
            await CheckAsync(domain, fresh: false, ct);
    }

    private async Task CheckAsync(string domain, bool fresh, CancellationToken ct)
    {
        List<string> selectors;
        await using (PostmasterDb db = await databases.CreateDbContextAsync(ct))
        {
            selectors = await TrafficQueries.Streams(db, domain).Where(s => s.Kind == StreamKind.Selector && s.Value != MailStream.Other)
                .OrderByDescending(s => s.LastDay).ThenBy(s => s.Id).Take(Selectors).Select(s => s.Value).ToListAsync(ct);
        }

        var inspector = new DomainInspector(fresh ? new FreshResolver(dns) : dns, claims.Value.ChallengeLabel);
        DomainInspection found = await inspector.InspectAsync(DomainName.Parse(domain), selectors.FindAll(IsName), ct);
        await KeepAsync(domain, DomainDns.Write(found), ct);
    }

    private async Task KeepAsync(string domain, string findings, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        if (await Renewed(db) > 0)
            return;
        db.DomainChecks.Add(new DomainCheck { Domain = domain, CheckedAt = now, Findings = findings });
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException) when (!ct.IsCancellationRequested)
        {
            // Another machine was first.
            db.ChangeTracker.Clear();
            await Renewed(db);
        }

        Task<int> Renewed(PostmasterDb at) => at.DomainChecks.Where(c => c.Domain == domain)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.CheckedAt, now).SetProperty(c => c.Findings, findings), ct);
    }

    /// <summary>Selectors come from mail: what is no name is not asked for.</summary>
    private static bool IsName(string selector) => DomainName.TryParse($"{selector}._domainkey.example", out _, out _);

    private sealed class FreshResolver(IDnsResolver inner) : IDnsResolver
    {
        public ValueTask<DnsAnswer> QueryAsync(string name, DnsRecordType type, CancellationToken ct) => inner.QueryFreshAsync(name, type, ct);
    }
}
