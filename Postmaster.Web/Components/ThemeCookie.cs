using Postmaster.Web.Hosting;

namespace Postmaster.Web.Components;

public enum Theme
{
    /// <summary>As the visitor's system wishes.</summary>
    System,
    Light,
    Dark,
}

/// <summary>The visitor's choice of light or dark: a cookie set by a form in the footer, so that it needs no script and no account.</summary>
internal static class ThemeCookie
{
    private const string Name = "theme";

    public static Theme Read(HttpRequest request) => request.Cookies[Name] switch
    {
        "light" => Theme.Light,
        "dark" => Theme.Dark,
        _ => Theme.System,
    };

    public static string Word(Theme theme) => theme switch
    {
        Theme.Light => "light",
        Theme.Dark => "dark",
        _ => "system",
    };

    public static void MapThemeSwitch(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/theme", async (HttpContext context) =>
        {
            IFormCollection form = await context.Request.ReadFormAsync(context.RequestAborted);
            string theme = form["theme"].ToString();
            if (theme is "light" or "dark")
                context.Response.Cookies.Append(Name, theme, new CookieOptions { MaxAge = TimeSpan.FromDays(365), SameSite = SameSiteMode.Lax, HttpOnly = true, Secure = context.Request.IsHttps });
            else
                context.Response.Cookies.Delete(Name);
            return Results.LocalRedirect(LocalPath.OrDefault(form["returnTo"], "/"));
        }).AllowAnonymous().DisableAntiforgery();
}
