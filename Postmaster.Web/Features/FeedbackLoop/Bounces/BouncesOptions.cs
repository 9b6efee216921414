using System.ComponentModel.DataAnnotations;

namespace Postmaster.Web.Features.FeedbackLoop.Bounces;

/// <summary>What is made of reports that come back. Configuration section <c>Bounces</c>.</summary>
public sealed class BouncesOptions
{
    public const string Section = "Bounces";

    /// <summary>Reports refused as "no such mailbox" (status 5.1.1, 5.1.6 or 5.1.10) that pause a feedback address at once.</summary>
    [Range(1, 1000, ErrorMessage = "Bounces:PauseAfterNoMailbox must be between 1 and 1000.")]
    public int PauseAfterNoMailbox { get; set; } = 2;

    /// <summary>Reports that failed for good for any reason of the address's own that pause it, when they lie as far apart as <see cref="PauseSpread"/>.</summary>
    [Range(1, 1000, ErrorMessage = "Bounces:PauseAfter must be between 1 and 1000.")]
    public int PauseAfter { get; set; } = 3;

    /// <summary>Failures that are older count no more.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00", ErrorMessage = "Bounces:PauseWithin must be between 01:00:00 and 365.00:00:00.")]
    public TimeSpan PauseWithin { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Between the first and the last of <see cref="PauseAfter"/>: one bad hour pauses nobody.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00", ErrorMessage = "Bounces:PauseSpread must be between 00:00:00 and 365.00:00:00.")]
    public TimeSpan PauseSpread { get; set; } = TimeSpan.FromDays(2);

    /// <summary>How often a report is sent again that came back for a reason that may pass.</summary>
    [Range(0, 20, ErrorMessage = "Bounces:SoftRetries must be between 0 and 20.")]
    public int SoftRetries { get; set; } = 3;

    /// <summary>The wait before the first of them; each next one is four times as long, up to a day.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ErrorMessage = "Bounces:SoftRetry must be between 00:00:01 and 1.00:00:00.")]
    public TimeSpan SoftRetry { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long after it left a mail's bounces are listened to.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00", ErrorMessage = "Bounces:TokenLifetime must be between 01:00:00 and 365.00:00:00.")]
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromDays(14);

    /// <summary>How long the mails that came back are kept; what was made of them stays.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00", ErrorMessage = "Bounces:Keep must be between 01:00:00 and 3650.00:00:00.")]
    public TimeSpan Keep { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Replies that go on to the operator in 24 hours; more are dropped.</summary>
    [Range(1, 100_000, ErrorMessage = "Bounces:RepliesPerDay must be between 1 and 100000.")]
    public int RepliesPerDay { get; set; } = 100;
}
