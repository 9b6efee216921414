using Microsoft.Extensions.Options;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Webhooks;

/// <summary>Posts the events to the endpoints: at least once, always with the same <c>webhook-id</c>.</summary>
internal sealed class WebhookWorker(
    WebhookLeases leases, WebhookOutcomes outcomes, WebhookEvents events, WebhookPost post, WebhookSignal signal, IOptions<WebhooksOptions> options,
    TimeProvider time, ILogger<WebhookWorker> log)
    : QueueWorker<WebhookEndpoint>(leases, signal, time)
{
    /// <summary>Events posted to one endpoint before the next has its turn.</summary>
    private const int Turn = 10;

    protected override int AtOnce => options.Value.AtOnce;

    protected override async Task WorkAsync(Leased<WebhookEndpoint> lease, CancellationToken ct)
    {
        for (int done = 0; done < Turn; done++)
        {
            if (await events.NextAsync(lease.Row, ct) is not { } due)
                break;
            WebhookAnswer answer = await HoldAsync(lease, token => post.SendAsync(lease.Row, due.Delivery.Id, due.Body, token), ct);
            // Also when the server stops meanwhile: an answer that is not written down sends the event twice.
            if (!await outcomes.WriteAsync(lease, due.Delivery, answer, CancellationToken.None))
                break;
        }

        await outcomes.ReleaseAsync(lease, TimeSpan.Zero, CancellationToken.None);
    }

    protected override async Task FailAsync(Leased<WebhookEndpoint> lease, Exception fault, CancellationToken ct)
    {
        if (fault is OperationCanceledException)
        {
            log.WebhookLeaseLost(lease.Row.Id);
            return;
        }

        log.WebhookFailed(lease.Row.Id, fault);
        await outcomes.ReleaseAsync(lease, TimeSpan.FromMinutes(1), ct);
    }

    protected override void TellFault(Exception fault) => log.WebhookFault(fault);
}
