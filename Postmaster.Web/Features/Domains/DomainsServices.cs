namespace Postmaster.Web.Features.Domains;

internal static class DomainsServices
{
    public static IServiceCollection AddDomains(this IServiceCollection services)
    {
        services.AddSingleton<DomainAccess>();
        services.AddSingleton<DomainQueries>();
        services.AddSingleton<ClaimQueries>();
        return services;
    }

    public static void MapDomains(this WebApplication app)
    {
    }
}
