namespace Postmaster.Web.Features.FeedbackLoop.Cfbl;

internal static partial class CfblLog
{
    [LoggerMessage(5501, LogLevel.Information, "invited address agreed {Id}")]
    public static partial void Confirmed(this ILogger<CfblContactStore> log, Guid id);

    [LoggerMessage(5502, LogLevel.Information, "invited address refused for ever {Id}")]
    public static partial void Refused(this ILogger<CfblRefusals> log, Guid id);

    [LoggerMessage(5503, LogLevel.Warning, "invited address paused, its reports come back {Id}")]
    public static partial void Paused(this ILogger<CfblContactStore> log, Guid id);
}
