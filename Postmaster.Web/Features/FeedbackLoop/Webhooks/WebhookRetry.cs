namespace Postmaster.Web.Features.FeedbackLoop.Webhooks;

/// <summary>When an event is tried again: ten times within a little more than three days, as "Standard Webhooks" recommends.</summary>
internal static class WebhookRetry
{
    private static readonly TimeSpan[] Waits =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    /// <summary>Between two requests to an endpoint that does not answer as it should: it grows with the time that it fails.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(5), LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>An endpoint cannot put us off for longer. Attack: Retry-After of years.</summary>
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(24);

    public static int MaxAttempts => Waits.Length + 1;

    /// <summary>The wait after so many attempts, up to a fifth longer so that what failed together does not come back together; null: given up.</summary>
    public static TimeSpan? After(int attempts) => attempts > Waits.Length ? null : Waits[Math.Max(1, attempts) - 1] * (1 + (Random.Shared.NextDouble() / 5));

    public static TimeSpan Pause(TimeSpan failingFor) => failingFor < ShortestPause ? ShortestPause : failingFor > LongestPause ? LongestPause : failingFor;

    /// <summary>What an endpoint asked for, within bounds.</summary>
    public static TimeSpan Bounded(TimeSpan asked) => asked < TimeSpan.Zero ? TimeSpan.Zero : asked > LongestRetryAfter ? LongestRetryAfter : asked;
}
