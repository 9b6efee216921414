using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Features.Traffic;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints;

/// <summary>What a "not junk" came to.</summary>
/// <param name="Complaints">How many complaints it took back that had counted.</param>
/// <param name="Reports">Reports that were queued.</param>
/// <param name="Cells">To be taken when the transaction is committed; null: nothing was rescued.</param>
internal sealed record Rescue(int Complaints, int Reports, PressesInCells? Cells)
{
    public static readonly Rescue Nothing = new(0, 0, null);
}

/// <summary>
/// A "not junk" that comes after the complaint had counted: the complaint stays and says so, the traffic counts the rescue once, and owners who asked for it
/// are told. A second one, or one of which a feeder has told already, adds nothing.
/// </summary>
internal sealed class Rescues(ComplaintCells cells, NotSpamReports reports, Sealer sealer, TimeProvider time)
{
    /// <param name="row">The "not junk", read. What is known of the message's signatures is copied to it, for the report.</param>
    public async Task<Rescue> AddAsync(PostmasterDb db, KeptComplaint row, CancellationToken ct)
    {
        KeptComplaint? counted = await db.KeptComplaints.AsNoTracking().FirstOrDefaultAsync(
            k => k.MailboxKey == row.MailboxKey && k.MessageKey == row.MessageKey && k.State == KeptState.Counted && k.Press != Press.NotSpam
                && (k.PressedAt < row.PressedAt || (k.PressedAt == row.PressedAt && k.ReceivedAt <= row.ReceivedAt)), ct);
        if (counted is null)
            return Rescue.Nothing;
        List<Complaint> complaints = await db.Complaints.Where(c => c.KeptId == counted.Id && c.RescuedAt == null).ToListAsync(ct);
        if (complaints.Count == 0)
            return Rescue.Nothing;
        foreach (Complaint complaint in complaints)
            complaint.RescuedAt = row.PressedAt;
        row.Evidence = counted.Evidence;
        row.AuthenticationResults = counted.AuthenticationResults;
        row.PassingDomains = counted.PassingDomains;
        row.DeliveryKey = counted.DeliveryKey;
        int queued = counted.NotReported is null ? await reports.QueueAsync(db, row, complaints, time.GetUtcNow(), ct) : 0;
        return new Rescue(complaints.Count, queued, await cells.AddNotSpamAsync(db, CountedOf(row, complaints), ct));
    }

    public void Wake() => reports.Wake();

    private CountedPress CountedOf(KeptComplaint row, List<Complaint> complaints)
    {
        ILookup<string, string> selectors = ComplaintCounting.SelectorsOf(row.AuthenticationResults);
        return new CountedPress(
            row.PressedAt, row.DeliveryKey, MailAddress.Parse(sealer.OpenText(row.SealedMailbox!)), row.ListId, row.FeedbackId, row.SourceIp,
            complaints.ToDictionary(c => c.Domain, IReadOnlyList<string> (c) => [.. selectors[c.SigningDomain].Distinct(StringComparer.Ordinal)], StringComparer.Ordinal), InPart: []);
    }
}
