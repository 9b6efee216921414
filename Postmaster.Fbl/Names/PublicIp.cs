using System.Net;
using System.Net.Sockets;

namespace Postmaster.Fbl.Names;

/// <summary>
/// Tells the Internet's addresses from a network's own. Addresses that carry an IPv4 address inside (IPv4-mapped, NAT64, 6to4)
/// are judged by that one, so that <c>::ffff:127.0.0.1</c> and <c>64:ff9b::7f00:1</c> are loopback.
/// </summary>
public static class PublicIp
{
    private static readonly (IpPrefix Prefix, IpAddressScope Scope)[] Special =
    [
        (IpPrefix.Parse("0.0.0.0/32"), IpAddressScope.Unspecified),
        (IpPrefix.Parse("0.0.0.0/8"), IpAddressScope.Reserved),            // "this network"; reaches the own host on some systems
        (IpPrefix.Parse("10.0.0.0/8"), IpAddressScope.Private),
        (IpPrefix.Parse("100.64.0.0/10"), IpAddressScope.CarrierGradeNat),
        (IpPrefix.Parse("127.0.0.0/8"), IpAddressScope.Loopback),
        (IpPrefix.Parse("169.254.0.0/16"), IpAddressScope.LinkLocal),      // clouds serve their credentials here
        (IpPrefix.Parse("172.16.0.0/12"), IpAddressScope.Private),
        (IpPrefix.Parse("192.0.0.0/24"), IpAddressScope.Reserved),
        (IpPrefix.Parse("192.0.2.0/24"), IpAddressScope.Documentation),
        (IpPrefix.Parse("192.88.99.0/24"), IpAddressScope.Reserved),
        (IpPrefix.Parse("192.168.0.0/16"), IpAddressScope.Private),
        (IpPrefix.Parse("198.18.0.0/15"), IpAddressScope.Benchmarking),
        (IpPrefix.Parse("198.51.100.0/24"), IpAddressScope.Documentation),
        (IpPrefix.Parse("203.0.113.0/24"), IpAddressScope.Documentation),
        (IpPrefix.Parse("224.0.0.0/4"), IpAddressScope.Multicast),
        (IpPrefix.Parse("240.0.0.0/4"), IpAddressScope.Reserved),
        (IpPrefix.Parse("::/128"), IpAddressScope.Unspecified),
        (IpPrefix.Parse("::1/128"), IpAddressScope.Loopback),
        (IpPrefix.Parse("2001:2::/48"), IpAddressScope.Benchmarking),
        (IpPrefix.Parse("2001:db8::/32"), IpAddressScope.Documentation),
        (IpPrefix.Parse("2001::/23"), IpAddressScope.Reserved),            // Teredo, ORCHID and other protocols
        (IpPrefix.Parse("3fff::/20"), IpAddressScope.Documentation),
        (IpPrefix.Parse("fc00::/7"), IpAddressScope.UniqueLocal),
        (IpPrefix.Parse("fe80::/10"), IpAddressScope.LinkLocal),
        (IpPrefix.Parse("fec0::/10"), IpAddressScope.Private),
        (IpPrefix.Parse("ff00::/8"), IpAddressScope.Multicast),
    ];

    private static readonly IpPrefix GlobalUnicast = IpPrefix.Parse("2000::/3");
    private static readonly IpPrefix Nat64 = IpPrefix.Parse("64:ff9b::/96");     // RFC 6052 §2.1
    private static readonly IpPrefix SixToFour = IpPrefix.Parse("2002::/16");    // RFC 3056 §2

    public static IpAddressScope ScopeOf(IPAddress address)
    {
        var inner = WithoutTranslation(address);
        foreach (var (prefix, scope) in Special)
        {
            if (prefix.Contains(inner))
                return scope;
        }
        return inner.AddressFamily == AddressFamily.InterNetwork || GlobalUnicast.Contains(inner) ? IpAddressScope.Global : IpAddressScope.Reserved;
    }

    /// <summary>A server of the Internet can have this address: the only ones that a request on a stranger's behalf may go to.</summary>
    public static bool IsPublic(IPAddress address) => ScopeOf(address) == IpAddressScope.Global;

    /// <summary>The address belongs to the inside of some network and tells strangers only about its layout. Documentation addresses do not.</summary>
    public static bool IsInternal(IPAddress address) => ScopeOf(address) is IpAddressScope.Unspecified or IpAddressScope.Loopback
        or IpAddressScope.LinkLocal or IpAddressScope.Private or IpAddressScope.UniqueLocal or IpAddressScope.CarrierGradeNat;

    private static IPAddress WithoutTranslation(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (Nat64.Contains(address))
            return new IPAddress(address.GetAddressBytes().AsSpan(12, 4));
        return SixToFour.Contains(address) ? new IPAddress(address.GetAddressBytes().AsSpan(2, 4)) : address;
    }
}
