using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Traffic.Commit;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Memory;

/// <summary>
/// Sees which complaints were told to the sender, by a report that was delivered or a webhook that took the event: from then on the sender knows that the person has left,
/// and the person counts as <see cref="TrafficCounter.Left"/>, on the day of the first telling. Each complaint counts once, on however many machines this runs.
/// </summary>
internal sealed class TellingWorker(IDbContextFactory<PostmasterDb> databases, MemoryRooms rooms, TimeProvider time, ILogger<TellingWorker> log) : PeriodicWorker(Interval, time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Complaints of one transaction.</summary>
    private const int Batch = 200;

    protected override async Task TurnAsync(CancellationToken ct)
    {
        while (await TellAsync(ct) == Batch)
        {
        }
    }

    protected override void TellFault(Exception fault) => log.TellingFault(fault);

    /// <summary>One transaction; returns how many complaints it was about.</summary>
    internal async Task<int> TellAsync(CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        if (await Delivered(db).AnyAsync(ct) is false)
            return 0;
        await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(ct);
        using RoomStep people = await rooms.People.OpenAsync(db, ct);
        List<DeliveredReport> reports = await Delivered(db).OrderBy(r => r.ComplaintId).Take(Batch).ToListAsync(ct);
        var scope = new CommitScope(db, new Dictionary<Directory.StreamEntry, int>());
        var manners = new Manners(people, scope, await StreamTypes.ReadAsync(db, ct));
        Dictionary<ulong, byte[]> found = await people.FindAsync(reports.Select(r => unchecked((ulong)r.PersonKey)).Distinct(), ct);
        foreach (DeliveredReport report in reports)
        {
            ulong left = unchecked((ulong)report.PersonKey);
            if ((people.AtHand(left) ?? found.GetValueOrDefault(left)) is { } record)
                manners.Tell(left, LeftRecord.Read(record), report.DeliveredAt.UtcTicks);
        }

        List<Guid> told = reports.ConvertAll(r => r.ComplaintId);
        await db.Complaints.Where(c => told.Contains(c.Id)).ExecuteUpdateAsync(set => set.SetProperty(c => c.PersonKey, (long?)null), ct);
        await people.WriteAsync(ct);
        await scope.WriteAsync(ct);
        await transaction.CommitAsync(ct);
        return reports.Count;
    }

    private static IQueryable<DeliveredReport> Delivered(PostmasterDb db) =>
        from complaint in db.Complaints
        where complaint.PersonKey != null
        let reported = (from delivery in db.ReportDeliveries
                        join mail in db.Outbox on delivery.OutboxId equals mail.Id
                        where delivery.ComplaintId == complaint.Id && mail.State == OutboxState.Sent && mail.Kind != OutboxKind.NotSpamReport
                        select mail.EndedAt).Min()
        let posted = db.WebhookDeliveries.Where(d => d.ComplaintId == complaint.Id && d.Event == WebhookEvent.Created && d.State == WebhookDeliveryState.Delivered).Min(d => d.EndedAt)
        where reported != null || posted != null
        select new DeliveredReport { ComplaintId = complaint.Id, PersonKey = complaint.PersonKey!.Value, DeliveredAt = reported == null || posted < reported ? posted!.Value : reported.Value };

    private sealed record DeliveredReport
    {
        public required Guid ComplaintId { get; init; }
        public required long PersonKey { get; init; }
        public required DateTimeOffset DeliveredAt { get; init; }
    }
}
