using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Webhooks;

/// <summary>Deletes what is known of deliveries that ended long ago.</summary>
internal sealed class WebhookSweeper(IDbContextFactory<PostmasterDb> databases, IOptions<WebhooksOptions> options, TimeProvider time, ILogger<WebhookSweeper> log)
    : PeriodicWorker(TimeSpan.FromMinutes(30), time)
{
    /// <summary>Rows of one transaction: a large delete would keep the doors waiting.</summary>
    private const int Batch = 500;

    protected override async Task TurnAsync(CancellationToken ct)
    {
        DateTimeOffset before = Time.GetUtcNow() - options.Value.Keep;
        int all = 0;
        while (true)
        {
            await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
            List<Guid> old = await db.WebhookDeliveries.Where(d => d.State != WebhookDeliveryState.Queued && d.CreatedAt < before)
                .OrderBy(d => d.CreatedAt).Select(d => d.Id).Take(Batch).ToListAsync(ct);
            if (old.Count == 0)
                break;
            all += await db.WebhookDeliveries.Where(d => old.Contains(d.Id)).ExecuteDeleteAsync(ct);
        }

        if (all > 0)
            log.DeliveriesDeleted(all);
    }

    protected override void TellFault(Exception fault) => log.WebhookFault(fault);
}
