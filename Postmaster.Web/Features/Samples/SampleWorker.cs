using Microsoft.Extensions.Options;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.Samples;

/// <summary>Checks what was kept. Any number of these may run, in any number of processes.</summary>
internal sealed class SampleWorker(
    SampleLeases leases, SampleInspector inspector, SampleSignal signal, IOptions<SamplesOptions> options, TimeProvider time, ILogger<SampleWorker> log) : BackgroundService
{
    /// <summary>A mail that has brought so many checks down, processes included, is given up.</summary>
    private const int MaxAttempts = 4;

    /// <summary>One check: DNS that answers late is asked by many checks one after the other.</summary>
    private static readonly TimeSpan LongestCheck = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5), FirstRetry = TimeSpan.FromSeconds(2), AfterFault = TimeSpan.FromSeconds(2);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.Value.Workers).Select(_ => RunAsync(stoppingToken)));

    private async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                if (!await StepAsync(ct))
                    await signal.WaitAsync(Look, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                log.SampleWorkerFault(fault);
                await Task.Delay(AfterFault, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Checks one due sample; false when none is due.</summary>
    internal async Task<bool> StepAsync(CancellationToken ct)
    {
        if (await leases.LeaseAsync(ct) is not { } lease)
            return false;
        signal.Wake(); // the next worker looks whether there is more
        try
        {
            await CheckAsync(lease, ct);
        }
        catch (Exception fault) when (!ct.IsCancellationRequested)
        {
            int attempt = lease.Sample.Attempts;
            log.SampleCheckFailed(lease.Sample.Id, attempt, fault);
            await leases.FailAsync(lease, attempt < MaxAttempts ? time.GetUtcNow() + (FirstRetry * Math.Pow(4, attempt - 1)) : null, ct);
        }

        return true;
    }

    private async Task CheckAsync(LeasedSample lease, CancellationToken ct)
    {
        if (lease.Sample.Attempts > MaxAttempts || await leases.OpenAsync(lease, ct) is not { } input)
        {
            await leases.FailAsync(lease, dueAt: null, ct);
            return;
        }

        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(ct);
        bounded.CancelAfter(LongestCheck);
        SampleReport report = await WorkLease.HoldAsync(token => leases.RenewAsync(lease, token), token => inspector.InspectAsync(input, token), time, bounded.Token);
        (int toFix, int toLookAt, int notKnown) = SampleLeases.Counts(report);
        await leases.FinishAsync(lease, report, ct);
        log.SampleChecked(lease.Sample.Id, toFix, toLookAt, notKnown);
    }
}

/// <summary>Deletes samples whose time is over.</summary>
internal sealed class SampleRetentionWorker(SampleStore store, TimeProvider time, ILogger<SampleRetentionWorker> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                await store.SweepAsync(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                log.SampleWorkerFault(fault);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
