namespace Postmaster.Web.Features.FeedbackLoop.Limits;

internal static partial class LimitsLog
{
    [LoggerMessage(5601, LogLevel.Information, "report {Id} tells of {Incidents} complaints that waited for {To}")]
    public static partial void RolledUp(this ILogger log, Guid id, int incidents, string to);
}
