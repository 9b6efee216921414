using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Postmaster.Web.Model;

namespace Postmaster.Web.Hosting;

/// <summary>Absolute addresses of the portal for mails and logs; never taken from a request, whose Host header a visitor writes.</summary>
public sealed class PortalUrl(IOptions<ProviderOptions> provider, IServer server)
{
    /// <summary><c>https://host[:port]</c> without a trailing slash.</summary>
    public string Root => provider.Value.PublicUrl is { Length: > 0 } configured ? configured.TrimEnd('/') : FirstListened();

    /// <param name="path">Begins with a slash; query values are already escaped.</param>
    public string To(string path) => Root + path;

    private string FirstListened()
    {
        string first = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault(a => a.StartsWith("http", StringComparison.Ordinal))
            ?? "http://localhost:8080";
        return first.Replace("//[::]:", "//localhost:", StringComparison.Ordinal).Replace("//0.0.0.0:", "//localhost:", StringComparison.Ordinal).TrimEnd('/');
    }
}
