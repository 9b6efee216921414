using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Authentication;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Complaints.Fairness;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Features.Traffic;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints;

/// <summary>What one complaint came to.</summary>
/// <param name="Domains">Claimed domains it counts for; 0: unattributed.</param>
/// <param name="Reports">Reports that were queued, by whichever way.</param>
/// <param name="Cells">To be taken when the transaction is committed; null: unattributed.</param>
internal sealed record CountedComplaint(int Domains, int Reports, PressInCells? Cells);

/// <summary>Adds a complaint, its counters and its reports to the caller's transaction: for every claimed domain whose signature passed.</summary>
internal sealed class ComplaintCounting(
    ComplaintCells cells, PressFairness fairness, ReportFanOut reports, Sealer sealer, IOptions<ComplaintsOptions> options, TimeProvider time)
{
    public async Task<CountedComplaint> AddAsync(PostmasterDb db, KeptComplaint row, CancellationToken ct)
    {
        List<DomainName> signing = [.. row.PassingDomains.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(DomainName.Parse)];
        IReadOnlyList<CoveringClaim> claims = signing.Count == 0 ? [] : await ClaimQueries.FindCoveringAsync(db, signing, ct);
        List<string> domains = [.. claims.Select(c => c.ClaimedDomain).Distinct(StringComparer.Ordinal).Take(options.Value.MaxDomains)];
        var day = DateOnly.FromDateTime(row.PressedAt.UtcDateTime);
        row.EndedAt = time.GetUtcNow();
        if (domains.Count == 0)
        {
            row.State = KeptState.Unattributed;
            row.Problem ??= "no claimed domain signed the message";
            await CountUnattributedAsync(db, day, ct);
            return new CountedComplaint(0, await QueueAsync(db, row, [], claims, ct), null);
        }

        row.State = KeptState.Counted;
        row.Problem = null;
        IReadOnlyDictionary<string, PartReason> inPart = await fairness.FindAsync(db, row, domains, ct);
        var complaints = new Dictionary<string, Complaint>(StringComparer.Ordinal);
        foreach (string domain in domains)
        {
            Complaint complaint = Complaint(row, domain, claims.First(c => string.Equals(c.ClaimedDomain, domain, StringComparison.Ordinal)).SigningDomain,
                inPart.TryGetValue(domain, out PartReason reason) ? reason : null);
            complaints[domain] = complaint;
            db.Complaints.Add(complaint);
        }

        int queued = await QueueAsync(db, row, complaints, claims, ct);
        PressInCells counted = await cells.AddAsync(db, Press(row, domains, claims, inPart), ct);
        foreach ((string domain, long person) in counted.PersonKeys)
        {
            // Who left is told of by a report or a webhook alone.
            Guid id = complaints[domain].Id;
            if (db.ReportDeliveries.Local.Any(d => d.ComplaintId == id) || db.WebhookDeliveries.Local.Any(d => d.ComplaintId == id))
                complaints[domain].PersonKey = person;
        }

        return new CountedComplaint(domains.Count, queued, counted);
    }

    private CountedPress Press(KeptComplaint row, List<string> domains, IReadOnlyList<CoveringClaim> claims, IReadOnlyDictionary<string, PartReason> inPart)
    {
        ILookup<string, string> selectors = SelectorsOf(row.AuthenticationResults);
        return new CountedPress(
            row.PressedAt, row.DeliveryKey, MailAddress.Parse(sealer.OpenText(row.SealedMailbox!)), row.ListId, row.FeedbackId, row.SourceIp,
            domains.ToDictionary(
                d => d,
                IReadOnlyList<string> (d) => [.. claims.Where(c => string.Equals(c.ClaimedDomain, d, StringComparison.Ordinal)).SelectMany(c => selectors[c.SigningDomain.Ascii]).Distinct(StringComparer.Ordinal)],
                StringComparer.Ordinal),
            [.. inPart.Keys]);
    }

    /// <summary>By signing domain, the selectors of the signatures that passed.</summary>
    internal static ILookup<string, string> SelectorsOf(string? results) =>
        (results is not null && AuthenticationResults.TryParse(results, out AuthenticationResults? parsed, out _) ? parsed.Results : [])
        .Where(r => r is { Method: "dkim", Result: "pass" })
        .Select(r => (Domain: DomainName.TryParse(r.Property("header", "d"), out DomainName? name, out _) ? name.Ascii : "", Selector: r.Property("header", "s") ?? ""))
        .ToLookup(r => r.Domain, r => r.Selector, StringComparer.Ordinal);

    /// <summary>Tells all who may be told.</summary>
    private async Task<int> QueueAsync(PostmasterDb db, KeptComplaint row, Dictionary<string, Complaint> complaints, IReadOnlyList<CoveringClaim> claims, CancellationToken ct)
    {
        if (row.NotReported is not null)
            return 0;
        List<CountedClaim> counted = [.. claims.DistinctBy(c => c.ClaimId).Where(c => complaints.ContainsKey(c.ClaimedDomain)).Select(c => new CountedClaim(c, complaints[c.ClaimedDomain]))];
        return await reports.QueueAsync(db, new CountedReport(row, counted, time.GetUtcNow()), ct);
    }

    private static async Task CountUnattributedAsync(PostmasterDb db, DateOnly day, CancellationToken ct)
    {
        DailyCount? count = await db.DailyCounts.FirstOrDefaultAsync(c => c.Domain == "" && c.Day == day && c.Kind == CountKind.Unattributed, ct);
        if (count is null)
            db.DailyCounts.Add(new DailyCount { Domain = "", Day = day, Kind = CountKind.Unattributed, Count = 1 });
        else
            count.Count++;
    }

    // Ids rise with the time of counting: programs that read complaints go on from the last id that they have.
    private Complaint Complaint(KeptComplaint row, string domain, DomainName signing, PartReason? inPart) => new()
    {
        Id = Guid.CreateVersion7(time.GetUtcNow()),
        KeptId = row.Id,
        Domain = domain,
        SigningDomain = signing.Ascii,
        PressedAt = row.PressedAt,
        Press = row.Press,
        InPart = inPart,
        CfblFeedbackId = row.CfblFeedbackId,
        ArrivedAt = row.ArrivedAt,
        Subject = row.Subject,
        MessageId = row.MessageId,
        ListId = row.ListId,
        FeedbackId = row.FeedbackId,
        SourceIp = row.SourceIp,
        NotReported = row.NotReported,
        Evidence = row.Evidence,
        AuthenticationResults = row.AuthenticationResults,
    };
}
