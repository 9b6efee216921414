using System.Net;
using System.Net.Sockets;

namespace Postmaster.Fbl.Dns;

/// <summary>Whether an address has a name that leads back to it (RFC 1912 §2.1, RFC 8601 §2.7.3).</summary>
public static class ReverseNameCheck
{
    /// <summary>PTR records that are looked at; stops an address with a thousand names.</summary>
    private const int MaxNames = 5;

    /// <returns>Null when DNS does not say.</returns>
    public static async ValueTask<bool?> LeadsBackAsync(IDnsResolver dns, IPAddress address, CancellationToken ct)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        var pointers = await dns.QueryAsync(ReverseName.Of(address), DnsRecordType.PTR, ct);
        if (pointers.IsSilent)
            return null;
        var type = address.AddressFamily == AddressFamily.InterNetwork ? DnsRecordType.A : DnsRecordType.AAAA;
        var silent = false;
        foreach (var pointer in pointers.Records.OfType<PtrRecord>().Take(MaxNames))
        {
            var answer = await dns.QueryAsync(pointer.Target, type, ct);
            if (answer.Records.OfType<ARecord>().Any(r => r.Address.Equals(address)))
                return true;
            silent |= answer.IsSilent;
        }
        return silent ? null : false;
    }

}
