using Microsoft.Extensions.Options;
using Postmaster.Web.Model;

namespace Postmaster.Web.Hosting;

/// <summary>What each answer tells the browser so that a page cannot be framed, scripted, leaked by referrer or kept where the next person finds it.</summary>
internal static class BrowserSafety
{
    // Radzen's charts carry style attributes; scripts come from files of ours alone.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "frame-ancestors 'none'; base-uri 'self'; form-action 'self'";

    private const string OneYear = "max-age=31536000";

    /// <summary>Octets of a form. The longest holds a few addresses and passwords; whoever sends more wants to fill memory or disk.</summary>
    private const int MaxFormBytes = 64 * 1024;

    /// <summary>Octets that a connection may have sent before anybody read them. A thousand connections that are all refused hold so much each, token or not.</summary>
    private const int MaxUnreadBytes = 128 * 1024;

    /// <summary>Every request is held to the size of a form; a door that takes mail counts for itself.</summary>
    public static void BoundForms(this IWebHostBuilder host) => host.ConfigureKestrel(static kestrel =>
        (kestrel.Limits.MaxRequestBodySize, kestrel.Limits.MaxRequestBufferSize) = (MaxFormBytes, MaxUnreadBytes));

    /// <summary>Who is calling, and under which address, before anything else looks.</summary>
    public static void UseProxies(this WebApplication app)
    {
        app.UseForwardedHeaders();
        string configured = app.Services.GetRequiredService<IOptions<ProviderOptions>>().Value.PublicUrl;
        if (!Uri.TryCreate(configured, UriKind.Absolute, out Uri? known))
            return;
        var host = HostString.FromUriComponent(known);
        app.Use((context, next) =>
        {
            // The configured address is the only one that the portal answers under: no redirect repeats a Host header that a visitor wrote,
            // and where it is https, TLS ends before us even if the proxy does not say so.
            context.Request.Scheme = known.Scheme;
            context.Request.Host = host;
            return next(context);
        });
    }

    public static void UseBrowserSafety(this WebApplication app) => app.Use(static (context, next) =>
    {
        context.Response.OnStarting(static state =>
        {
            Write((HttpContext)state);
            return Task.CompletedTask;
        }, context);
        return next(context);
    });

    private static void Write(HttpContext context)
    {
        // A link with a token in its path must not reach another site as the referrer, nor the cache of a shared machine.
        bool carriesToken = context.Request.RouteValues.ContainsKey("token");
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = carriesToken ? "no-referrer" : "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        if (context.Request.IsHttps)
            headers.StrictTransportSecurity = OneYear;
        bool isPage = context.Response.ContentType?.StartsWith("text/html", StringComparison.Ordinal) == true;
        if (carriesToken || (isPage && context.User.Identity?.IsAuthenticated == true))
            headers.CacheControl = "no-store";
    }
}
