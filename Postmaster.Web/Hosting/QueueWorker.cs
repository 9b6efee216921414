using Postmaster.Web.Model;

namespace Postmaster.Web.Hosting;

/// <summary>
/// Takes up the rows of a queue, several at a time: woken by the signal, when the next row is due, and at intervals in case a call was lost.
/// Any number of these may run, in any number of processes.
/// </summary>
internal abstract class QueueWorker<T>(LeasedQueue<T> queue, WorkSignal signal, TimeProvider time) : BackgroundService
    where T : class, IWorkRow
{
    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(2);

    protected LeasedQueue<T> Queue => queue;

    protected WorkSignal Signal => signal;

    protected TimeProvider Time => time;

    /// <summary>Rows worked on at the same time by this process.</summary>
    protected abstract int AtOnce { get; }

    /// <summary>How often the queue is looked at without a call.</summary>
    protected virtual TimeSpan Poll => TimeSpan.FromSeconds(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => RunAsync(stoppingToken)));

    /// <summary>Takes what is due one step further, one row or several; false when none is due.</summary>
    internal virtual async Task<bool> StepAsync(CancellationToken ct)
    {
        if (await queue.LeaseAsync(ct) is not { } lease)
            return false;
        signal.Wake(); // the next worker looks whether there is more
        try
        {
            await WorkAsync(lease, ct);
        }
        catch (Exception fault) when (!ct.IsCancellationRequested)
        {
            await FailAsync(lease, fault, ct);
        }

        return true;
    }

    /// <summary>One step of the worker as it runs by itself.</summary>
    protected virtual Task<bool> TurnAsync(CancellationToken ct) => StepAsync(ct);

    protected abstract Task WorkAsync(Leased<T> lease, CancellationToken ct);

    /// <summary>The work on one row threw.</summary>
    protected abstract Task FailAsync(Leased<T> lease, Exception fault, CancellationToken ct);

    /// <summary>The queue itself could not be read or written; it is tried again in a moment.</summary>
    protected abstract void TellFault(Exception fault);

    /// <inheritdoc cref="WorkLease.HoldAsync"/>
    protected Task<TResult> HoldAsync<TResult>(Leased<T> lease, Func<CancellationToken, Task<TResult>> work, CancellationToken ct) => HoldAsync([lease], work, ct);

    /// <inheritdoc cref="WorkLease.HoldAsync"/>
    /// <param name="leases">Rows that were leased together.</param>
    protected Task<TResult> HoldAsync<TResult>(IReadOnlyList<Leased<T>> leases, Func<CancellationToken, Task<TResult>> work, CancellationToken ct) =>
        WorkLease.HoldAsync(token => queue.RenewAsync(leases, token), work, time, ct);

    private async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                if (await TurnAsync(ct))
                    continue;
                TimeSpan wait = await queue.UntilNextAsync(ct) is { } next && next < Poll && next > TimeSpan.Zero ? next : Poll;
                await signal.WaitAsync(wait, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                TellFault(fault);
                await Task.Delay(AfterFault, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
