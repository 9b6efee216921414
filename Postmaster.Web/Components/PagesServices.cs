using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.StaticFiles;

namespace Postmaster.Web.Components;

internal static class PagesServices
{
    public static IServiceCollection AddPages(this IServiceCollection services)
    {
        services.AddRazorComponents();
        // What Radzen's chart asks for, though nothing uses it without a circuit.
        services.AddScoped<Radzen.TooltipService>();
        services.AddCascadingAuthenticationState();
        services.AddSingleton<StaticFileAddresses>();
        // Pages are left uncompressed: they carry secrets beside text that a visitor chooses (the BREACH attack).
        services.AddResponseCompression(options =>
        {
            options.EnableForHttps = true;
            options.MimeTypes = ["text/css", "text/javascript", "image/svg+xml"];
        });
        return services;
    }

    /// <summary>Errors become pages, then style sheets and scripts, then routing.</summary>
    public static void UsePages(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandlingPath = "/status/500",
            CreateScopeForErrors = true,
            // A request that cannot be read, such as a form without its antiforgery token, is the visitor's and keeps its own status.
            StatusCodeSelector = static error => (error as BadHttpRequestException ?? error.InnerException as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status500InternalServerError,
        });
        app.UseStatusCodePagesWithReExecute("/status/{0}", createScopeForStatusCodePages: true);
        app.Use(static (context, next) =>
        {
            if (context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal) && context.Features.Get<IStatusCodePagesFeature>() is { } pages)
                pages.Enabled = false;
            return next(context);
        });
        app.UseResponseCompression();
        app.UseStaticFiles(new StaticFileOptions { OnPrepareResponse = KeepForGood });
        app.UseRouting();
    }

    public static void MapPages(this WebApplication app)
    {
        app.MapThemeSwitch();
        app.MapRazorComponents<App>();
    }

    private static void KeepForGood(StaticFileResponseContext response) =>
        response.Context.Response.Headers.CacheControl = response.Context.Request.Query.ContainsKey("v") ? "public, max-age=31536000, immutable" : "no-cache";
}
