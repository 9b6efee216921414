using System.ComponentModel.DataAnnotations;

namespace Postmaster.Web.Features.FeedbackLoop.Webhooks;

/// <summary>Webhooks of domain owners. Configuration section <c>Webhooks</c>.</summary>
public sealed class WebhooksOptions
{
    public const string Section = "Webhooks";

    /// <summary>Webhooks that a claim may have; 0: no owner can add one.</summary>
    [Range(0, 50, ErrorMessage = "Webhooks:MaxPerClaim must be between 0 and 50.")]
    public int MaxPerClaim { get; set; } = 5;

    /// <summary>Requests under way at a time, by each machine. To one webhook there is never more than one.</summary>
    [Range(1, 128, ErrorMessage = "Webhooks:AtOnce must be between 1 and 128.")]
    public int AtOnce { get; set; } = 8;

    /// <summary>How long a webhook may fail without a single success before it is switched off.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "60.00:00:00", ErrorMessage = "Webhooks:DisableAfter must be between 01:00:00 and 60.00:00:00.")]
    public TimeSpan DisableAfter { get; set; } = TimeSpan.FromDays(5);

    /// <summary>How long ended deliveries are listed.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00", ErrorMessage = "Webhooks:Keep must be between 1.00:00:00 and 3650.00:00:00.")]
    public TimeSpan Keep { get; set; } = TimeSpan.FromDays(30);
}
