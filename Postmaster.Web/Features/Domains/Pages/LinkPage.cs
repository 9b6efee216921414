namespace Postmaster.Web.Features.Domains.Pages;

/// <summary>What every page whose address is a secret link does first.</summary>
internal static class LinkPage
{
    /// <summary>The address stays out of Referer fields and search engines; <see cref="Hosting.BrowserSafety"/> keeps it out of caches.</summary>
    public static void Guard(HttpContext http)
    {
        if (http.Response.HasStarted)
            return;
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        http.Response.Headers["X-Robots-Tag"] = "noindex";
    }
}
