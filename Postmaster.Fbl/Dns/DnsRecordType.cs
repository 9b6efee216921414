namespace Postmaster.Fbl.Dns;

/// <summary>The types that mail needs (RFC 1035 §3.2.2, RFC 3596 §2.1); a number of another type passes through unnamed.</summary>
public enum DnsRecordType : ushort
{
    A = 1,
    NS = 2,
    CNAME = 5,
    SOA = 6,
    PTR = 12,
    MX = 15,
    TXT = 16,
    AAAA = 28,
}
