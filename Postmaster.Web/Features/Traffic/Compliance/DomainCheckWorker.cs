using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.Traffic.Compliance;

/// <summary>Looks at the DNS of every claimed domain once a day.</summary>
internal sealed partial class DomainCheckWorker(DomainCheckStore store, TimeProvider time, ILogger<DomainCheckWorker> log) : PeriodicWorker(TimeSpan.FromMinutes(1), time)
{
    protected override Task TurnAsync(CancellationToken ct) => store.CheckDueAsync(ct);

    protected override void TellFault(Exception fault) => LogFault(log, fault);

    [LoggerMessage(7050, LogLevel.Error, "domain check worker failed, goes on")]
    private static partial void LogFault(ILogger logger, Exception fault);
}
