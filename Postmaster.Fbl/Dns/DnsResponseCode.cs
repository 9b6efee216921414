namespace Postmaster.Fbl.Dns;

/// <summary>RFC 1035 §4.1.1 RCODE with the upper bits of RFC 6891 §6.1.3.</summary>
internal enum DnsResponseCode : ushort
{
    NoError = 0,
    FormErr = 1,
    ServFail = 2,
    NxDomain = 3,
    NotImp = 4,
    Refused = 5,
    BadVers = 16,
}
