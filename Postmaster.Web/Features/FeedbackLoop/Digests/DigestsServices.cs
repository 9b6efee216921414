namespace Postmaster.Web.Features.FeedbackLoop.Digests;

internal static class DigestsServices
{
    public static IServiceCollection AddDigests(this IServiceCollection services)
    {
        services.AddSingleton<DigestQueries>();
        services.AddSingleton<DigestStore>();
        services.AddSingleton<DigestConfirmation>();
        services.AddSingleton<DigestContent>();
        services.AddSingleton<DigestLeaving>();
        services.AddSingleton<DigestPause>();
        services.AddSingleton<DigestWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<DigestWorker>());
        return services;
    }
}
