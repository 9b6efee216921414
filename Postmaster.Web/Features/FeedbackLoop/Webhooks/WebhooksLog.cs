namespace Postmaster.Web.Features.FeedbackLoop.Webhooks;

/// <summary>What the webhooks tell the log. An address is named by its id: it may hold a secret in its path. What a server said stays out.</summary>
internal static partial class WebhooksLog
{
    [LoggerMessage(5201, LogLevel.Information, "webhook {Endpoint} took {Delivery}: {Status}, attempt {Attempt}")]
    public static partial void WebhookDelivered(this ILogger log, Guid endpoint, Guid delivery, int? status, int attempt);

    [LoggerMessage(5202, LogLevel.Warning, "webhook {Endpoint} did not take {Delivery}: status {Status}, attempt {Attempt}, next at {DueAt}")]
    public static partial void WebhookDelayed(this ILogger log, Guid endpoint, Guid delivery, int? status, int attempt, DateTimeOffset? dueAt);

    [LoggerMessage(5203, LogLevel.Warning, "webhook {Endpoint} was switched off: {Why}")]
    public static partial void WebhookDisabled(this ILogger log, Guid endpoint, string why);

    [LoggerMessage(5204, LogLevel.Information, "webhook {Endpoint} was tested: status {Status}, proved={Proved}")]
    public static partial void WebhookTested(this ILogger log, Guid endpoint, int? status, bool proved);

    [LoggerMessage(5205, LogLevel.Information, "webhook lease lost {Endpoint}: another worker has it, or it was switched off")]
    public static partial void WebhookLeaseLost(this ILogger log, Guid endpoint);

    [LoggerMessage(5206, LogLevel.Error, "an event for webhook {Endpoint} could not be made or sent")]
    public static partial void WebhookFailed(this ILogger log, Guid endpoint, Exception problem);

    [LoggerMessage(5207, LogLevel.Error, "the worker of the webhooks met a fault and goes on")]
    public static partial void WebhookFault(this ILogger log, Exception problem);

    [LoggerMessage(5208, LogLevel.Information, "{Count} old deliveries of webhooks were deleted")]
    public static partial void DeliveriesDeleted(this ILogger log, int count);
}
