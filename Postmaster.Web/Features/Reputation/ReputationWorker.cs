using Microsoft.Extensions.Options;

namespace Postmaster.Web.Features.Reputation;

/// <summary>Renews the stored verdicts, for ever.</summary>
internal sealed partial class ReputationWorker(
    ReputationStore store, IOptions<ReputationOptions> options, TimeProvider time, ILogger<ReputationWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                int renewed = await store.RefreshDueAsync(stoppingToken);
                if (renewed > 0)
                    Renewed(logger, renewed);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // A full disk or a database that is away passes; what was not written is due again.
                Failed(logger, e);
            }

            await Task.Delay(options.Value.PollInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(8001, LogLevel.Debug, "Worked out the reputation of {Count} domains")]
    private static partial void Renewed(ILogger logger, int count);

    [LoggerMessage(8002, LogLevel.Error, "Working out reputations was broken off and is tried again")]
    private static partial void Failed(ILogger logger, Exception exception);
}
