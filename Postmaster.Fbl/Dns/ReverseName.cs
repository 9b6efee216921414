using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Postmaster.Fbl.Dns;

/// <summary>The name under which an address has its PTR record.</summary>
public static class ReverseName
{
    /// <summary><c>1.2.0.192.in-addr.arpa</c> (RFC 1035 §3.5), or nibbles under <c>ip6.arpa</c> (RFC 3596 §2.5); IPv4-mapped IPv6 counts as IPv4.</summary>
    public static string Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        var octets = address.GetAddressBytes().Reverse();
        return address.AddressFamily == AddressFamily.InterNetwork
            ? string.Join('.', octets.Select(o => o.ToString(CultureInfo.InvariantCulture))) + ".in-addr.arpa"
            : string.Concat(octets.Select(o => string.Create(CultureInfo.InvariantCulture, $"{o & 15:x}.{o >> 4:x}."))) + "ip6.arpa";
    }
}
