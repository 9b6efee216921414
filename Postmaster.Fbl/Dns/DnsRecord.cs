using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postmaster.Fbl.Dns;

/// <summary>
/// One resource record of class IN. Names are text without the trailing dot ("." alone is the root), in the case they came in,
/// odd octets escaped as in RFC 1035 §5.1 (<c>\.</c>, <c>\032</c>).
/// </summary>
/// <param name="Name">The owner.</param>
public abstract record DnsRecord(string Name, TimeSpan Ttl)
{
    public abstract DnsRecordType Type { get; }
}

/// <summary>A or AAAA, by the family of the address.</summary>
public sealed record ARecord(string Name, TimeSpan Ttl, IPAddress Address) : DnsRecord(Name, Ttl)
{
    public override DnsRecordType Type => Address.AddressFamily == AddressFamily.InterNetworkV6 ? DnsRecordType.AAAA : DnsRecordType.A;
}

/// <param name="Exchange">"." says that the domain takes no mail (RFC 7505).</param>
public sealed record MxRecord(string Name, TimeSpan Ttl, ushort Preference, string Exchange) : DnsRecord(Name, Ttl)
{
    public override DnsRecordType Type => DnsRecordType.MX;
}

/// <param name="Strings">As in the record, each at most 255 octets.</param>
public sealed record TxtRecord(string Name, TimeSpan Ttl, IReadOnlyList<byte[]> Strings) : DnsRecord(Name, Ttl)
{
    public override DnsRecordType Type => DnsRecordType.TXT;

    /// <summary>All strings behind each other, nothing in between (RFC 6376 §3.6.2.2, RFC 7208 §3.3).</summary>
    public byte[] Joined => Strings.Count == 1 ? Strings[0] : Join(Strings);

    /// <summary><see cref="Joined"/> with one character an octet (Latin-1); not safe for a page or a log until escaped.</summary>
    public string Text => Encoding.Latin1.GetString(Joined);

    private static byte[] Join(IReadOnlyList<byte[]> strings)
    {
        var joined = new byte[strings.Sum(s => s.Length)];
        var length = 0;
        foreach (var part in strings)
        {
            part.CopyTo(joined, length);
            length += part.Length;
        }
        return joined;
    }

    public bool Equals(TxtRecord? other) =>
        base.Equals(other) && Strings.Count == other.Strings.Count && Strings.Zip(other.Strings).All(p => p.First.AsSpan().SequenceEqual(p.Second));

    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Text);
}

public sealed record PtrRecord(string Name, TimeSpan Ttl, string Target) : DnsRecord(Name, Ttl)
{
    public override DnsRecordType Type => DnsRecordType.PTR;
}

public sealed record CnameRecord(string Name, TimeSpan Ttl, string Target) : DnsRecord(Name, Ttl)
{
    public override DnsRecordType Type => DnsRecordType.CNAME;
}

public sealed record NsRecord(string Name, TimeSpan Ttl, string Target) : DnsRecord(Name, Ttl)
{
    public override DnsRecordType Type => DnsRecordType.NS;
}

/// <param name="Minimum">With the record's own TTL it bounds how long an absence may be remembered (RFC 2308 §5).</param>
public sealed record SoaRecord(
    string Name, TimeSpan Ttl, string PrimaryServer, string Mailbox, uint Serial, TimeSpan Refresh, TimeSpan Retry, TimeSpan Expire, TimeSpan Minimum)
    : DnsRecord(Name, Ttl)
{
    public override DnsRecordType Type => DnsRecordType.SOA;
}

/// <summary>A type that has no record of its own here (RFC 3597).</summary>
public sealed record UnknownRecord(string Name, TimeSpan Ttl, DnsRecordType UnknownType, byte[] Data) : DnsRecord(Name, Ttl)
{
    public override DnsRecordType Type => UnknownType;
}
