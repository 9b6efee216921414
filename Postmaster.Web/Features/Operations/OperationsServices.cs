namespace Postmaster.Web.Features.Operations;

internal static class OperationsServices
{
    public static IServiceCollection AddOperations(this IServiceCollection services)
    {
        services.AddSingleton<ProviderKeys>();
        services.AddSingleton<OperatorQueries>();
        services.AddSingleton<QueueStore>();
        return services;
    }

    public static void MapOperations(this WebApplication app) =>
        app.MapGet("/health", () => Results.Text("ok")).AllowAnonymous();
}
