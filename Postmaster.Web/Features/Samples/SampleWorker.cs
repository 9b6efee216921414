using Microsoft.Extensions.Options;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Samples;

/// <summary>Checks what was kept.</summary>
internal sealed class SampleWorker(
    SampleLeases leases, SampleInspector inspector, SampleSignal signal, IOptions<SamplesOptions> options, TimeProvider time, ILogger<SampleWorker> log)
    : QueueWorker<Sample>(leases, signal, time)
{
    /// <summary>A mail that has brought so many checks down, processes included, is given up.</summary>
    private const int MaxAttempts = 4;

    /// <summary>One check: DNS that answers late is asked by many checks one after the other.</summary>
    private static readonly TimeSpan LongestCheck = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(2);

    protected override int AtOnce => options.Value.Workers;

    protected override async Task WorkAsync(Leased<Sample> lease, CancellationToken ct)
    {
        if (lease.Row.Attempts > MaxAttempts || await leases.OpenAsync(lease, ct) is not { } input)
        {
            await leases.FailAsync(lease, dueAt: null, ct);
            return;
        }

        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(ct);
        bounded.CancelAfter(LongestCheck);
        SampleReport report = await HoldAsync(lease, token => inspector.InspectAsync(input, token), bounded.Token);
        (int toFix, int toLookAt, int notKnown) = SampleLeases.Counts(report);
        await leases.FinishAsync(lease, report, ct);
        log.SampleChecked(lease.Row.Id, toFix, toLookAt, notKnown);
    }

    protected override async Task FailAsync(Leased<Sample> lease, Exception fault, CancellationToken ct)
    {
        int attempt = lease.Row.Attempts;
        log.SampleCheckFailed(lease.Row.Id, attempt, fault);
        await leases.FailAsync(lease, attempt < MaxAttempts ? Time.GetUtcNow() + (FirstRetry * Math.Pow(4, attempt - 1)) : null, ct);
    }

    protected override void TellFault(Exception fault) => log.SampleWorkerFault(fault);
}

/// <summary>Deletes samples whose time is over.</summary>
internal sealed class SampleRetentionWorker(SampleStore store, TimeProvider time, ILogger<SampleRetentionWorker> log) : PeriodicWorker(TimeSpan.FromMinutes(10), time)
{
    protected override Task TurnAsync(CancellationToken ct) => store.SweepAsync(ct);

    protected override void TellFault(Exception fault) => log.SampleWorkerFault(fault);
}
