using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace Postmaster.Web.Hosting;

/// <summary>Configuration section <c>Proxy</c>.</summary>
public sealed class ProxyOptions
{
    public const string Section = "Proxy";

    /// <summary>
    /// Addresses or networks (192.0.2.10, 10.0.0.0/8) of the reverse proxies before the portal. Only their X-Forwarded-For and
    /// X-Forwarded-Proto are believed; from anybody else these headers are ignored. Empty: nobody's are.
    /// </summary>
    public IList<string> KnownProxies { get; init; } = [];
}

/// <summary>Turns the list into what the forwarded-headers middleware reads, and refuses what is no address.</summary>
internal sealed class ForwardedSettings(IOptions<ProxyOptions> proxies) : IConfigureOptions<ForwardedHeadersOptions>
{
    public void Configure(ForwardedHeadersOptions options)
    {
        options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (string entry in proxies.Value.KnownProxies.Where(e => !string.IsNullOrWhiteSpace(e)))
        {
            if (IPAddress.TryParse(entry, out IPAddress? address))
                options.KnownProxies.Add(address);
            else if (System.Net.IPNetwork.TryParse(entry, out System.Net.IPNetwork network))
                options.KnownIPNetworks.Add(network);
            else
                throw new OptionsValidationException(ProxyOptions.Section, typeof(ProxyOptions), [$"Proxy:KnownProxies holds \"{entry}\", which is neither an address nor a network."]);
        }

        if (options.KnownProxies.Count == 0 && options.KnownIPNetworks.Count == 0)
            options.ForwardedHeaders = ForwardedHeaders.None;
    }
}
