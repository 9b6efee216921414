using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.Accounts;

/// <summary>
/// The cookies of signing in and of forms. Where people reach the portal by https they are called <c>__Host-…</c>,
/// which browsers take only with Secure, without Domain and for the whole host: no sister host can plant them.
/// </summary>
internal sealed class CookieSettings(PublicScheme scheme, IOptions<AccountsOptions> accounts)
    : IPostConfigureOptions<CookieAuthenticationOptions>, IConfigureOptions<AntiforgeryOptions>
{
    /// <summary>Between the password and the code of the second factor.</summary>
    private static readonly TimeSpan SecondStepTime = TimeSpan.FromMinutes(5);

    public void PostConfigure(string? name, CookieAuthenticationOptions options)
    {
        bool isSecondStep = string.Equals(name, IdentityConstants.TwoFactorUserIdScheme, StringComparison.Ordinal);
        bool isSession = string.Equals(name, IdentityConstants.ApplicationScheme, StringComparison.Ordinal);
        Harden(options.Cookie, isSession ? "postmaster-session" : isSecondStep ? "postmaster-second-step" : $"postmaster-other-{name}");
        options.LoginPath = "/sign-in";
        options.ReturnUrlParameter = "returnUrl";
        options.SlidingExpiration = true;
        options.ExpireTimeSpan = isSecondStep ? SecondStepTime : accounts.Value.SessionTime;
        options.Events.OnRedirectToAccessDenied = static context =>
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        };
        Func<RedirectContext<CookieAuthenticationOptions>, Task> toSignIn = options.Events.OnRedirectToLogin;
        options.Events.OnRedirectToLogin = context =>
        {
            if (!context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal))
                return toSignIn(context);
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        };
    }

    public void Configure(AntiforgeryOptions options)
    {
        Harden(options.Cookie, "postmaster-form");
        // Our own header says it with the other rules of the content security policy.
        options.SuppressXFrameOptionsHeader = true;
    }

    private void Harden(CookieBuilder cookie, string name)
    {
        cookie.Name = scheme.IsHttps ? "__Host-" + name : name;
        cookie.HttpOnly = true;
        cookie.SameSite = SameSiteMode.Lax;
        cookie.Path = "/";
        cookie.SecurePolicy = scheme.IsHttps ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
    }
}
