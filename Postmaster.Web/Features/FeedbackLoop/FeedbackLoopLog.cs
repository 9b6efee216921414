namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>What the outbox tells the log: a line before and after each commit. The relay's words are stripped of controls before.</summary>
internal static partial class FeedbackLoopLog
{
    [LoggerMessage(5001, LogLevel.Information, "report leased {Id} kind={Kind} to={To} attempt={Attempt}")]
    public static partial void ReportLeased(this ILogger log, Guid id, Model.OutboxKind kind, string to, int attempt);

    [LoggerMessage(5002, LogLevel.Information, "report relayed {Id}: {Answer}")]
    public static partial void ReportRelayed(this ILogger log, Guid id, string answer);

    [LoggerMessage(5003, LogLevel.Information, "report sent {Id}")]
    public static partial void ReportSent(this ILogger log, Guid id);

    [LoggerMessage(5004, LogLevel.Warning, "report not taken {Id}: {Answer}; tried again at {DueAt}")]
    public static partial void ReportDelayed(this ILogger log, Guid id, string answer, DateTimeOffset dueAt);

    [LoggerMessage(5005, LogLevel.Error, "report failed {Id}: {Answer}")]
    public static partial void ReportFailed(this ILogger log, Guid id, string answer);

    [LoggerMessage(5006, LogLevel.Information, "report cancelled {Id}: {Reason}")]
    public static partial void ReportCancelled(this ILogger log, Guid id, string reason);

    [LoggerMessage(5007, LogLevel.Information, "report lease lost {Id}: another worker has it")]
    public static partial void ReportLeaseLost(this ILogger log, Guid id);

    [LoggerMessage(5008, LogLevel.Error, "report {Id} could not be made or handed over")]
    public static partial void ReportFault(this ILogger log, Guid id, Exception problem);

    [LoggerMessage(5009, LogLevel.Error, "the outbox worker met a fault and goes on")]
    public static partial void OutboxFault(this ILogger log, Exception problem);

    [LoggerMessage(5010, LogLevel.Information, "mails are signed with {TxtName}; postmaster check health says what to publish there")]
    public static partial void SigningKeyReady(this ILogger log, string txtName);
}
