namespace Postmaster.Web.Features.FeedbackLoop;

internal static class FeedbackLoopServices
{
    public static IServiceCollection AddFeedbackLoop(this IServiceCollection services)
    {
        services.AddSingleton<NoticeOutbox>();
        services.AddSingleton<FeedbackLoopQueries>();
        services.AddSingleton<OutboxQueries>();
        return services;
    }
}
