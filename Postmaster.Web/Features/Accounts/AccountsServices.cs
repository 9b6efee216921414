namespace Postmaster.Web.Features.Accounts;

internal static class AccountsServices
{
    /// <summary>The policy for pages of the provider's own staff.</summary>
    public const string OperatorPolicy = "operator";

    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddAuthentication();
        services.AddAuthorizationBuilder().AddPolicy(OperatorPolicy, policy => policy.RequireRole(OperatorPolicy));
        return services;
    }

    public static void UseAccounts(this WebApplication app)
    {
        app.UseAuthentication();
        app.UseAuthorization();
    }

    public static void MapAccounts(this WebApplication app)
    {
    }
}
