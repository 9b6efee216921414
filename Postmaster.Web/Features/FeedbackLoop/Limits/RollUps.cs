using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Limits;

/// <summary>
/// Makes one report of alike ones that wait above the daily cap: the newest carries all, with how many they are in <c>Incidents</c> (RFC 5965 §3.2). Only
/// reports that were never handed to the relay are taken, so that nothing is told twice; a single one goes on waiting for the cap.
/// </summary>
internal sealed class RollUps(IDbContextFactory<PostmasterDb> databases, ReportCaps caps, IOptions<ReportsOptions> options, TimeProvider time, OutboxSignal signal, ILogger<RollUps> log)
{
    /// <summary>Complaints of one report: more recipients than this make a mail that few programs read.</summary>
    public const int MaxIncidents = 500;

    /// <summary>How long a report that waits for the daily cap is left alone: not beyond the instant at which it may be told with its like.</summary>
    public TimeSpan UntilLook(OutboxMessage mail, TimeSpan most)
    {
        TimeSpan left = mail.CreatedAt + options.Value.RollUpAfter - time.GetUtcNow();
        return mail.AlikeKey is not null && left > TimeSpan.Zero && left < most ? left : most;
    }

    /// <summary>
    /// The leased row waits for the daily cap: when it has waited for long enough, it and all of its like that wait, too, become one report, which is due at
    /// once. Whatever comes after that begins to wait anew, so that a stream has one such report for each <c>Reports:RollUpAfter</c>. False: it goes on waiting.
    /// </summary>
    public async Task<bool> FoldAsync(Leased<OutboxMessage> lease, CancellationToken ct)
    {
        // The attempt is the lease's own.
        if (lease.Row is not { AlikeKey: { } key, IsReplay: false, Attempts: 1 })
            return false;
        DateTimeOffset now = time.GetUtcNow();
        if (lease.Row.CreatedAt > now - options.Value.RollUpAfter)
            return false;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        // Seen without a lock first: most rows that wait have no like.
        if (!await Alike(db, lease.Row, key).AnyAsync(ct))
            return false;
        await using var transaction = await db.BeginExclusiveAsync(ct);
        OutboxMessage? row = await db.Outbox.HeldBy(lease).FirstOrDefaultAsync(m => m.State == OutboxState.Queued, ct);
        if (row is null || !await caps.MayRollUpAsync(db, row.To, ct))
            return false;
        List<OutboxMessage> group = [row, .. await Alike(db, row, key).OrderBy(m => m.CreatedAt).ThenBy(m => m.Id).Take(MaxIncidents - 1).ToListAsync(ct)];
        if (group.Count == 1)
            return false;
        OutboxMessage carrier = group.MaxBy(m => (m.CreatedAt, m.Id))!;
        group.Remove(carrier);
        await MoveAsync(db, group, carrier, now, ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        log.RolledUp(carrier.Id, carrier.Incidents, MailAddress.TryParse(carrier.To, out MailAddress? to, out _) ? to.Masked : "?");
        signal.Wake();
        return true;
    }

    /// <summary>What waits of the same for the same cap, alone so far, and neither in the hands of a worker nor ever tried.</summary>
    private static IQueryable<OutboxMessage> Alike(PostmasterDb db, OutboxMessage row, string key) => db.Outbox.Where(m =>
        m.AlikeKey == key && m.To == row.To && m.Kind == row.Kind && m.State == OutboxState.Queued && m.Id != row.Id && m.Incidents == 1
        && m.LeaseUntil == null && m.Attempts == 0 && m.HeldBy == OutboxHold.AddressDay);

    private static async Task MoveAsync(PostmasterDb db, List<OutboxMessage> group, OutboxMessage carrier, DateTimeOffset now, CancellationToken ct)
    {
        List<Guid> ids = group.ConvertAll(m => m.Id);
        await db.ReportDeliveries.Where(d => ids.Contains(d.OutboxId)).ExecuteUpdateAsync(set => set.SetProperty(d => d.OutboxId, carrier.Id), ct);
        carrier.Incidents += group.Count;
        carrier.DueAt = now;
        carrier.LeaseUntil = null;
        carrier.Attempts = 0;
        carrier.HeldBy = null;
        carrier.LastAnswer = null;
        foreach (OutboxMessage told in group)
        {
            told.State = OutboxState.RolledUp;
            told.RolledIntoId = carrier.Id;
            told.EndedAt = now;
            told.LeaseUntil = null;
            told.HeldBy = null;
            told.LastAnswer = string.Create(CultureInfo.InvariantCulture, $"Told together with {carrier.Incidents - 1} others in one report, {carrier.MessageId}.");
        }
    }
}
