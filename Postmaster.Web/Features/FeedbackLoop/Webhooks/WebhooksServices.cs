using Postmaster.Web.Features.FeedbackLoop.Reports;

namespace Postmaster.Web.Features.FeedbackLoop.Webhooks;

internal static class WebhooksServices
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services)
    {
        services.AddSingleton<WebhookSignal>();
        services.AddSingleton<IReportWay, WebhookWay>();
        services.AddSingleton<WithdrawnEvents>();
        services.AddSingleton<WebhookQueries>();
        services.AddSingleton<WebhookStore>();
        services.AddSingleton<WebhookPing>();
        services.AddSingleton<WebhookPost>();
        services.AddSingleton<WebhookPayload>();
        services.AddSingleton<WebhookEvents>();
        services.AddSingleton<WebhookNotices>();
        services.AddSingleton<WebhookOutcomes>();
        services.AddSingleton<WebhookLeases>();
        services.AddHostedService<WebhookWorker>();
        services.AddHostedService<WebhookSweeper>();
        return services;
    }
}
