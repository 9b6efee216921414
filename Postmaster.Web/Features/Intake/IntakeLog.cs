using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Intake;

/// <summary>What the doors tell the log. Mailboxes are masked; nothing here comes from a mail.</summary>
internal static partial class IntakeLog
{
    [LoggerMessage(3001, LogLevel.Information, "complaint arrived {Id} door={Door} press={Press} mailbox={Mailbox} octets={Size}")]
    public static partial void ComplaintArrived(this ILogger log, Guid id, IntakeDoor door, Press press, string mailbox, long size);

    [LoggerMessage(3002, LogLevel.Information, "complaint kept {Id} door={Door}")]
    public static partial void ComplaintKept(this ILogger log, Guid id, IntakeDoor door);

    [LoggerMessage(3003, LogLevel.Information, "complaint kept before {Id}")]
    public static partial void ComplaintKeptBefore(this ILogger log, Guid id);

    [LoggerMessage(3004, LogLevel.Critical, "no room on the disk: complaints are refused until there is")]
    public static partial void StorageFull(this ILogger log, Exception problem);

    [LoggerMessage(3010, LogLevel.Information, "lmtp listens on {EndPoint}")]
    public static partial void LmtpListens(this ILogger log, string endPoint);

    [LoggerMessage(3011, LogLevel.Warning, "lmtp refused a connection: {Connections} are open")]
    public static partial void LmtpTooManyConnections(this ILogger log, int connections);

    [LoggerMessage(3012, LogLevel.Information, "lmtp session ended {End}: accepted={Accepted} refused={Refused} recipients-refused={RecipientsRefused} errors={Errors}")]
    public static partial void LmtpSessionEnded(this ILogger log, string end, int accepted, int refused, int recipientsRefused, int errors);

    [LoggerMessage(3013, LogLevel.Error, "lmtp answered 451 after a fault")]
    public static partial void LmtpFault(this ILogger log, Exception problem);

    [LoggerMessage(3014, LogLevel.Error, "a mail to the complaint address could not be read and is kept as it is")]
    public static partial void MailNotRead(this ILogger log, Exception problem);

    [LoggerMessage(3020, LogLevel.Warning, "http door refused a request: {Problem}")]
    public static partial void HttpRefused(this ILogger log, string problem);

    [LoggerMessage(3021, LogLevel.Error, "http door answered 503 after a fault")]
    public static partial void HttpFault(this ILogger log, Exception problem);

    [LoggerMessage(3030, LogLevel.Information, "spool file taken up as {Id}")]
    public static partial void SpoolTaken(this ILogger log, Guid id);

    [LoggerMessage(3031, LogLevel.Error, "spool file {File} is broken ({Problem}) and was moved to {Folder}")]
    public static partial void SpoolBroken(this ILogger log, string file, string problem, string folder);

    [LoggerMessage(3032, LogLevel.Error, "spool could not be taken up; the files stay and are tried again")]
    public static partial void SpoolFault(this ILogger log, Exception problem);
}
