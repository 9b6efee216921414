using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Accounts;

internal static class AccountsServices
{
    /// <summary>The policy, and the role, of the provider's own staff.</summary>
    public const string OperatorPolicy = "operator";

    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddAuthentication(IdentityConstants.ApplicationScheme).AddIdentityCookies();
        services.AddAuthorizationBuilder().AddPolicy(OperatorPolicy, policy => policy.RequireRole(OperatorPolicy));
        services.AddIdentityCore<PortalUser>()
            .AddUserStore<SealingUserStore>()
            .AddSignInManager()
            .AddClaimsPrincipalFactory<PortalPrincipalFactory>()
            .AddPasswordValidator<ObviousPasswordValidator>()
            .AddTokenProvider<SingleUseAuthenticator>(TokenOptions.DefaultAuthenticatorProvider);
        services.AddSingleton<IConfigureOptions<IdentityOptions>, IdentitySettings>();
        services.AddSingleton<IConfigureOptions<SecurityStampValidatorOptions>, IdentitySettings>();
        services.AddSingleton<IPostConfigureOptions<CookieAuthenticationOptions>, CookieSettings>();
        services.AddSingleton<IConfigureOptions<AntiforgeryOptions>, CookieSettings>();
        services.AddAccountLimits();
        services.AddSingleton<AccountNotices>();
        services.AddScoped<AccountStore>();
        services.AddScoped<SignInStore>();
        services.AddScoped<SecondFactorStore>();
        services.AddSingleton<SetupLink>();
        services.AddHostedService<SetupLinkPrinter>();
        services.AddSingleton<AccountSweeper>();
        services.AddHostedService(provider => provider.GetRequiredService<AccountSweeper>());
        return services;
    }

    public static void UseAccounts(this WebApplication app)
    {
        app.UseRateLimiter();
        app.UseAuthentication();
        app.UseAuthorization();
    }

    public static void MapAccounts(this WebApplication app) =>
        app.MapPost("/sign-out", async (HttpContext context, IAntiforgery antiforgery, SignInManager<PortalUser> signIn) =>
        {
            if (!await antiforgery.IsRequestValidAsync(context))
                return Results.BadRequest();
            await signIn.SignOutAsync();
            return Results.LocalRedirect("/sign-in?done=signed-out");
        }).AllowAnonymous().DisableAntiforgery();
}
