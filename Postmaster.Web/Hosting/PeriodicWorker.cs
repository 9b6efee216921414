namespace Postmaster.Web.Hosting;

/// <summary>Does something at the start and then at intervals; what fails is told and tried again at the next.</summary>
internal abstract class PeriodicWorker(TimeSpan interval, TimeProvider time) : BackgroundService
{
    protected TimeProvider Time => time;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        do
        {
            try
            {
                await TurnAsync(stoppingToken);
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                TellFault(fault);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    protected abstract Task TurnAsync(CancellationToken ct);

    protected abstract void TellFault(Exception fault);
}
