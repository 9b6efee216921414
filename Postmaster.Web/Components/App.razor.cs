using Microsoft.AspNetCore.Components;

namespace Postmaster.Web.Components;

/// <summary>The frame of every page: the theme's style sheets, the script modules, the page itself.</summary>
public sealed partial class App
{
    [Inject]
    private StaticFileAddresses Files { get; set; } = default!;

    [CascadingParameter]
    private HttpContext Http { get; set; } = default!;

    private Theme Theme => ThemeCookie.Read(Http.Request);
    private string? ThemeWord => Theme == Theme.System ? null : ThemeCookie.Word(Theme);
    private string ColorScheme => Theme == Theme.System ? "light dark" : ThemeCookie.Word(Theme);
    private string? LightMedia => Theme == Theme.System ? "not all and (prefers-color-scheme: dark)" : null;
    private string? DarkMedia => Theme == Theme.System ? "(prefers-color-scheme: dark)" : null;
}
