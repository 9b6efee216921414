using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.Domains;

/// <summary>Keeps looking at the records that prove domains, for ever.</summary>
internal sealed partial class ClaimRecheckWorker(ClaimChecks checks, TimeProvider time, ILogger<ClaimRecheckWorker> logger)
    : PeriodicWorker(Interval, time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    protected override async Task TurnAsync(CancellationToken ct)
    {
        int looked = await checks.RunDueAsync(ct);
        if (looked > 0)
            Looked(logger, looked);
    }

    /// <summary>A full disk or a locked database passes; the claims that were taken come up again when their lease ends.</summary>
    protected override void TellFault(Exception fault) => Failed(logger, fault);

    [LoggerMessage(2001, LogLevel.Debug, "Looked at DNS for {Count} claimed domains")]
    private static partial void Looked(ILogger logger, int count);

    [LoggerMessage(2002, LogLevel.Error, "The look at claimed domains was broken off and is tried again")]
    private static partial void Failed(ILogger logger, Exception exception);
}
