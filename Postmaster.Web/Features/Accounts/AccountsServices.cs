namespace Postmaster.Web.Features.Accounts;

internal static class AccountsServices
{
    public static IServiceCollection AddAccounts(this IServiceCollection services) => services;

    public static void MapAccounts(this WebApplication app)
    {
    }
}
