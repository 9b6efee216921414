using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Reports;

/// <summary>Why no report was queued.</summary>
public enum SendRefusal
{
    /// <summary>The claim is not in force, or has no confirmed address.</summary>
    NoAddress,

    /// <summary>Reports to the address came back; it has to be confirmed again.</summary>
    Paused,

    /// <summary>The owner has turned reports by mail off.</summary>
    MailOff,

    /// <summary>As many as may be in 24 hours.</summary>
    TooMany,
}

/// <summary>What became of a wish to have reports once more.</summary>
/// <param name="Queued">Put into the outbox.</param>
/// <param name="Gone">Their messages are no longer kept, or are older than <see cref="ReplayStore.Window"/>.</param>
/// <param name="Waiting">They are in the queue already.</param>
/// <param name="Silent">No report is ever made of them: it could come back as a complaint.</param>
/// <param name="Left">Above what may be sent again in 24 hours.</param>
public sealed record ReplayOutcome(int Queued, int Gone = 0, int Waiting = 0, int Silent = 0, int Left = 0, SendRefusal? Refusal = null);

/// <summary>Reports that an owner wants once more, as after a fault of his own machines, and reports to try those machines with. They go to the confirmed address alone.</summary>
public sealed class ReplayStore(
    IDbContextFactory<PostmasterDb> databases, AuditTrail audit, OutboxSignal outbox, IOptions<ProviderOptions> provider, TimeProvider time)
{
    /// <summary>How old a complaint may be that is told of again.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromDays(30);

    /// <summary>Replays of a claim in 24 hours: the portal must not become a tool for filling a mailbox.</summary>
    public const int MostPerDay = 5000;

    /// <summary>Complaints of one wish.</summary>
    public const int MostAtOnce = 1000;

    /// <summary>Test reports of a claim in 24 hours, and between two of them.</summary>
    public const int MostTestsPerDay = 10;

    public static readonly TimeSpan TestPause = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public async Task<ReplayOutcome> ReplayAsync(Guid claimId, Guid by, IEnumerable<Guid> complaintIds, CancellationToken ct)
    {
        List<Guid> wanted = [.. complaintIds.Distinct().Take(MostAtOnce)];
        DateTimeOffset now = time.GetUtcNow(), since = now - Window, dayAgo = now - Day;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        (Destination? to, SendRefusal? refusal) = await DestinationAsync(db, claimId, ct);
        if (to is null)
            return new ReplayOutcome(0, Refusal: refusal);
        int room = MostPerDay - await db.Outbox.CountAsync(m => m.IsReplay && m.CreatedAt > dayAgo && db.ReportDeliveries.Any(d => d.OutboxId == m.Id && d.FeedbackAddressId == to.AddressId), ct);
        if (room <= 0)
            return new ReplayOutcome(0, Refusal: SendRefusal.TooMany);
        var rows = await db.Complaints.AsNoTracking().Where(c => wanted.Contains(c.Id) && c.Domain == to.Domain)
            .OrderBy(c => c.PressedAt).ThenBy(c => c.Id)
            .Select(c => new
            {
                c.Id, c.KeptId, c.NotReported,
                Kept = c.PressedAt >= since && db.KeptBodies.Any(b => b.KeptId == c.KeptId),
                Waits = db.Outbox.Any(m => m.KeptId == c.KeptId && m.To == to.Address && m.State == OutboxState.Queued),
            }).ToListAsync(ct);
        var may = rows.FindAll(r => r.NotReported is null && r.Kept && !r.Waits);
        foreach (var row in may.Take(room))
        {
            OutboxMessage mail = NewMail(OutboxKind.FeedbackReport, to, now, row.KeptId, isReplay: true, testFor: null);
            db.Outbox.Add(mail);
            db.ReportDeliveries.Add(new ReportDelivery { ComplaintId = row.Id, OutboxId = mail.Id, FeedbackAddressId = to.AddressId });
        }

        int queued = Math.Min(room, may.Count);
        if (queued > 0)
            await audit.AddAsync(db, claimId, to.Domain, by, "had reports sent again", queued == 1 ? "one report" : $"{queued} reports", ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        outbox.Wake();
        return new ReplayOutcome(
            queued, rows.Count(r => r.NotReported is null && !r.Kept), rows.Count(r => r.NotReported is null && r.Kept && r.Waits), rows.Count(r => r.NotReported is not null), may.Count - queued);
    }

    /// <summary>Queues a report about a made-up message; null when it is on its way.</summary>
    public async Task<SendRefusal?> TestAsync(Guid claimId, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow(), dayAgo = now - Day, lately = now - TestPause;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        (Destination? to, SendRefusal? refusal) = await DestinationAsync(db, claimId, ct);
        if (to is null)
            return refusal;
        // The mailbox counts, too: many claims may name one.
        IQueryable<OutboxMessage> before = db.Outbox.Where(m => m.Kind == OutboxKind.TestReport && m.CreatedAt > dayAgo && (m.FeedbackAddressId == to.AddressId || m.To == to.Address));
        if (await before.CountAsync(ct) >= MostTestsPerDay || await before.AnyAsync(m => m.CreatedAt > lately, ct))
            return SendRefusal.TooMany;
        db.Outbox.Add(NewMail(OutboxKind.TestReport, to, now, keptId: null, isReplay: false, to.AddressId));
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        outbox.Wake();
        return null;
    }

    private static async Task<(Destination? To, SendRefusal? Refusal)> DestinationAsync(PostmasterDb db, Guid claimId, CancellationToken ct)
    {
        var found = await (
            from claim in db.Claims.AsNoTracking()
            where claim.Id == claimId && (claim.State == ClaimState.Proved || claim.State == ClaimState.Warned)
            join address in db.FeedbackAddresses on claim.Id equals address.ClaimId
            where address.EndedAt == null && address.ConfirmedAt != null
            select new { claim.Domain, address.Id, address.Address, address.PausedAt, MailOff = db.FeedbackSettings.Any(s => s.ClaimId == claim.Id && s.MailOff) }).FirstOrDefaultAsync(ct);
        return found switch
        {
            null => (null, SendRefusal.NoAddress),
            { PausedAt: not null } => (null, SendRefusal.Paused),
            { MailOff: true } => (null, SendRefusal.MailOff),
            _ => (new Destination(found.Domain, found.Id, found.Address), null),
        };
    }

    private OutboxMessage NewMail(OutboxKind kind, Destination to, DateTimeOffset now, Guid? keptId, bool isReplay, Guid? testFor)
    {
        Guid id = Guid.CreateVersion7(now);
        return new OutboxMessage
        {
            Id = id,
            Kind = kind,
            To = to.Address,
            KeptId = keptId,
            IsReplay = isReplay,
            FeedbackAddressId = testFor,
            MessageId = $"{id:N}@{provider.Value.Domain}",
            BounceToken = NoticeOutbox.NewBounceToken(),
            CreatedAt = now,
            DueAt = now,
        };
    }

    private sealed record Destination(string Domain, Guid AddressId, string Address);
}
