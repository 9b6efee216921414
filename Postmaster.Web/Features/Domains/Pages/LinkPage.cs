namespace Postmaster.Web.Features.Domains.Pages;

/// <summary>What every page whose address is a secret link does first.</summary>
internal static class LinkPage
{
    /// <summary>The address stays out of Referer fields, caches and search engines.</summary>
    public static void Guard(HttpContext http)
    {
        if (http.Response.HasStarted)
            return;
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Robots-Tag"] = "noindex";
    }
}
