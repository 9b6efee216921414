namespace Postmaster.Web.Features.FeedbackLoop.Groups;

internal static partial class GroupsLog
{
    [LoggerMessage(5401, LogLevel.Warning, "group member paused {Id} ({Address}): reports leave it out")]
    public static partial void MemberPaused(this ILogger log, Guid id, string address);

    [LoggerMessage(5402, LogLevel.Information, "a mail to a group's leaving address from {Address}: proved={Proved}")]
    public static partial void LeavingMail(this ILogger log, string address, bool proved);

    [LoggerMessage(5403, LogLevel.Error, "looking for former members to forget failed")]
    public static partial void FormerMembersFault(this ILogger log, Exception fault);
}
