using Postmaster.Web.Features.Intake;

namespace Postmaster.Web.Features.FeedbackLoop.Groups;

internal static class GroupsServices
{
    public static IServiceCollection AddGroups(this IServiceCollection services)
    {
        services.AddSingleton<LeaveTokens>();
        services.AddSingleton<GroupMails>();
        services.AddSingleton<GroupStore>();
        services.AddSingleton<GroupAnswers>();
        services.AddSingleton<GroupCatchUp>();
        services.AddSingleton<GroupQueries>();
        services.AddSingleton<GroupLetters>();
        services.AddSingleton<GroupPause>();
        services.AddSingleton<GroupDeliveries>();
        services.AddSingleton<GroupBounces>();
        services.AddSingleton<ILmtpMailbox, GroupMailbox>();
        services.AddHostedService<FormerMembers>();
        return services;
    }
}
