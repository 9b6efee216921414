using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints;

/// <summary>What one complaint came to.</summary>
/// <param name="Domains">Claimed domains it counts for; 0: unattributed.</param>
/// <param name="Reports">Mails that were queued.</param>
internal sealed record CountedComplaint(int Domains, int Reports);

/// <summary>Adds a complaint, its counters and its reports to the caller's transaction: for every claimed domain whose signature passed.</summary>
internal sealed class ComplaintCounting(IOptions<ComplaintsOptions> options, IOptions<ProviderOptions> provider, TimeProvider time)
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
            await CountAsync(db, "", day, CountKind.Unattributed, ct);
            return new CountedComplaint(0, 0);
        }

        row.State = KeptState.Counted;
        row.Problem = null;
        var complaints = new Dictionary<string, Complaint>(StringComparer.Ordinal);
        foreach (string domain in domains)
        {
            Complaint complaint = Complaint(row, domain, claims.First(c => string.Equals(c.ClaimedDomain, domain, StringComparison.Ordinal)).SigningDomain);
            complaints[domain] = complaint;
            db.Complaints.Add(complaint);
            await CountAsync(db, domain, day, CountKind.Complaint, ct);
        }

        return new CountedComplaint(domains.Count, row.NotReported is null ? Queue(db, row, complaints, claims) : 0);
    }

    /// <summary>One mail an address, however many of its domains signed the message.</summary>
    private int Queue(PostmasterDb db, KeptComplaint row, Dictionary<string, Complaint> complaints, IReadOnlyList<CoveringClaim> claims)
    {
        DateTimeOffset now = time.GetUtcNow();
        var mails = new Dictionary<MailAddress, OutboxMessage>();
        foreach (CoveringClaim claim in claims.DistinctBy(c => c.ClaimId))
        {
            if (claim is not { Address: { } text, FeedbackAddressId: { } addressId } || !complaints.TryGetValue(claim.ClaimedDomain, out Complaint? complaint)
                || !MailAddress.TryParse(text, out MailAddress? address, out _) || IsOurs(address))
                continue;
            if (!mails.TryGetValue(address, out OutboxMessage? mail))
            {
                Guid id = Guid.CreateVersion7(now);
                mail = new OutboxMessage
                {
                    Id = id,
                    Kind = OutboxKind.FeedbackReport,
                    To = address.ToString(),
                    KeptId = row.Id,
                    MessageId = $"{id:N}@{provider.Value.Domain}",
                    BounceToken = NoticeOutbox.NewBounceToken(),
                    CreatedAt = now,
                    DueAt = now,
                };
                mails.Add(address, mail);
                db.Outbox.Add(mail);
            }

            db.ReportDeliveries.Add(new ReportDelivery { ComplaintId = complaint.Id, OutboxId = mail.Id, FeedbackAddressId = addressId });
        }

        return mails.Count;
    }

    /// <summary>A report to the portal's own mail domain would come in by the door for complaints.</summary>
    private bool IsOurs(MailAddress address) => DomainName.TryParse(provider.Value.Domain, out DomainName? own, out _) && address.Domain.Equals(own);

    private static async Task CountAsync(PostmasterDb db, string domain, DateOnly day, CountKind kind, CancellationToken ct)
    {
        DailyCount? count = await db.DailyCounts.FirstOrDefaultAsync(c => c.Domain == domain && c.Day == day && c.Kind == kind, ct);
        if (count is null)
            db.DailyCounts.Add(new DailyCount { Domain = domain, Day = day, Kind = kind, Count = 1 });
        else
            count.Count++;
    }

    private static Complaint Complaint(KeptComplaint row, string domain, DomainName signing) => new()
    {
        KeptId = row.Id,
        Domain = domain,
        SigningDomain = signing.Ascii,
        PressedAt = row.PressedAt,
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
