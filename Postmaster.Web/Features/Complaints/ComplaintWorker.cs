using Microsoft.Extensions.Options;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Cfbl;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints;

/// <summary>Takes kept complaints from room to room: read, authenticate, hold, count.</summary>
internal sealed class ComplaintWorker(
    ComplaintLeases leases, ComplaintStore store, ComplaintReader reader, ComplaintAuthenticator authenticator, LoopStops stops, CfblExamination examination,
    Sealer sealer, ComplaintSignal signal, IOptions<ComplaintsOptions> options, TimeProvider time, ILogger<ComplaintWorker> log)
    : QueueWorker<KeptComplaint>(leases, signal, time)
{
    /// <summary>A message that has brought so many readers down, processes included, is set aside.</summary>
    private const int MaxReadings = 5;

    /// <summary>DNS is asked again after these; the last one repeats.</summary>
    private static readonly TimeSpan[] DnsWaits =
        [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(20), TimeSpan.FromHours(1), TimeSpan.FromHours(2)];

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(2), LongestRetry = TimeSpan.FromMinutes(10);

    protected override int AtOnce => options.Value.Workers;

    protected override TimeSpan Poll => options.Value.PollInterval;

    protected override async Task WorkAsync(Leased<KeptComplaint> lease, CancellationToken ct)
    {
        log.ComplaintLeased(lease.Row.Id, lease.Row.State, lease.Row.Attempts);
        if (lease.Row.State is KeptState.Held)
            await store.CountAsync(lease, ct);
        else
            await ReadAsync(lease, ct);
    }

    protected override async Task FailAsync(Leased<KeptComplaint> lease, Exception fault, CancellationToken ct)
    {
        TimeSpan wait = FirstRetry * Math.Pow(2, Math.Min(lease.Row.Attempts, 10) - 1);
        DateTimeOffset dueAt = Time.GetUtcNow() + (wait < LongestRetry ? wait : LongestRetry);
        log.ComplaintFailed(lease.Row.Id, dueAt, fault);
        await store.RetryAsync(lease, dueAt, $"the program failed on it ({fault.GetType().Name})", ct);
    }

    protected override void TellFault(Exception fault) => log.WorkerFault(fault);

    private async Task ReadAsync(Leased<KeptComplaint> lease, CancellationToken ct)
    {
        KeptComplaint kept = lease.Row;
        if (kept.Attempts > MaxReadings)
        {
            await store.EndAsync(lease, read: null, KeptState.Unreadable, kept.Problem ?? "reading it brought the program down again and again", ct);
            return;
        }

        if (await store.OpenAsync(kept.Id, ct) is not { } octets)
        {
            await store.EndAsync(lease, read: null, KeptState.Unreadable, "its octets are gone", ct);
            return;
        }

        MailAddress mailbox = MailAddress.Parse(sealer.OpenText(kept.SealedMailbox!));
        ReadComplaint read = reader.Read(kept, octets, mailbox);
        if (read.Message.Headers.FieldCount == 0)
            await store.EndAsync(lease, read, KeptState.Unreadable, "the message has no header", ct);
        else if (read.Message.HasProblem(MessageProblemCodes.TooManyFields) || read.Message.HasProblem(MessageProblemCodes.HeaderTooLarge))
            await store.EndAsync(lease, read, KeptState.Unreadable, "the message has more header than is read: who sent it may stand below", ct);
        else if (kept.Press is Press.NotSpam)
            await store.TakeBackAsync(lease, read, ct);
        else
            await AuthenticateAsync(lease, read, mailbox, ct);
    }

    private async Task AuthenticateAsync(Leased<KeptComplaint> lease, ReadComplaint read, MailAddress mailbox, CancellationToken ct)
    {
        KeptComplaint kept = lease.Row;
        AuthenticationOutcome found = await HoldAsync(lease, token => authenticator.AuthenticateAsync(kept.Door, read, token), ct);
        log.ComplaintRead(kept.Id, found.Evidence, found.Grounds.Count);
        LoopStop? stop = stops.Find(read, found.Grounds, mailbox);
        if (stop is { Counts: false })
        {
            await store.EndAsync(lease, read, KeptState.Stopped, stop.Reason, ct);
        }
        else if (found.TemporaryProblem is { } temporary && kept.DnsTries + 1 < options.Value.DnsTries)
        {
            TimeSpan wait = DnsWaits[Math.Min(kept.DnsTries, DnsWaits.Length - 1)];
            await store.PostponeAsync(lease, read, Time.GetUtcNow() + wait, $"tried again, because DNS gave no answer: {temporary}", ct);
        }
        else
        {
            IReadOnlyList<CfblInvitation> invitations = await HoldAsync(lease, token => examination.ExamineAsync(kept.Id, read.Message.Headers, found.Invitations, token), ct);
            await store.HoldAsync(lease, read, found, invitations, stop?.Reason, ct);
        }
    }
}
