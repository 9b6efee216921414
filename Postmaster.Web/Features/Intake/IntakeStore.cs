using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Operations;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Intake;

/// <summary>
/// The one keep step of all doors: octets and envelope are on the disk before anybody is told 250, 202 or exit 0. What comes in at the same time is
/// written in one commit.
/// </summary>
public sealed class IntakeStore
{
    /// <summary>Hand-overs in one commit.</summary>
    private const int MostTogether = 64;

    /// <summary>An older press is a clock that was never set; it would open the charts at that day.</summary>
    private static readonly TimeSpan OldestPress = TimeSpan.FromDays(366);

    private readonly IDbContextFactory<PostmasterDb> _databases;
    private readonly Sealer _sealer;
    private readonly ProviderKeys _keys;
    private readonly ComplaintSignal _signal;
    private readonly TimeProvider _time;
    private readonly ILogger<IntakeStore> _log;
    private readonly GroupCommit<Keeping, KeepOutcome> _commits;

    public IntakeStore(IDbContextFactory<PostmasterDb> databases, Sealer sealer, ProviderKeys keys, ComplaintSignal signal, TimeProvider time, ILogger<IntakeStore> log)
    {
        (_databases, _sealer, _keys, _signal, _time, _log) = (databases, sealer, keys, signal, time, log);
        _commits = new GroupCommit<Keeping, KeepOutcome>(WriteAsync, MostTogether);
    }

    /// <inheritdoc cref="KeepAsync(IReadOnlyList{KeepRequest}, CancellationToken)"/>
    public Task<KeepOutcome> KeepAsync(KeepRequest request, CancellationToken ct) => KeepAsync([request], ct);

    /// <summary>Keeps all of them or, when something fails, none. The outcome names the first.</summary>
    /// <exception cref="DbUpdateException">The database did not take it; nothing is kept and the sender should try again.</exception>
    public async Task<KeepOutcome> KeepAsync(IReadOnlyList<KeepRequest> requests, CancellationToken ct)
    {
        var presses = new List<KeptPress>(requests.Count);
        foreach (KeepRequest request in requests)
            presses.Add(new KeptPress(await RowAsync(request, ct), Body(request), request.Mailbox?.Masked ?? "nobody vouched for"));
        return await _commits.AddAsync(new Keeping(presses), ct);
    }

    /// <summary>Several hand-overs in one commit.</summary>
    private async Task<IReadOnlyList<KeepOutcome>> WriteAsync(IReadOnlyList<Keeping> all)
    {
        await using PostmasterDb db = await _databases.CreateDbContextAsync();
        List<Guid> ids = [.. all.SelectMany(k => k.Presses).Select(p => p.Row.Id)];
        HashSet<Guid> known = [.. await db.KeptComplaints.Where(k => ids.Contains(k.Id)).Select(k => k.Id).ToListAsync()];
        var outcomes = new KeepOutcome[all.Count];
        var added = new List<KeptComplaint>(ids.Count);
        for (int i = 0; i < all.Count; i++)
        {
            List<KeptPress> fresh = [.. all[i].Presses.Where(p => known.Add(p.Row.Id))];
            foreach (KeptPress press in fresh)
            {
                db.KeptComplaints.Add(press.Row);
                db.KeptBodies.Add(press.Body);
                added.Add(press.Row);
                _log.ComplaintArrived(press.Row.Id, press.Row.Door, press.Row.Press, press.Mailbox, press.Row.Size);
            }

            if (fresh.Count == 0)
                _log.ComplaintKeptBefore(all[i].Id);
            outcomes[i] = new KeepOutcome.Kept(all[i].Id, Again: fresh.Count == 0);
        }

        if (added.Count > 0 && await SaveAsync(db, all) is { } alone)
            return [alone];
        foreach (KeptComplaint row in added)
            _log.ComplaintKept(row.Id, row.Door);
        if (added.Count > 0)
            _signal.Wake();
        return outcomes;
    }

    /// <summary>Null when it is saved. What became of a hand-over that could not be saved is told when it is alone; together they are tried one by one.</summary>
    private async Task<KeepOutcome?> SaveAsync(PostmasterDb db, IReadOnlyList<Keeping> all)
    {
        try
        {
            await db.SaveChangesAsync();
            return null;
        }
        catch (DbUpdateException full) when (all.Count == 1 && db.IsStorageFull(full))
        {
            _log.StorageFull(full);
            return new KeepOutcome.StorageFull();
        }
        catch (DbUpdateException) when (all.Count == 1)
        {
            // Another process may have been faster with the same id.
            Guid id = all[0].Id;
            db.ChangeTracker.Clear();
            if (await db.KeptComplaints.AnyAsync(k => k.Id == id))
                return new KeepOutcome.Kept(id, Again: true);
            throw;
        }
    }

    private async Task<KeptComplaint> RowAsync(KeepRequest request, CancellationToken ct)
    {
        DateTimeOffset now = _time.GetUtcNow();
        bool countable = request is { Problem: null, Message: not null, Mailbox: not null };
        return new KeptComplaint
        {
            Id = request.Id,
            Door = request.Door,
            Press = request.Press,
            ReceivedAt = now,
            PressedAt = request.PressedAt is { } pressed && pressed < now && pressed > now - OldestPress ? pressed.ToUniversalTime() : now,
            State = countable ? KeptState.Kept : request.Message is null ? KeptState.Unreadable : KeptState.Unvouched,
            SealedMailbox = request.Mailbox is null ? null : _sealer.Seal(request.Mailbox.ToString()),
            MailboxKey = request.Mailbox is null ? null : await _keys.HashMailboxAsync(request.Mailbox.ToString(), ct),
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
        return new KeptBody { KeptId = request.Id, SealedRaw = _sealer.Seal(request.Raw.Span), MessageOffset = offset, MessageLength = length };
    }

    /// <summary>A press, ready to be written.</summary>
    /// <param name="Mailbox">As the log may name it.</param>
    private sealed record KeptPress(KeptComplaint Row, KeptBody Body, string Mailbox);

    /// <summary>One hand-over: all of its presses or none.</summary>
    private sealed record Keeping(IReadOnlyList<KeptPress> Presses)
    {
        public Guid Id => Presses[0].Row.Id;
    }
}
