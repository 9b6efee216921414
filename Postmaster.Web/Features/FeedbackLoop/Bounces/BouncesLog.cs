using Postmaster.Fbl.Bounces;

namespace Postmaster.Web.Features.FeedbackLoop.Bounces;

/// <summary>What came back, and what was made of it. No line holds text of the mail.</summary>
internal static partial class BouncesLog
{
    [LoggerMessage(5101, LogLevel.Information, "bounce dropped: {Reason}")]
    public static partial void BounceDropped(this ILogger log, string reason);

    [LoggerMessage(5102, LogLevel.Information, "bounce kept {Id} for {OutboxId} kind={Kind} form={Form}: {Outcome}")]
    public static partial void BounceKept(this ILogger log, Guid id, Guid? outboxId, BounceKind kind, BounceForm form, string outcome);

    [LoggerMessage(5103, LogLevel.Warning, "feedback address paused {Id} ({Address}): its reports wait")]
    public static partial void AddressPaused(this ILogger log, Guid id, string address);

    [LoggerMessage(5104, LogLevel.Error, "a mail to the bounce address could not be read and was kept")]
    public static partial void BounceNotRead(this ILogger log, Exception problem);

    [LoggerMessage(5105, LogLevel.Error, "old bounces could not be cleared")]
    public static partial void BounceSweepFault(this ILogger log, Exception problem);
}
