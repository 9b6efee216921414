using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.FeedbackLoop.Bounces;

/// <summary>Forgets the octets of bounces and replies after <c>Bounces:Keep</c>.</summary>
internal sealed class BounceSweeper(BounceStore store, TimeProvider time, ILogger<BounceSweeper> log) : PeriodicWorker(TimeSpan.FromHours(1), time)
{
    protected override Task TurnAsync(CancellationToken ct) => store.SweepAsync(ct);

    protected override void TellFault(Exception fault) => log.BounceSweepFault(fault);
}
