using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Spf;

/// <summary>The client's address. IPv4-mapped IPv6 is IPv4 (RFC 7208 §5).</summary>
internal sealed class SpfClient
{
    public SpfClient(IPAddress ip)
    {
        Address = ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4()
            : ip.AddressFamily == AddressFamily.InterNetworkV6 && ip.ScopeId != 0 ? new IPAddress(ip.GetAddressBytes()) // without the zone
            : ip;
        IsIp4 = Address.AddressFamily == AddressFamily.InterNetwork;
    }

    public IPAddress Address { get; }

    public bool IsIp4 { get; }

    /// <summary>The type of the addresses that can equal the client's.</summary>
    public DnsRecordType AddressType => IsIp4 ? DnsRecordType.A : DnsRecordType.AAAA;

    /// <summary><c>%{i}</c>: dotted quad, or for IPv6 the dotted nibbles (RFC 7208 §7.3).</summary>
    public string Dotted => IsIp4
        ? Address.ToString()
        : string.Join('.', Address.GetAddressBytes().Select(o => string.Create(CultureInfo.InvariantCulture, $"{o >> 4:X}.{o & 15:X}")));

    /// <summary>One of the addresses of an answer lies in the same network of the given length as the client.</summary>
    public bool IsAmong(DnsAnswer answer, int ip4Length, int ip6Length)
    {
        var records = answer.Records;
        for (var i = 0; i < records.Count; i++)
        {
            if (records[i] is ARecord { Address: var address } && IpPrefix.Create(address, Length(address)).Contains(Address))
                return true;
        }
        return false;

        int Length(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? ip4Length : ip6Length;
    }
}
