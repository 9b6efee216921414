using System.Net;
using System.Net.Sockets;

namespace Postmaster.Fbl.Dns;

/// <summary>Whether an address has a name that leads back to it (RFC 1912 §2.1, RFC 8601 §2.7.3).</summary>
/// <param name="Pointers">What DNS said of the address.</param>
/// <param name="Name">The one that leads back, or else the first of all; null: there is none, or DNS does not say.</param>
/// <param name="LeadsBack">Null when DNS does not say.</param>
public sealed record ReverseNameCheck(DnsAnswer Pointers, string? Name, bool? LeadsBack)
{
    /// <summary>PTR records that are looked at; stops an address with a thousand names.</summary>
    private const int MaxNames = 5;

    public static async ValueTask<ReverseNameCheck> RunAsync(IDnsResolver dns, IPAddress address, CancellationToken ct)
    {
        var pointers = await dns.QueryAsync(ReverseName.Of(address), DnsRecordType.PTR, ct);
        string[] names = [.. pointers.Records.OfType<PtrRecord>().Select(r => r.Target).Take(MaxNames)];
        var silent = pointers.IsSilent;
        foreach (var name in names)
        {
            var leads = await LeadsToAsync(dns, name, address, ct);
            if (leads == true)
                return new ReverseNameCheck(pointers, name, LeadsBack: true);
            silent |= leads is null;
        }
        return new ReverseNameCheck(pointers, names.FirstOrDefault(), silent ? null : false);
    }

    /// <summary>Whether a name has the address among its own.</summary>
    /// <param name="address">IPv4-mapped IPv6 counts as IPv4.</param>
    /// <returns>Null when DNS does not say.</returns>
    public static async ValueTask<bool?> LeadsToAsync(IDnsResolver dns, string name, IPAddress address, CancellationToken ct)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        var answer = await dns.QueryAsync(name, address.AddressFamily == AddressFamily.InterNetwork ? DnsRecordType.A : DnsRecordType.AAAA, ct);
        return answer.Records.OfType<ARecord>().Any(r => r.Address.Equals(address)) ? true : answer.IsSilent ? null : false;
    }
}
