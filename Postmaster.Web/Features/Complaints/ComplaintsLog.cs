using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints;

/// <summary>What the pipeline tells the log: a line before and after each commit. Nothing here comes from a mail.</summary>
internal static partial class ComplaintsLog
{
    [LoggerMessage(4001, LogLevel.Debug, "complaint leased {Id} state={State} attempt={Attempt}")]
    public static partial void ComplaintLeased(this ILogger log, Guid id, KeptState state, int attempt);

    [LoggerMessage(4002, LogLevel.Information, "complaint read {Id} evidence={Evidence} domains={Domains}")]
    public static partial void ComplaintRead(this ILogger log, Guid id, Evidence evidence, int domains);

    [LoggerMessage(4012, LogLevel.Information, "complaint holding {Id}")]
    public static partial void ComplaintHolding(this ILogger log, Guid id);

    [LoggerMessage(4003, LogLevel.Information, "complaint held {Id} until={DueAt}")]
    public static partial void ComplaintHeld(this ILogger log, Guid id, DateTimeOffset dueAt);

    [LoggerMessage(4004, LogLevel.Information, "complaint counting {Id}")]
    public static partial void ComplaintCounting(this ILogger log, Guid id);

    [LoggerMessage(4005, LogLevel.Information, "complaint counted {Id} domains={Domains} reports={Reports}")]
    public static partial void ComplaintCounted(this ILogger log, Guid id, int domains, int reports);

    [LoggerMessage(4006, LogLevel.Information, "complaint ended {Id} state={State}")]
    public static partial void ComplaintEnded(this ILogger log, Guid id, KeptState state);

    [LoggerMessage(4007, LogLevel.Information, "complaint taken back {Id}: {Cancelled} cancelled")]
    public static partial void ComplaintTakenBack(this ILogger log, Guid id, int cancelled);

    [LoggerMessage(4008, LogLevel.Warning, "complaint postponed {Id} until={DueAt}: DNS gave no answer, try {Try}")]
    public static partial void ComplaintPostponed(this ILogger log, Guid id, DateTimeOffset dueAt, int @try);

    [LoggerMessage(4009, LogLevel.Error, "complaint failed {Id}, tried again at {DueAt}")]
    public static partial void ComplaintFailed(this ILogger log, Guid id, DateTimeOffset dueAt, Exception problem);

    [LoggerMessage(4010, LogLevel.Information, "complaint lease lost {Id}: another worker has it")]
    public static partial void LeaseLost(this ILogger log, Guid id);

    [LoggerMessage(4011, LogLevel.Error, "the complaint worker met a fault and goes on")]
    public static partial void WorkerFault(this ILogger log, Exception problem);

    [LoggerMessage(4014, LogLevel.Warning, "several complaints could not be written together and are tried in smaller parts")]
    public static partial void BatchFault(this ILogger log, Exception problem);

    [LoggerMessage(4013, LogLevel.Information, "complaint rescued by {Id}: {Complaints} that had counted, not-spam reports={Reports}")]
    public static partial void ComplaintRescued(this ILogger log, Guid id, int complaints, int reports);

    [LoggerMessage(4020, LogLevel.Information, "retention deleted the octets of {Count} complaints")]
    public static partial void BodiesDeleted(this ILogger log, int count);

    [LoggerMessage(4030, LogLevel.Error, "the archive could not close a block and goes on")]
    public static partial void ArchiveFault(this ILogger log, Exception problem);

    [LoggerMessage(4021, LogLevel.Error, "retention met a fault and goes on")]
    public static partial void RetentionFault(this ILogger log, Exception problem);
}
