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
internal sealed record CountedComplaint(KeptComplaint Row, int Domains, int Reports);

/// <summary>What complaints came to that were counted in one transaction.</summary>
/// <param name="Cells">To be taken when the transaction is committed.</param>
internal sealed record CountedComplaints(IReadOnlyList<CountedComplaint> Each, PressesInCells? Cells)
{
    public static readonly CountedComplaints None = new([], null);
}

/// <summary>Adds complaints, their counters and their reports to the caller's transaction: for every claimed domain whose signature passed.</summary>
internal sealed class ComplaintCounting(
    ComplaintCells cells, PressFairness fairness, ReportFanOut reports, Sealer sealer, IOptions<ComplaintsOptions> options, TimeProvider time)
{
    /// <param name="rows">In the order in which they count.</param>
    /// <param name="presses">What is known of their mailboxes; null: the database is asked for each.</param>
    public async Task<CountedComplaints> AddAsync(PostmasterDb db, IReadOnlyList<KeptComplaint> rows, MailboxPresses? presses, CancellationToken ct)
    {
        if (rows.Count == 0)
            return CountedComplaints.None;
        ILookup<DomainName, CoveringClaim> claims = await ClaimsAsync(db, rows, ct);
        var counts = new List<Counted>(rows.Count);
        foreach (KeptComplaint row in rows)
            counts.Add(await AddAsync(db, row, [.. Signing(row).SelectMany(d => claims[d])], presses, ct));
        await CountUnattributedAsync(db, counts, ct);
        int[] queued = await QueueAsync(db, counts, ct);
        List<Counted> attributed = counts.FindAll(c => c.Complaints.Count > 0);
        PressesInCells? inCells = attributed.Count == 0 ? null : await cells.AddAsync(db, attributed.ConvertAll(Press), ct);
        if (inCells is not null)
            TellPeople(db, attributed, inCells);
        return new CountedComplaints([.. counts.Select((c, i) => new CountedComplaint(c.Row, c.Complaints.Count, queued[i]))], inCells);
    }

    private static IEnumerable<DomainName> Signing(KeptComplaint row) => row.PassingDomains.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(DomainName.Parse);

    private static async Task<ILookup<DomainName, CoveringClaim>> ClaimsAsync(PostmasterDb db, IReadOnlyList<KeptComplaint> rows, CancellationToken ct)
    {
        List<DomainName> signing = [.. rows.SelectMany(Signing).Distinct()];
        IReadOnlyList<CoveringClaim> claims = signing.Count == 0 ? [] : await ClaimQueries.FindCoveringAsync(db, signing, ct);
        return claims.ToLookup(c => c.SigningDomain);
    }

    private async Task<Counted> AddAsync(PostmasterDb db, KeptComplaint row, IReadOnlyList<CoveringClaim> claims, MailboxPresses? presses, CancellationToken ct)
    {
        List<string> domains = [.. claims.Select(c => c.ClaimedDomain).Distinct(StringComparer.Ordinal).Take(options.Value.MaxDomains)];
        var complaints = new Dictionary<string, Complaint>(StringComparer.Ordinal);
        row.EndedAt = time.GetUtcNow();
        if (domains.Count == 0)
        {
            row.State = KeptState.Unattributed;
            row.Problem ??= "no claimed domain signed the message";
            return new Counted(row, claims, complaints, []);
        }

        row.State = KeptState.Counted;
        row.Problem = null;
        IReadOnlyDictionary<string, PartReason> inPart = await fairness.FindAsync(db, row, domains, presses, ct);
        foreach (string domain in domains)
        {
            Complaint complaint = Complaint(row, domain, claims.First(c => string.Equals(c.ClaimedDomain, domain, StringComparison.Ordinal)).SigningDomain,
                inPart.TryGetValue(domain, out PartReason reason) ? reason : null);
            complaints.Add(domain, complaint);
            db.Complaints.Add(complaint);
        }

        return new Counted(row, claims, complaints, inPart.Keys);
    }

    /// <summary>Who left what is told of by the report alone.</summary>
    private static void TellPeople(PostmasterDb db, List<Counted> attributed, PressesInCells inCells)
    {
        HashSet<Guid> told = [.. db.ReportDeliveries.Local.Select(d => d.ComplaintId), .. db.WebhookDeliveries.Local.Select(d => d.ComplaintId).OfType<Guid>()];
        for (int i = 0; i < attributed.Count; i++)
        {
            foreach ((string domain, long person) in inCells.Each[i].PersonKeys)
            {
                if (attributed[i].Complaints[domain] is { } complaint && told.Contains(complaint.Id))
                    complaint.PersonKey = person;
            }
        }
    }

    private CountedPress Press(Counted counted)
    {
        (KeptComplaint row, IReadOnlyList<CoveringClaim> claims) = (counted.Row, counted.Claims);
        ILookup<string, string> selectors = SelectorsOf(row.AuthenticationResults);
        return new CountedPress(
            row.PressedAt, row.DeliveryKey, MailAddress.Parse(sealer.OpenText(row.SealedMailbox!)), row.ListId, row.FeedbackId, row.SourceIp,
            counted.Complaints.Keys.ToDictionary(
                d => d,
                IReadOnlyList<string> (d) => [.. claims.Where(c => string.Equals(c.ClaimedDomain, d, StringComparison.Ordinal)).SelectMany(c => selectors[c.SigningDomain.Ascii]).Distinct(StringComparer.Ordinal)],
                StringComparer.Ordinal),
            [.. counted.InPart]);
    }

    /// <summary>By signing domain, the selectors of the signatures that passed.</summary>
    internal static ILookup<string, string> SelectorsOf(string? results) =>
        (results is not null && AuthenticationResults.TryParse(results, out AuthenticationResults? parsed, out _) ? parsed.Results : [])
        .Where(r => r is { Method: "dkim", Result: "pass" })
        .Select(r => (Domain: DomainName.TryParse(r.Property("header", "d"), out DomainName? name, out _) ? name.Ascii : "", Selector: r.Property("header", "s") ?? ""))
        .ToLookup(r => r.Domain, r => r.Selector, StringComparer.Ordinal);

    /// <summary>Tells all who may be told; of each complaint, how many reports that are.</summary>
    private async Task<int[]> QueueAsync(PostmasterDb db, List<Counted> counts, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        int[] queued = new int[counts.Count];
        List<int> told = [.. Enumerable.Range(0, counts.Count).Where(i => counts[i].Row.NotReported is null)];
        IReadOnlyList<int> each = await reports.QueueAsync(db, told.ConvertAll(i => Report(counts[i], now)), ct);
        for (int i = 0; i < told.Count; i++)
            queued[told[i]] = each[i];
        return queued;
    }

    private static CountedReport Report(Counted counted, DateTimeOffset now) => new(
        counted.Row,
        [.. counted.Claims.DistinctBy(c => c.ClaimId).Where(c => counted.Complaints.ContainsKey(c.ClaimedDomain)).Select(c => new CountedClaim(c, counted.Complaints[c.ClaimedDomain]))], now);

    private static async Task CountUnattributedAsync(PostmasterDb db, List<Counted> counts, CancellationToken ct)
    {
        foreach (IGrouping<DateOnly, Counted> same in counts.Where(c => c.Complaints.Count == 0).GroupBy(c => DateOnly.FromDateTime(c.Row.PressedAt.UtcDateTime)))
        {
            DailyCount? count = await db.DailyCounts.FirstOrDefaultAsync(c => c.Domain == "" && c.Day == same.Key && c.Kind == CountKind.Unattributed, ct);
            if (count is null)
                db.DailyCounts.Add(new DailyCount { Domain = "", Day = same.Key, Kind = CountKind.Unattributed, Count = same.Count() });
            else
                count.Count += same.Count();
        }
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

    /// <param name="Complaints">By claimed domain; empty: unattributed.</param>
    /// <param name="InPart">Domains for which it counts in part.</param>
    private sealed record Counted(KeptComplaint Row, IReadOnlyList<CoveringClaim> Claims, Dictionary<string, Complaint> Complaints, IEnumerable<string> InPart);
}
