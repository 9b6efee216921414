namespace Postmaster.Web.Features.Reputation;

internal static class ReputationServices
{
    public static IServiceCollection AddReputation(this IServiceCollection services)
    {
        services.AddSingleton<ReputationQueries>();
        services.AddSingleton<ReputationStore>();
        services.AddHostedService<ReputationWorker>();
        return services;
    }
}
