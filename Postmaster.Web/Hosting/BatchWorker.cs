using System.Diagnostics;
using Postmaster.Web.Model;

namespace Postmaster.Web.Hosting;

/// <summary>Takes up the rows of a queue many at a time, so that looks and commits are shared. <see cref="QueueWorker{T}.AtOnce"/> counts batches.</summary>
internal abstract class BatchWorker<T>(LeasedQueue<T> queue, WorkSignal signal, TimeProvider time) : QueueWorker<T>(queue, signal, time)
    where T : class, IWorkRow
{
    private static readonly TimeSpan ReleaseWithin = TimeSpan.FromSeconds(3);

    /// <summary>Rows of the next batch at most.</summary>
    protected abstract int Most { get; }

    /// <summary>
    /// By the real clock, how long more may come after a batch that was not full: a commit of many takes hardly longer than one of few. What comes after a
    /// pause is taken up at once.
    /// </summary>
    protected abstract TimeSpan Gather { get; }

    internal override async Task<bool> StepAsync(CancellationToken ct) => await TakeAsync(ct) > 0;

    protected override async Task<bool> TurnAsync(CancellationToken ct)
    {
        int most = Most;
        int taken = await TakeAsync(ct);
        if (taken > 0 && taken < most)
            await Task.Delay(Gather, ct);
        return taken > 0;
    }

    /// <returns>How many rows were taken one step further.</returns>
    private async Task<int> TakeAsync(CancellationToken ct)
    {
        IReadOnlyList<Leased<T>> leases = await Queue.LeaseAsync(Most, ct);
        if (leases.Count == 0)
            return 0;
        Signal.Wake(); // the next worker looks whether there is more
        try
        {
            await WorkAsync(leases, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The server stops: who comes next need not wait for the leases to run out.
            using var patience = new CancellationTokenSource(ReleaseWithin, Time);
            await Queue.ReleaseAsync(leases, patience.Token);
            throw;
        }

        return leases.Count;
    }

    /// <summary>Takes the rows one step further. What fails with one row is that row's alone; what is thrown here is a fault of the queue.</summary>
    protected abstract Task WorkAsync(IReadOnlyList<Leased<T>> leases, CancellationToken ct);

    protected override Task WorkAsync(Leased<T> lease, CancellationToken ct) => WorkAsync([lease], ct);

    /// <summary>
    /// Writes a step of several rows in one commit. When that fails each half is written for itself, and so on; the one that fails alone has failed. What
    /// was not written is as it was. What fails late is a fault of the queue: the rows are taken up again when their leases have run out.
    /// </summary>
    /// <param name="together">False: they cannot be written together, though each may be.</param>
    protected async Task TogetherAsync<TStep>(
        IReadOnlyList<TStep> steps, Func<TStep, Leased<T>> leaseOf, Func<IReadOnlyList<TStep>, Task<bool>> together, Func<TStep, Task> alone, CancellationToken ct)
    {
        if (steps.Count == 0)
            return;
        if (steps.Count == 1)
        {
            await TryAsync(leaseOf(steps[0]), () => alone(steps[0]), ct);
            return;
        }

        long began = Stopwatch.GetTimestamp();
        try
        {
            if (await together(steps))
                return;
        }
        catch (Exception fault) when (!ct.IsCancellationRequested && Stopwatch.GetElapsedTime(began) <= LateFault.After)
        {
            TellBatchFault(fault);
        }

        int half = steps.Count / 2;
        await TogetherAsync([.. steps.Take(half)], leaseOf, together, alone, ct);
        await TogetherAsync([.. steps.Skip(half)], leaseOf, together, alone, ct);
    }

    /// <summary>Work on one row, which fails alone.</summary>
    protected async Task TryAsync(Leased<T> lease, Func<Task> work, CancellationToken ct)
    {
        try
        {
            await work();
        }
        catch (Exception fault) when (!ct.IsCancellationRequested)
        {
            await FailAsync(lease, fault, ct);
        }
    }

    /// <summary>A step of several rows could not be written; they are tried in smaller parts.</summary>
    protected abstract void TellBatchFault(Exception fault);
}
