using Postmaster.Web.Components.Charts;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Pages;

/// <summary>How often people took a domain's mail out of the spam folder.</summary>
internal static class RescueWords
{
    /// <summary>A sentence; null when nothing is known of the mail.</summary>
    /// <param name="range">"the last 30 days".</param>
    public static string? Of(VisibleTraffic? total, string range) => total switch
    {
        null => null,
        _ when total.WhyHidden(TrafficCounter.NotSpam) is { } hidden => $"How many messages people took out of the spam folder in {range} is hidden: {hidden.Words}.",
        _ => $"{Counted.Of(total.Of(TrafficCounter.NotSpam) ?? 0, "message was", "messages were")} taken out of the spam folder in {range}, of {Counted.Number(total[TrafficCounter.DeliveredSpam])} put into it.",
    };
}
