using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.Samples;

/// <summary>Tells one visitor without an account from another: a cookie of 160 random bits, of which the database knows the hash.</summary>
public sealed class VisitorCookie(PublicScheme scheme, IOptions<SamplesOptions> options)
{
    private string Name => scheme.IsHttps ? "__Host-postmaster-samples" : "postmaster-samples";

    /// <summary>Who asks; null for somebody signed out who has no cookie, and so no samples.</summary>
    public SampleViewer? Read(HttpContext context)
    {
        if (context.User.PortalId() is { } account)
            return new SampleViewer(account, null);
        return options.Value.AllowAnonymous && context.Request.Cookies[Name] is { Length: SampleTokens.Length } token ? new SampleViewer(null, SampleTokens.Hash(token)) : null;
    }

    /// <summary>The same, with a fresh cookie for whom has none; null where visitors without an account are not let in.</summary>
    public SampleViewer? ReadOrIssue(HttpContext context)
    {
        if (Read(context) is { } known)
            return known;
        if (!options.Value.AllowAnonymous)
            return null;
        string token = SampleTokens.Encode(RandomNumberGenerator.GetBytes(SampleTokens.Octets));
        context.Response.Cookies.Append(Name, token, new CookieOptions
        {
            HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = scheme.IsHttps || context.Request.IsHttps, Path = "/", MaxAge = options.Value.AnonymousRetention, IsEssential = true,
        });
        return new SampleViewer(null, SampleTokens.Hash(token));
    }
}
