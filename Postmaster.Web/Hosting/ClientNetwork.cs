using System.Net;
using System.Net.Sockets;

namespace Postmaster.Web.Hosting;

/// <summary>Whom visitors without an account are counted by.</summary>
internal static class ClientNetwork
{
    /// <summary>An IPv6 customer owns a /64: counting single addresses there would count nothing.</summary>
    public static string Of(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } address)
            return "unknown";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)) : address.ToString();
    }
}
