using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints.Fairness;

/// <summary>Asks the database what <see cref="FairRules"/> wants to know, in the transaction that counts the complaint.</summary>
internal sealed class PressFairness(IOptions<FairnessOptions> options)
{
    /// <summary>Why the complaint counts in part, by domain; domains for which it counts in full are missing.</summary>
    /// <param name="presses">Null: the database is asked about the mailbox.</param>
    public async Task<IReadOnlyDictionary<string, PartReason>> FindAsync(
        PostmasterDb db, KeptComplaint row, IReadOnlyCollection<string> domains, MailboxPresses? presses, CancellationToken ct)
    {
        var found = new Dictionary<string, PartReason>(StringComparer.Ordinal);
        PartReason? ofMailbox = presses is null ? await OfMailboxAsync(db, row, ct) : OfMailbox(presses, row);
        foreach (string domain in domains)
        {
            if (ofMailbox is { } reason)
                found.Add(domain, reason);
            else if (IsNew(row.MailboxSince, row.PressedAt) && await IsOfGroupAsync(db, row, domain, ct))
                found.Add(domain, PartReason.NewMailboxes);
        }

        return found;
    }

    private PartReason? OfMailbox(MailboxPresses presses, KeptComplaint row)
    {
        FairnessOptions rules = options.Value;
        return FairRules.OfMailbox(
            presses.Count(row, row.PressedAt - rules.BurstWindow, row.PressedAt + rules.BurstWindow),
            presses.Count(row, row.PressedAt - FairRules.Month, row.PressedAt - TimeSpan.FromTicks(1)), rules);
    }

    private async Task<PartReason?> OfMailboxAsync(PostmasterDb db, KeptComplaint row, CancellationToken ct)
    {
        FairnessOptions rules = options.Value;
        DateTimeOffset burstFrom = row.PressedAt - rules.BurstWindow, burstTo = row.PressedAt + rules.BurstWindow, monthAgo = row.PressedAt - FairRules.Month;
        // What was taken back, or is the same press twice, is no press.
        IQueryable<KeptComplaint> presses = db.KeptComplaints.Where(k => k.MailboxKey == row.MailboxKey && k.Press != Press.NotSpam
            && (k.State == KeptState.Kept || k.State == KeptState.Held || k.State == KeptState.Counted || k.State == KeptState.Unattributed));
        // One more than the rule allows is as good as a million.
        int burst = rules.BurstPresses == 0 ? 0 : await presses.Where(k => k.PressedAt >= burstFrom && k.PressedAt <= burstTo).OrderBy(k => k.PressedAt).Take(rules.BurstPresses + 1).CountAsync(ct);
        int before = rules.MonthPresses == 0 ? 0 : await presses.Where(k => k.PressedAt >= monthAgo && k.PressedAt < row.PressedAt).OrderBy(k => k.PressedAt).Take(rules.MonthPresses).CountAsync(ct);
        return FairRules.OfMailbox(burst, before, rules);
    }

    private async Task<bool> IsOfGroupAsync(PostmasterDb db, KeptComplaint row, string domain, CancellationToken ct)
    {
        if (options.Value.GroupMailboxes == 0)
            return false;
        // Complaints that are counted in the same transaction are among the latest.
        await db.SaveChangesAsync(ct);
        DateTimeOffset since = row.PressedAt - FairRules.GroupSpan;
        var lately = await (
            from complaint in db.Complaints.Where(c => c.Domain == domain && c.PressedAt >= since).OrderByDescending(c => c.PressedAt).Take(FairRules.GroupSample)
            join kept in db.KeptComplaints on complaint.KeptId equals kept.Id
            select new { kept.MailboxKey, kept.MailboxSince, kept.PressedAt }).ToListAsync(ct);
        List<PressOfMailbox> all = [.. lately.Select(l => new PressOfMailbox(Convert.ToHexString(l.MailboxKey ?? []), IsNew(l.MailboxSince, l.PressedAt)))];
        all.Add(new PressOfMailbox(Convert.ToHexString(row.MailboxKey ?? []), IsNew: true));
        return FairRules.IsGroup(all, options.Value);
    }

    private bool IsNew(DateTimeOffset? since, DateTimeOffset pressedAt) => since is { } opened && pressedAt - opened < options.Value.NewMailbox;
}
