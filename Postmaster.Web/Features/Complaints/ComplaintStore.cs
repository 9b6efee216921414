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

/// <summary>
/// The steps of a kept complaint, one transaction each. A step is written only while the worker's lease stands; when another worker has
/// the complaint meanwhile, nothing is written and the answer is false.
/// </summary>
internal sealed class ComplaintStore(
    IDbContextFactory<PostmasterDb> databases, Sealer sealer, ComplaintCounting counting, Rescues rescues, ComplaintCells cells, ComplaintSignal signal, ReportFanOut reports,
    IOptions<ComplaintsOptions> options, TimeProvider time, ILogger<ComplaintStore> log)
{
    /// <summary>How soon a count is tried again that waits for an unread "not junk" of the same mailbox.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(1);

    /// <summary>The offending message; null when its octets are gone.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The key ring that sealed it is missing.</exception>
    public async Task<ReadOnlyMemory<byte>?> OpenAsync(Guid id, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        KeptBody? body = await db.KeptBodies.AsNoTracking().FirstOrDefaultAsync(b => b.KeptId == id, ct);
        return body is null ? null : sealer.Open(body.SealedRaw).AsMemory(body.MessageOffset, body.MessageLength);
    }

    /// <summary>A press of the spam button was read: it waits for the undo window, unless it was taken back or counted already.</summary>
    public async Task<bool> HoldAsync(
        Leased<KeptComplaint> lease, ReadComplaint read, AuthenticationOutcome found, IReadOnlyList<CfblInvitation> invitations, string? notReported, CancellationToken ct)
    {
        DateTimeOffset? heldUntil = null;
        byte[]? delivery = await cells.DeliveryKeyAsync(
            read.Message.Headers.First("Message-ID")?.Unfolded, MailAddress.Parse(sealer.OpenText(lease.Row.SealedMailbox!)), ct);
        bool written = await StepAsync(lease, async (db, row) =>
        {
            Describe(row, read);
            row.DeliveryKey = delivery;
            row.Evidence = found.Evidence;
            row.AuthenticationResults = Cut(found.AuthenticationResults);
            row.PassingDomains = string.Join(' ', found.Grounds.Select(d => d.Ascii));
            row.Problem = Cut(found.Problem);
            row.NotReported = notReported;
            if (await TakenBackAsync(db, row, ct))
            {
                End(row, KeptState.Cancelled, "taken back by \"not junk\"");
            }
            else if (await CountedBeforeAsync(db, row, ct))
            {
                End(row, KeptState.Duplicate, "the same mailbox has complained about the same message before");
            }
            else
            {
                row.State = KeptState.Held;
                db.CfblInvitations.AddRange(invitations);
                row.Attempts = 0;
                row.DueAt = row.PressedAt + options.Value.UndoWindow;
                heldUntil = row.DueAt;
                log.ComplaintHolding(row.Id);
            }
        }, ct);
        if (written && heldUntil is { } until)
            log.ComplaintHeld(lease.Row.Id, until);
        return written;
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
                    .SetProperty(k => k.Problem, "taken back by \"not junk\""),
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
        if (await TakenBackAsync(db, row, ct))
            End(row, KeptState.Cancelled, "taken back by \"not junk\"");
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
    public async Task<bool> CountAsync(Leased<KeptComplaint> lease, CancellationToken ct)
    {
        log.ComplaintCounting(lease.Row.Id);
        CountedComplaint? counted = null;
        await cells.PrepareAsync(ct);
        bool written = await StepAsync(lease, async (db, row) =>
        {
            counted = null;
            if (row.State is not KeptState.Held)
                return;
            if (await TakenBackAsync(db, row, ct))
                End(row, KeptState.Cancelled, "taken back by \"not junk\"");
            else if (await CountedBeforeAsync(db, row, ct))
                End(row, KeptState.Duplicate, "the same mailbox has complained about the same message before");
            else if (await HasUnreadNotSpamAsync(db, row, ct))
                row.DueAt = time.GetUtcNow() + Settle;
            else
                counted = await counting.AddAsync(db, row, ct);
        }, ct);
        if (written && counted is not null)
        {
            counted.Cells?.Take();
            log.ComplaintCounted(lease.Row.Id, counted.Domains, counted.Reports);
            if (counted.Reports > 0)
                reports.Wake();
        }

        return written;
    }

    private async Task<bool> StepAsync(Leased<KeptComplaint> lease, Func<PostmasterDb, KeptComplaint, Task> step, CancellationToken ct)
    {
        Guid id = lease.Row.Id;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using IDbContextTransaction transaction = await db.BeginExclusiveAsync(ct);
        KeptComplaint? row = await db.KeptComplaints.HeldBy(lease).FirstOrDefaultAsync(k => k.State == KeptState.Kept || k.State == KeptState.Held, ct);
        if (row is null)
        {
            log.LeaseLost(id);
            return false;
        }

        await step(db, row);
        row.LeaseUntil = null;
        try
        {
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
        }
        catch (DbUpdateConcurrencyException)
        {
            log.LeaseLost(id);
            return false;
        }

        if (row.EndedAt is not null)
            log.ComplaintEnded(id, row.State);
        else
            signal.Wake();
        return true;
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

    /// <summary>Whether a "not junk" that was pressed later is already read.</summary>
    private static Task<bool> TakenBackAsync(PostmasterDb db, KeptComplaint row, CancellationToken ct) => db.KeptComplaints.AnyAsync(
        k => k.MailboxKey == row.MailboxKey && k.MessageKey == row.MessageKey && k.Press == Press.NotSpam && k.State == KeptState.Cancelled
            && (k.PressedAt > row.PressedAt || (k.PressedAt == row.PressedAt && k.ReceivedAt >= row.ReceivedAt)), ct);

    private static Task<bool> CountedBeforeAsync(PostmasterDb db, KeptComplaint row, CancellationToken ct) => db.KeptComplaints.AnyAsync(
        k => k.Id != row.Id && k.MailboxKey == row.MailboxKey && k.MessageKey == row.MessageKey && (k.State == KeptState.Counted || k.State == KeptState.Unattributed), ct);

    /// <summary>Which message it means is not known yet, so the count waits a moment for it.</summary>
    private static Task<bool> HasUnreadNotSpamAsync(PostmasterDb db, KeptComplaint row, CancellationToken ct) => db.KeptComplaints.AnyAsync(
        k => k.MailboxKey == row.MailboxKey && k.Press == Press.NotSpam && k.State == KeptState.Kept && k.PressedAt >= row.PressedAt, ct);

    private static string? Cut(string? text) => text is { Length: > ComplaintConfiguration.TextLength } ? text[..ComplaintConfiguration.TextLength] : text;
}
