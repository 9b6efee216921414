namespace Postmaster.Web.Features.Samples;

/// <summary>What the sample check tells the log. Nothing here comes from a mail.</summary>
internal static partial class SamplesLog
{
    [LoggerMessage(7001, LogLevel.Information, "sample kept {Id} octets={Size} by-mail={ByMail}")]
    public static partial void SampleKept(this ILogger log, Guid id, long size, bool byMail);

    [LoggerMessage(7002, LogLevel.Information, "sample checked {Id} to-fix={ToFix} to-look-at={ToLookAt} not-known={NotKnown}")]
    public static partial void SampleChecked(this ILogger log, Guid id, int toFix, int toLookAt, int notKnown);

    [LoggerMessage(7003, LogLevel.Error, "sample check failed {Id}, attempt {Attempt}")]
    public static partial void SampleCheckFailed(this ILogger log, Guid id, int attempt, Exception problem);

    [LoggerMessage(7004, LogLevel.Error, "the sample worker met a fault and goes on")]
    public static partial void SampleWorkerFault(this ILogger log, Exception problem);

    [LoggerMessage(7005, LogLevel.Information, "sample address given out {Id}")]
    public static partial void SampleAddressGiven(this ILogger log, Guid id);

    [LoggerMessage(7006, LogLevel.Information, "one-click unsubscription tried {Id} status={Status}")]
    public static partial void OneClickTried(this ILogger log, Guid id, int status);

    [LoggerMessage(7010, LogLevel.Information, "retention deleted {Count} samples")]
    public static partial void SamplesDeleted(this ILogger log, int count);
}
