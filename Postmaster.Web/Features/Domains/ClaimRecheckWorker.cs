namespace Postmaster.Web.Features.Domains;

/// <summary>Keeps looking at the records that prove domains, for ever.</summary>
internal sealed partial class ClaimRecheckWorker(ClaimChecks checks, TimeProvider time, ILogger<ClaimRecheckWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(20);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                int looked = await checks.RunDueAsync(stoppingToken);
                if (looked > 0)
                    Looked(logger, looked);
                await Task.Delay(Pause, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // A full disk or a locked database passes; the claims that were taken come up again when their lease ends.
                Failed(logger, e);
                await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(2001, LogLevel.Debug, "Looked at DNS for {Count} claimed domains")]
    private static partial void Looked(ILogger logger, int count);

    [LoggerMessage(2002, LogLevel.Error, "The look at claimed domains was broken off and is tried again")]
    private static partial void Failed(ILogger logger, Exception exception);
}
