using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Compliance;

/// <summary>How a domain keeps what is asked of senders. Who may ask is decided before.</summary>
public sealed class ComplianceQueries(IDbContextFactory<PostmasterDb> databases, TrafficQueries traffic)
{
    /// <summary>The eleven requirements, in the order of the rules.</summary>
    public async Task<IReadOnlyList<RequirementState>> StatesAsync(string domain, DateOnly from, DateOnly to, CancellationToken ct)
    {
        TrafficSeries series = await traffic.DaysAsync(domain, from, to, ct);
        return ComplianceRules.Judge(series.Total, await DnsAsync(domain, ct), await ExamplesAsync(domain, from, to, ct));
    }

    /// <summary>Null: DNS was not looked at yet.</summary>
    public async Task<DomainDns?> DnsAsync(string domain, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await db.DomainChecks.AsNoTracking().FirstOrDefaultAsync(c => c.Domain == domain, ct) is { } row ? DomainDns.Read(row) : null;
    }

    /// <summary>Of each requirement the first mail of the latest day on which one broke it.</summary>
    private async Task<IReadOnlyDictionary<Requirement, FailedMail>> ExamplesAsync(string domain, DateOnly first, DateOnly last, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        List<ComplianceExample> rows = await (
            from example in db.ComplianceExamples.AsNoTracking()
            join d in db.MailDomains on example.DomainId equals d.Id
            where d.Name == domain && example.Day >= first && example.Day <= last
            select example).ToListAsync(ct);
        return rows.GroupBy(e => e.Requirement).ToDictionary(g => g.Key, g => g.MaxBy(e => e.Day)!).ToDictionary(
            e => e.Key, e => new FailedMail(e.Value.Time, e.Value.MessageId, e.Value.Ip, e.Value.Reason));
    }
}
