using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Features.Traffic;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints;

/// <summary>A press of the spam button as it was read.</summary>
/// <param name="Mailbox">Whose it is.</param>
/// <param name="NotReported">Why it counts and is reported to nobody; null when it may be reported.</param>
internal sealed record ReadPress(
    Leased<KeptComplaint> Lease, MailAddress Mailbox, ReadComplaint Read, AuthenticationOutcome Found, IReadOnlyList<CfblInvitation> Invitations, string? NotReported);

/// <summary>
/// The steps of a kept complaint, one transaction each, or one for several. A step is written only while the worker's lease stands; when another worker has
/// the complaint meanwhile, nothing is written and the answer is false.
/// </summary>
internal sealed class ComplaintStore(
    IDbContextFactory<PostmasterDb> databases, Sealer sealer, ComplaintCounting counting, Rescues rescues, ComplaintCells cells, ComplaintSignal signal, ReportFanOut reports,
    IOptions<ComplaintsOptions> options, TimeProvider time, ILogger<ComplaintStore> log)
{
    /// <summary>How soon a count is tried again that waits for an unread "not junk" of the same mailbox.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(1);

    private const string TakenBack = "taken back by \"not junk\"";

    /// <summary>What was handed in, by complaint; those whose octets are gone are missing.</summary>
    public async Task<IReadOnlyDictionary<Guid, KeptBody>> BodiesAsync(IReadOnlyList<Leased<KeptComplaint>> leases, CancellationToken ct)
    {
        List<Guid> ids = [.. leases.Select(l => l.Row.Id)];
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await db.KeptBodies.AsNoTracking().Where(b => ids.Contains(b.KeptId)).ToDictionaryAsync(b => b.KeptId, ct);
    }

    /// <summary>The offending message.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The key ring that sealed it is missing.</exception>
    public ReadOnlyMemory<byte> Open(KeptBody body) => sealer.Open(body.SealedRaw).AsMemory(body.MessageOffset, body.MessageLength);

    /// <summary>A press of the spam button was read: it waits for the undo window, unless it was taken back or counted already.</summary>
    public Task<bool> HoldAsync(ReadPress press, CancellationToken ct) => HoldAsync([press], mayCount: false, ct);

    /// <summary>
    /// Several presses in one commit. Those whose undo window is over are counted in it.
    /// </summary>
    /// <returns>False: nothing is written, because their mailboxes have pressed too often for all to be looked at together.</returns>
    public Task<bool> HoldAsync(IReadOnlyList<ReadPress> presses, CancellationToken ct) => HoldAsync(presses, mayCount: true, ct);

    private async Task<bool> HoldAsync(IReadOnlyList<ReadPress> presses, bool mayCount, CancellationToken ct)
    {
        var deliveries = new Dictionary<Guid, byte[]?>();
        foreach (ReadPress press in presses)
        {
            deliveries[press.Lease.Row.Id] = await cells.DeliveryKeyAsync(press.Read.Message.Headers.First("Message-ID")?.Unfolded, press.Mailbox, ct);
        }

        if (mayCount)
            await cells.PrepareAsync(ct);
        var held = new List<KeptComplaint>();
        CountedComplaints counted = CountedComplaints.None;
        bool written = await StepAsync(presses.Select(p => p.Lease).ToList(), async (db, rows) =>
        {
            List<ReadPress> here = [.. presses.Where(p => rows.ContainsKey(p.Lease.Row.Id))];
            foreach (ReadPress press in here)
                Describe(rows[press.Lease.Row.Id], press, deliveries[press.Lease.Row.Id]);
            // One by one the database is asked.
            MailboxPresses? known = mayCount ? await MailboxPresses.ReadAsync(db, rows.Values, ct) : null;
            if (mayCount && known is null)
                return false;
            foreach (ReadPress press in here)
            {
                KeptComplaint row = rows[press.Lease.Row.Id];
                if (await EndedByAsync(db, row, known, ct) is { } end)
                {
                    End(row, end.State, end.Why);
                    continue;
                }

                row.State = KeptState.Held;
                row.Attempts = 0;
                row.DueAt = row.PressedAt + options.Value.UndoWindow;
                db.CfblInvitations.AddRange(press.Invitations);
                held.Add(row);
                log.ComplaintHolding(row.Id);
            }

            if (known is not null)
                counted = await CountAsync(db, held.FindAll(r => r.DueAt <= time.GetUtcNow()), known, ct);
            return true;
        }, ct);
        if (!written)
            return false;
        foreach (KeptComplaint row in held)
            log.ComplaintHeld(row.Id, row.DueAt);
        TakeCounted(counted);
        return true;
    }

    /// <summary>A "not junk" was read: it cancels what waits of the same mailbox and message, pressed before it.</summary>
    public async Task<bool> TakeBackAsync(Leased<KeptComplaint> lease, ReadComplaint read, CancellationToken ct)
    {
        Rescue rescue = Rescue.Nothing;
        await cells.PrepareAsync(ct);
        bool written = await StepAsync(lease, async (db, row) => rescue = await TakeBackAsync(db, row, read, ct), ct);
        if (written && rescue.Complaints > 0)
        {
            rescue.Cells?.Take();
            log.ComplaintRescued(lease.Row.Id, rescue.Complaints, rescue.Reports);
            if (rescue.Reports > 0)
                rescues.Wake();
        }

        return written;
    }

    private async Task<Rescue> TakeBackAsync(PostmasterDb db, KeptComplaint row, ReadComplaint read, CancellationToken ct)
    {
        Describe(row, read);
        DateTimeOffset now = time.GetUtcNow();
        byte[] mailbox = row.MailboxKey!, message = row.MessageKey!;
        int cancelled = await db.KeptComplaints
            .Where(k => k.MailboxKey == mailbox && k.MessageKey == message && k.Press != Press.NotSpam && (k.State == KeptState.Kept || k.State == KeptState.Held)
                && (k.PressedAt < row.PressedAt || (k.PressedAt == row.PressedAt && k.ReceivedAt <= row.ReceivedAt)))
            .ExecuteUpdateAsync(
                set => set.SetProperty(k => k.State, KeptState.Cancelled).SetProperty(k => k.EndedAt, now).SetProperty(k => k.LeaseUntil, (DateTimeOffset?)null)
                    .SetProperty(k => k.Problem, TakenBack),
                ct);
        Rescue rescue = await rescues.AddAsync(db, row, ct);
        End(row, KeptState.Cancelled, (cancelled, rescue.Complaints) switch
        {
            (> 0, _) => "\"not junk\": took a complaint back",
            (_, > 0) => "\"not junk\": took a complaint back that had counted",
            _ => "\"not junk\": nothing of this mailbox and message was waiting",
        });
        log.ComplaintTakenBack(row.Id, cancelled);
        return rescue;
    }

    /// <summary>DNS gave no usable answer: tried again later, with what was read so far written down so that it can be taken back.</summary>
    public Task<bool> PostponeAsync(Leased<KeptComplaint> lease, ReadComplaint read, DateTimeOffset dueAt, string problem, CancellationToken ct) => StepAsync(lease, async (db, row) =>
    {
        Describe(row, read);
        row.Attempts = 0;
        row.DnsTries++;
        row.DueAt = dueAt;
        row.Problem = Cut(problem);
        if (await PressRules.TakenBackAsync(db, row, ct))
            End(row, KeptState.Cancelled, TakenBack);
        else
            log.ComplaintPostponed(row.Id, dueAt, row.DnsTries);
    }, ct);

    /// <summary>It leads to no complaint and no report.</summary>
    public Task<bool> EndAsync(Leased<KeptComplaint> lease, ReadComplaint? read, KeptState state, string problem, CancellationToken ct) => StepAsync(lease, (_, row) =>
    {
        if (read is not null)
            Describe(row, read);
        End(row, state, problem);
        return Task.CompletedTask;
    }, ct);

    /// <summary>Something broke on our side: tried again later, as it is.</summary>
    public Task<bool> RetryAsync(Leased<KeptComplaint> lease, DateTimeOffset dueAt, string problem, CancellationToken ct) => StepAsync(lease, (_, row) =>
    {
        row.DueAt = dueAt;
        row.Problem = Cut(problem);
        return Task.CompletedTask;
    }, ct);

    /// <summary>The undo window is over: complaint, counter and reports in one commit.</summary>
    public Task<bool> CountAsync(Leased<KeptComplaint> lease, CancellationToken ct) => CountAsync([lease], ct);

    /// <summary>The same for several, in one commit.</summary>
    /// <returns>False: nothing is written, because their mailboxes have pressed too often for all to be looked at together.</returns>
    public async Task<bool> CountAsync(IReadOnlyList<Leased<KeptComplaint>> leases, CancellationToken ct)
    {
        await cells.PrepareAsync(ct);
        CountedComplaints counted = CountedComplaints.None;
        bool written = await StepAsync(leases, async (db, rows) =>
        {
            List<KeptComplaint> held = [.. leases.Select(l => rows.GetValueOrDefault(l.Row.Id)).OfType<KeptComplaint>().Where(r => r.State is KeptState.Held)];
            if (held.Count == 0)
                return true;
            MailboxPresses? known = leases.Count > 1 ? await MailboxPresses.ReadAsync(db, held, ct) : null;
            if (leases.Count > 1 && known is null)
                return false;
            counted = await CountAsync(db, held, known, ct);
            return true;
        }, ct);
        if (written)
            TakeCounted(counted);
        return written;
    }

    /// <param name="known">Null: the database is asked about each.</param>
    private async Task<CountedComplaints> CountAsync(PostmasterDb db, List<KeptComplaint> held, MailboxPresses? known, CancellationToken ct)
    {
        var rows = new List<KeptComplaint>(held.Count);
        foreach (KeptComplaint row in held)
        {
            log.ComplaintCounting(row.Id);
            if (await EndedByAsync(db, row, known, ct) is { } end)
                End(row, end.State, end.Why);
            else if (known?.HasUnreadNotSpam(row) ?? await PressRules.HasUnreadNotSpamAsync(db, row, ct))
                row.DueAt = time.GetUtcNow() + Settle;
            else
            {
                // From here on the next press of the same mailbox about the same message is its double.
                row.State = KeptState.Counted;
                rows.Add(row);
            }
        }

        // What the ways of reporting ask for stands in the database.
        if (db.CfblInvitations.Local.Count > 0)
            await db.SaveChangesAsync(ct);
        return await counting.AddAsync(db, rows, known, ct);
    }

    private void TakeCounted(CountedComplaints counted)
    {
        counted.Cells?.Take();
        foreach (CountedComplaint one in counted.Each)
            log.ComplaintCounted(one.Row.Id, one.Domains, one.Reports);
        if (counted.Each.Any(c => c.Reports > 0))
            reports.Wake();
    }

    /// <summary>What other presses make of it; null when it goes on.</summary>
    private static async Task<(KeptState State, string Why)?> EndedByAsync(PostmasterDb db, KeptComplaint row, MailboxPresses? known, CancellationToken ct)
    {
        if (known?.TakenBack(row) ?? await PressRules.TakenBackAsync(db, row, ct))
            return (KeptState.Cancelled, TakenBack);
        if (known?.CountedBefore(row) ?? await PressRules.CountedBeforeAsync(db, row, ct))
            return (KeptState.Duplicate, "the same mailbox has complained about the same message before");
        return null;
    }

    private Task<bool> StepAsync(Leased<KeptComplaint> lease, Func<PostmasterDb, KeptComplaint, Task> step, CancellationToken ct) => StepAsync(new[] { lease }, async (db, rows) =>
    {
        await step(db, rows[lease.Row.Id]);
        return true;
    }, ct);

    /// <param name="step">Gets the rows that are still ours, at least one. False: it is not to be written.</param>
    private async Task<bool> StepAsync(IReadOnlyList<Leased<KeptComplaint>> leases, Func<PostmasterDb, Dictionary<Guid, KeptComplaint>, Task<bool>> step, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using IDbContextTransaction transaction = await db.BeginExclusiveAsync(ct);
        // The state is looked at here: the database would look through all that waits in it.
        Dictionary<Guid, KeptComplaint> rows = (await db.KeptComplaints.HeldBy(leases).ToListAsync(ct)).Where(k => k.State is KeptState.Kept or KeptState.Held).ToDictionary(k => k.Id);
        foreach (Leased<KeptComplaint> lost in leases.Where(l => !rows.ContainsKey(l.Row.Id)))
            log.LeaseLost(lost.Row.Id);
        if (rows.Count == 0)
            return leases.Count > 1;
        try
        {
            if (!await step(db, rows))
                return false;
            foreach (KeptComplaint row in rows.Values)
                row.LeaseUntil = null;
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
        }
        catch (DbUpdateConcurrencyException) when (leases.Count == 1)
        {
            log.LeaseLost(leases[0].Row.Id);
            return false;
        }

        foreach (KeptComplaint ended in rows.Values.Where(r => r.EndedAt is not null))
            log.ComplaintEnded(ended.Id, ended.State);
        if (rows.Values.Any(r => r.EndedAt is null))
            signal.Wake();
        return true;
    }

    private void Describe(KeptComplaint row, ReadPress press, byte[]? delivery)
    {
        Describe(row, press.Read);
        row.DeliveryKey = delivery;
        row.Evidence = press.Found.Evidence;
        row.AuthenticationResults = Cut(press.Found.AuthenticationResults);
        row.PassingDomains = string.Join(' ', press.Found.Grounds.Select(d => d.Ascii));
        row.Problem = Cut(press.Found.Problem);
        row.NotReported = press.NotReported;
    }

    private void Describe(KeptComplaint row, ReadComplaint read)
    {
        row.MessageKey = read.MessageKey;
        row.Subject = read.Subject;
        row.MessageId = read.MessageId;
        row.ListId = read.ListId;
        row.FeedbackId = read.FeedbackId;
        row.CfblFeedbackId = read.CfblFeedbackId;
        row.AuthorDomain = read.Author?.Domain.Ascii;
        row.ArrivedAt = read.Trace.ArrivedAt;
        row.SourceIp = read.Trace.SourceIp?.ToString();
        row.SealedMailFrom = read.Trace.ReturnPath is { } path && (path.Length == 0 || MailAddress.TryParse(path, out _, out _)) ? sealer.Seal(path) : null;
    }

    private void End(KeptComplaint row, KeptState state, string problem)
    {
        row.State = state;
        row.Problem = Cut(problem);
        row.EndedAt = time.GetUtcNow();
    }

    private static string? Cut(string? text) => text is { Length: > ComplaintConfiguration.TextLength } ? text[..ComplaintConfiguration.TextLength] : text;
}
