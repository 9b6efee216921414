namespace Postmaster.Web.Features.Milter;

internal static class MilterServices
{
    public static IServiceCollection AddMilter(this IServiceCollection services)
    {
        services.AddSingleton<TrapAddresses>();
        services.AddSingleton<MilterEvaluator>();
        services.AddSingleton<MilterEvents>();
        services.AddSingleton<MilterDoor>();
        // Stopped in the opposite order: first no more mail comes in, then what was looked at is handed in.
        services.AddSingleton<MilterWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<MilterWorker>());
        services.AddSingleton<MilterListener>();
        services.AddHostedService(provider => provider.GetRequiredService<MilterListener>());
        return services;
    }
}
