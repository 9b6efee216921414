namespace Postmaster.Web.Features.Milter;

/// <summary>What the milter tells the log. Nothing here comes from a mail.</summary>
internal static partial class MilterLog
{
    [LoggerMessage(9001, LogLevel.Information, "milter listens on {EndPoint}")]
    public static partial void MilterListens(this ILogger log, string endPoint);

    [LoggerMessage(9002, LogLevel.Warning, "milter closed a connection unheard: {Connections} are open; the mail goes its way uncounted")]
    public static partial void MilterTooManyConnections(this ILogger log, int connections);

    [LoggerMessage(9003, LogLevel.Debug, "milter session ended {End}: messages={Messages} lost={Lost} recipients-refused={RecipientsRefused}")]
    public static partial void MilterSessionEnded(this ILogger log, string end, int messages, int lost, int recipientsRefused);

    [LoggerMessage(9004, LogLevel.Warning, "milter session ended {End} after {Bytes} octets: what came was no milter protocol; smtpd_milters should name this address and nothing else should")]
    public static partial void MilterNotUnderstood(this ILogger log, string end, long bytes);

    [LoggerMessage(9010, LogLevel.Warning, "milter let {Count} transactions through uncounted: no room, Milter:MaxQueued, Milter:MaxInFlightBytes and Milter:MaxMessageBytes bound it")]
    public static partial void MilterUncounted(this ILogger log, long count);

    [LoggerMessage(9011, LogLevel.Error, "milter could not look at a message; the mail went its way uncounted")]
    public static partial void MilterFault(this ILogger log, Exception problem);

    [LoggerMessage(9012, LogLevel.Warning, "milter could not look at a message within {Seconds} seconds, as DNS does not answer; the mail went its way uncounted")]
    public static partial void MilterTooSlow(this ILogger log, double seconds);

    [LoggerMessage(9013, LogLevel.Warning, "milter could not hand in {Events} events; they are tried again in {Seconds} seconds")]
    public static partial void MilterEventsDelayed(this ILogger log, int events, double seconds, Exception? problem);

    [LoggerMessage(9014, LogLevel.Warning, "milter lost {Events} events, as the server stops")]
    public static partial void MilterEventsLost(this ILogger log, int events);

    [LoggerMessage(9015, LogLevel.Error, "milter wrote events that the intake does not take; they are lost")]
    public static partial void MilterEventsRefused(this ILogger log);

    [LoggerMessage(9020, LogLevel.Information, "traps: {Count} addresses and domains")]
    public static partial void TrapsRead(this ILogger log, int count);

    [LoggerMessage(9021, LogLevel.Warning, "traps: {File} cannot be read; the list of before holds on")]
    public static partial void TrapsNotRead(this ILogger log, string file, Exception problem);

    [LoggerMessage(9022, LogLevel.Warning, "traps: line {Line} is neither an address nor @domain and is passed over")]
    public static partial void TrapsBadLine(this ILogger log, int line);
}
