using Microsoft.Extensions.Options;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Cfbl;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints;

/// <summary>
/// Takes kept complaints from room to room: read, authenticate, hold, count. Many at a time: they are read beside each other and written in one commit;
/// what waits for DNS keeps the others waiting for a moment only.
/// </summary>
internal sealed class ComplaintWorker(
    ComplaintLeases leases, ComplaintStore store, ComplaintReader reader, ComplaintAuthenticator authenticator, LoopStops stops, CfblExamination examination,
    Sealer sealer, ComplaintSignal signal, IOptions<ComplaintsOptions> options, TimeProvider time, ILogger<ComplaintWorker> log)
    : BatchWorker<KeptComplaint>(leases, signal, time)
{
    /// <summary>A message that has brought so many readers down, processes included, is set aside.</summary>
    private const int MaxReadings = 5;

    /// <summary>Octets of messages that one batch has in memory, unless a single one is larger.</summary>
    private const long MaxOpenOctets = 8 * 1024 * 1024;

    /// <summary>By the real clock: who has no answer of DNS by then is written later than the others.</summary>
    private static readonly TimeSpan DnsMoment = TimeSpan.FromMilliseconds(200);

    /// <summary>DNS is asked again after these; the last one repeats.</summary>
    private static readonly TimeSpan[] DnsWaits =
        [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(20), TimeSpan.FromHours(1), TimeSpan.FromHours(2)];

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(2), LongestRetry = TimeSpan.FromMinutes(10);

    protected override int AtOnce => options.Value.Workers;

    protected override int Most => 64;

    protected override TimeSpan Gather { get; } = TimeSpan.FromMilliseconds(100);

    protected override TimeSpan Poll => options.Value.PollInterval;

    protected override async Task WorkAsync(IReadOnlyList<Leased<KeptComplaint>> leases, CancellationToken ct)
    {
        foreach (Leased<KeptComplaint> lease in leases)
            log.ComplaintLeased(lease.Row.Id, lease.Row.State, lease.Row.Attempts);
        await TogetherAsync(
            [.. leases.Where(l => l.Row.State is KeptState.Held)], l => l, together => store.CountAsync(together, ct), alone => store.CountAsync(alone, ct), ct);
        ILookup<bool, Leased<KeptComplaint>> unread = leases.Where(l => l.Row.State is not KeptState.Held).ToLookup(l => l.Row.Attempts > MaxReadings);
        foreach (Leased<KeptComplaint> lease in unread[true])
        {
            await TryAsync(lease, () => store.EndAsync(
                lease, read: null, KeptState.Unreadable, lease.Row.Problem ?? "reading it brought the program down again and again", ct), ct);
        }

        foreach (IReadOnlyList<Leased<KeptComplaint>> some in InPortions(unread[false]))
            await ReadAsync(some, ct);
    }

    protected override async Task FailAsync(Leased<KeptComplaint> lease, Exception fault, CancellationToken ct)
    {
        TimeSpan wait = FirstRetry * Math.Pow(2, Math.Min(lease.Row.Attempts, 10) - 1);
        DateTimeOffset dueAt = Time.GetUtcNow() + (wait < LongestRetry ? wait : LongestRetry);
        log.ComplaintFailed(lease.Row.Id, dueAt, fault);
        await store.RetryAsync(lease, dueAt, $"the program failed on it ({fault.GetType().Name})", ct);
    }

    protected override void TellFault(Exception fault) => log.WorkerFault(fault);

    protected override void TellBatchFault(Exception fault) => log.BatchFault(fault);

    private static IEnumerable<IReadOnlyList<Leased<KeptComplaint>>> InPortions(IEnumerable<Leased<KeptComplaint>> leases)
    {
        var portion = new List<Leased<KeptComplaint>>();
        long octets = 0;
        foreach (Leased<KeptComplaint> lease in leases)
        {
            if (portion.Count > 0 && octets + lease.Row.Size > MaxOpenOctets)
            {
                yield return portion;
                (portion, octets) = ([], 0);
            }

            portion.Add(lease);
            octets += lease.Row.Size;
        }

        if (portion.Count > 0)
            yield return portion;
    }

    private async Task ReadAsync(IReadOnlyList<Leased<KeptComplaint>> portion, CancellationToken ct)
    {
        IReadOnlyDictionary<Guid, KeptBody> bodies;
        try
        {
            bodies = await store.BodiesAsync(portion, ct);
        }
        catch (Exception fault) when (!ct.IsCancellationRequested)
        {
            if (portion.Count > 1)
                TellBatchFault(fault);
            foreach (Leased<KeptComplaint> lease in portion)
                await (portion.Count > 1 ? ReadAsync([lease], ct) : FailAsync(lease, fault, ct));
            return;
        }

        Task<Reading>[] readings = [.. portion.Select(lease => ReadAsync(lease, bodies, ct))];
        Task all = Task.WhenAll(readings);
        if (!all.IsCompleted)
            await HoldAsync(portion, _ => Task.WhenAny(all, Task.Delay(DnsMoment, ct)), ct);
        bool[] isLate = [.. readings.Select(r => !r.IsCompleted)];
        await WriteAsync([.. readings.Where((_, i) => !isLate[i])], ct);
        List<Leased<KeptComplaint>> late = [.. portion.Where((_, i) => isLate[i])];
        if (late.Count == 0)
            return;
        await HoldAsync(late, _ => Task.WhenAny(all), ct);
        await WriteAsync([.. readings.Where((_, i) => isLate[i])], ct);
    }

    /// <param name="done">Have come to their end.</param>
    private async Task WriteAsync(IReadOnlyList<Task<Reading>> done, CancellationToken ct)
    {
        Reading[] readings = await Task.WhenAll(done);
        // What is not held comes first: among it is "not junk", which may take back one of the others.
        foreach (Reading reading in readings.Where(r => r.Step is not null))
            await TryAsync(reading.Lease, () => reading.Step!(ct), ct);
        await TogetherAsync(
            [.. readings.Select(r => r.Press).OfType<ReadPress>()], p => p.Lease, together => store.HoldAsync(together, ct), alone => store.HoldAsync(alone, ct), ct);
    }

    /// <summary>Fails by what it returns.</summary>
    private async Task<Reading> ReadAsync(Leased<KeptComplaint> lease, IReadOnlyDictionary<Guid, KeptBody> bodies, CancellationToken ct)
    {
        try
        {
            return bodies.TryGetValue(lease.Row.Id, out KeptBody? body) ? await ReadAsync(lease, store.Open(body), ct) : End(lease, null, KeptState.Unreadable, "its octets are gone");
        }
        catch (Exception fault) when (!ct.IsCancellationRequested)
        {
            return new Reading(lease, Step: token => FailAsync(lease, fault, token));
        }
    }

    private async Task<Reading> ReadAsync(Leased<KeptComplaint> lease, ReadOnlyMemory<byte> octets, CancellationToken ct)
    {
        KeptComplaint kept = lease.Row;
        MailAddress mailbox = MailAddress.Parse(sealer.OpenText(kept.SealedMailbox!));
        ReadComplaint read = reader.Read(kept, octets, mailbox);
        if (read.Message.Headers.FieldCount == 0)
            return End(lease, read, KeptState.Unreadable, "the message has no header");
        if (read.Message.HasProblem(MessageProblemCodes.TooManyFields) || read.Message.HasProblem(MessageProblemCodes.HeaderTooLarge))
            return End(lease, read, KeptState.Unreadable, "the message has more header than is read: who sent it may stand below");
        return kept.Press is Press.NotSpam
            ? new Reading(lease, Step: token => store.TakeBackAsync(lease, read, token))
            : await AuthenticateAsync(lease, read, mailbox, ct);
    }

    private async Task<Reading> AuthenticateAsync(Leased<KeptComplaint> lease, ReadComplaint read, MailAddress mailbox, CancellationToken ct)
    {
        KeptComplaint kept = lease.Row;
        AuthenticationOutcome found = await authenticator.AuthenticateAsync(kept.Door, read, ct);
        log.ComplaintRead(kept.Id, found.Evidence, found.Grounds.Count);
        LoopStop? stop = stops.Find(read, found.Grounds, mailbox);
        if (stop is { Counts: false })
            return End(lease, read, KeptState.Stopped, stop.Reason);
        if (found.TemporaryProblem is { } temporary && kept.DnsTries + 1 < options.Value.DnsTries)
        {
            TimeSpan wait = DnsWaits[Math.Min(kept.DnsTries, DnsWaits.Length - 1)];
            return new Reading(lease, Step: token => store.PostponeAsync(lease, read, Time.GetUtcNow() + wait, $"tried again, because DNS gave no answer: {temporary}", token));
        }

        IReadOnlyList<CfblInvitation> invitations = await examination.ExamineAsync(kept.Id, read.Message.Headers, found.Invitations, ct);
        return new Reading(lease, new ReadPress(lease, mailbox, read, found, invitations, stop?.Reason));
    }

    private Reading End(Leased<KeptComplaint> lease, ReadComplaint? read, KeptState state, string problem) =>
        new(lease, Step: ct => store.EndAsync(lease, read, state, problem, ct));

    /// <summary>What is to be written of a complaint that was read.</summary>
    /// <param name="Press">To be held, with others.</param>
    /// <param name="Step">Or what is to be done with it alone.</param>
    private sealed record Reading(Leased<KeptComplaint> Lease, ReadPress? Press = null, Func<CancellationToken, Task>? Step = null);
}
