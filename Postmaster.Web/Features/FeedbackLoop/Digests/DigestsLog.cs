namespace Postmaster.Web.Features.FeedbackLoop.Digests;

/// <summary>What the digests tell the log.</summary>
internal static partial class DigestsLog
{
    [LoggerMessage(5301, LogLevel.Information, "digest {Digest} of {Day} was queued")]
    public static partial void DigestQueued(this ILogger log, Guid digest, DateOnly day);

    [LoggerMessage(5303, LogLevel.Warning, "digest {Digest} to {To} was paused: it comes back")]
    public static partial void DigestPaused(this ILogger log, Guid digest, string to);

    [LoggerMessage(5302, LogLevel.Error, "the worker of the digests met a fault and goes on")]
    public static partial void DigestFault(this ILogger log, Exception problem);
}
