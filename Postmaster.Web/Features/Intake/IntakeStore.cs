using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Operations;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Intake;

/// <summary>The one keep step of all doors: octets and envelope are on the disk before anybody is told 250, 202 or exit 0.</summary>
public sealed class IntakeStore(
    IDbContextFactory<PostmasterDb> databases, Sealer sealer, ProviderKeys keys, ComplaintSignal signal, TimeProvider time, ILogger<IntakeStore> log)
{
    /// <summary>An older press is a clock that was never set; it would open the charts at that day.</summary>
    private static readonly TimeSpan OldestPress = TimeSpan.FromDays(366);

    /// <inheritdoc cref="KeepAsync(IReadOnlyList{KeepRequest}, CancellationToken)"/>
    public Task<KeepOutcome> KeepAsync(KeepRequest request, CancellationToken ct) => KeepAsync([request], ct);

    /// <summary>Keeps all of them or, when something fails, none. The outcome names the first.</summary>
    /// <exception cref="DbUpdateException">The database did not take it; nothing is kept and the sender should try again.</exception>
    public async Task<KeepOutcome> KeepAsync(IReadOnlyList<KeepRequest> requests, CancellationToken ct)
    {
        var rows = new List<KeptComplaint>(requests.Count);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        foreach (KeepRequest request in requests)
        {
            if (await db.KeptComplaints.AnyAsync(k => k.Id == request.Id, ct))
                continue;
            KeptComplaint row = await RowAsync(request, ct);
            rows.Add(row);
            db.KeptComplaints.Add(row);
            db.KeptBodies.Add(Body(request));
            log.ComplaintArrived(row.Id, row.Door, row.Press, request.Mailbox?.Masked ?? "nobody vouched for", row.Size);
        }

        Guid id = requests[0].Id;
        if (rows.Count == 0)
        {
            log.ComplaintKeptBefore(id);
            return new KeepOutcome.Kept(id, Again: true);
        }

        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException full) when (db.IsStorageFull(full))
        {
            log.StorageFull(full);
            return new KeepOutcome.StorageFull();
        }
        catch (DbUpdateException) when (!ct.IsCancellationRequested)
        {
            // Another request with the same id may have been faster.
            db.ChangeTracker.Clear();
            if (await db.KeptComplaints.AnyAsync(k => k.Id == id, ct))
                return new KeepOutcome.Kept(id, Again: true);
            throw;
        }

        foreach (KeptComplaint row in rows)
            log.ComplaintKept(row.Id, row.Door);
        signal.Wake();
        return new KeepOutcome.Kept(id, Again: false);
    }

    private async Task<KeptComplaint> RowAsync(KeepRequest request, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        bool countable = request is { Problem: null, Message: not null, Mailbox: not null };
        return new KeptComplaint
        {
            Id = request.Id,
            Door = request.Door,
            Press = request.Press,
            ReceivedAt = now,
            PressedAt = request.PressedAt is { } pressed && pressed < now && pressed > now - OldestPress ? pressed.ToUniversalTime() : now,
            State = countable ? KeptState.Kept : request.Message is null ? KeptState.Unreadable : KeptState.Unvouched,
            SealedMailbox = request.Mailbox is null ? null : sealer.Seal(request.Mailbox.ToString()),
            MailboxKey = request.Mailbox is null ? null : await keys.HashMailboxAsync(request.Mailbox.ToString(), ct),
            MailboxSince = request.MailboxSince?.ToUniversalTime(),
            Size = request.Raw.Length,
            Subject = request.Subject,
            Problem = request.Problem,
            DueAt = now,
            EndedAt = countable ? null : now,
        };
    }

    private KeptBody Body(KeepRequest request)
    {
        (int offset, int length) = (request.Message ?? Range.All).GetOffsetAndLength(request.Raw.Length);
        return new KeptBody { KeptId = request.Id, SealedRaw = sealer.Seal(request.Raw.Span), MessageOffset = offset, MessageLength = length };
    }
}
