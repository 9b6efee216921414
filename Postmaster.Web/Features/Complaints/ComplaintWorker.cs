using Microsoft.Extensions.Options;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints;

/// <summary>Takes kept complaints from room to room: read, authenticate, hold, count. Any number of these may run, in any number of processes.</summary>
internal sealed class ComplaintWorker(
    ComplaintLeases leases, ComplaintStore store, ComplaintReader reader, ComplaintAuthenticator authenticator, LoopStops stops,
    Sealer sealer, ComplaintSignal signal, IOptions<ComplaintsOptions> options, TimeProvider time, ILogger<ComplaintWorker> log) : BackgroundService
{
    /// <summary>A message that has brought so many readers down, processes included, is set aside.</summary>
    private const int MaxReadings = 5;

    /// <summary>DNS is asked again after these; the last one repeats.</summary>
    private static readonly TimeSpan[] DnsWaits =
        [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(20), TimeSpan.FromHours(1), TimeSpan.FromHours(2)];

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(2), LongestRetry = TimeSpan.FromMinutes(10), AfterFault = TimeSpan.FromSeconds(2);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.Value.Workers).Select(_ => RunAsync(stoppingToken)));

    private async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                if (await StepAsync(ct))
                    continue;
                TimeSpan wait = await leases.UntilNextAsync(ct) is { } next && next < options.Value.PollInterval && next > TimeSpan.Zero ? next : options.Value.PollInterval;
                await signal.WaitAsync(wait, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                log.WorkerFault(fault);
                await Task.Delay(AfterFault, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Takes one due complaint one step further; false when none is due.</summary>
    internal async Task<bool> StepAsync(CancellationToken ct)
    {
        if (await leases.LeaseAsync(ct) is not { } lease)
            return false;
        signal.Wake(); // the next worker looks whether there is more
        log.ComplaintLeased(lease.Kept.Id, lease.Kept.State, lease.Kept.Attempts);
        try
        {
            if (lease.Kept.State is KeptState.Held)
                await store.CountAsync(lease, ct);
            else
                await ReadAsync(lease, ct);
        }
        catch (Exception fault) when (!ct.IsCancellationRequested)
        {
            await FailAsync(lease, fault, ct);
        }

        return true;
    }

    private async Task ReadAsync(LeasedComplaint lease, CancellationToken ct)
    {
        KeptComplaint kept = lease.Kept;
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

    private async Task AuthenticateAsync(LeasedComplaint lease, ReadComplaint read, MailAddress mailbox, CancellationToken ct)
    {
        KeptComplaint kept = lease.Kept;
        AuthenticationOutcome found = await WorkLease.HoldAsync(
            token => leases.RenewAsync(lease, token), token => authenticator.AuthenticateAsync(kept.Door, read, token), time, ct);
        log.ComplaintRead(kept.Id, found.Evidence, found.Grounds.Count);
        LoopStop? stop = stops.Find(read, found.Grounds, mailbox);
        if (stop is { Counts: false })
        {
            await store.EndAsync(lease, read, KeptState.Stopped, stop.Reason, ct);
        }
        else if (found.TemporaryProblem is { } temporary && kept.DnsTries + 1 < options.Value.DnsTries)
        {
            TimeSpan wait = DnsWaits[Math.Min(kept.DnsTries, DnsWaits.Length - 1)];
            await store.PostponeAsync(lease, read, time.GetUtcNow() + wait, $"tried again, because DNS gave no answer: {temporary}", ct);
        }
        else
        {
            await store.HoldAsync(lease, read, found, stop?.Reason, ct);
        }
    }

    private async Task FailAsync(LeasedComplaint lease, Exception fault, CancellationToken ct)
    {
        TimeSpan wait = FirstRetry * Math.Pow(2, Math.Min(lease.Kept.Attempts, 10) - 1);
        DateTimeOffset dueAt = time.GetUtcNow() + (wait < LongestRetry ? wait : LongestRetry);
        log.ComplaintFailed(lease.Kept.Id, dueAt, fault);
        await store.RetryAsync(lease, dueAt, $"the program failed on it ({fault.GetType().Name})", ct);
    }
}
