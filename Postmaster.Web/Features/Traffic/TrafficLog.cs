namespace Postmaster.Web.Features.Traffic;

/// <summary>What the intake of events tells the log. Nothing here comes from an event; operators are named, for whoever asks later who did it.</summary>
internal static partial class TrafficLog
{
    [LoggerMessage(7001, LogLevel.Warning, "events are written again after attempt {Attempt}")]
    public static partial void CommitAgain(this ILogger log, Exception problem, int attempt);

    [LoggerMessage(7002, LogLevel.Error, "events of {Batches} batches could not be written; their feeders are told to come back")]
    public static partial void CommitFailed(this ILogger log, Exception problem, int batches);

    [LoggerMessage(7003, LogLevel.Warning, "event door refused a request: {Problem}")]
    public static partial void EventsRefused(this ILogger log, string problem);

    [LoggerMessage(7004, LogLevel.Information, "events counted feeder={Feeder} accepted={Accepted} bad={Bad} unjoined={Unjoined}")]
    public static partial void EventsCounted(this ILogger log, int feeder, int accepted, int bad, int unjoined);

    [LoggerMessage(7005, LogLevel.Error, "event door answered 503 after a fault")]
    public static partial void EventsFault(this ILogger log, Exception problem);

    [LoggerMessage(7020, LogLevel.Information, "feeder {Feeder} \"{Name}\" got a token by {Operator}")]
    public static partial void FeederMade(this ILogger log, int feeder, string name, string @operator);

    [LoggerMessage(7021, LogLevel.Information, "feeder {Feeder} was ended by {Operator}")]
    public static partial void FeederEnded(this ILogger log, int feeder, string @operator);

    [LoggerMessage(7090, LogLevel.Error, "delivered reports could not be noted; tried again at the next turn")]
    public static partial void TellingFault(this ILogger log, Exception fault);

    [LoggerMessage(7091, LogLevel.Error, "old traffic could not be deleted; tried again at the next turn")]
    public static partial void RetentionFault(this ILogger log, Exception fault);

    [LoggerMessage(7092, LogLevel.Information, "old traffic deleted: hours={Hours} days={Days} batches={Batches} partitions={Partitions} streams={Streams} domains={Domains}")]
    public static partial void TrafficDeleted(this ILogger log, int hours, int days, int batches, int partitions, int streams, int domains);
}
