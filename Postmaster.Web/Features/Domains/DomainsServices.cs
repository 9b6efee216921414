namespace Postmaster.Web.Features.Domains;

internal static class DomainsServices
{
    public static IServiceCollection AddDomains(this IServiceCollection services) => services;

    public static void MapDomains(this WebApplication app)
    {
    }
}
