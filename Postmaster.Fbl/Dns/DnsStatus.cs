namespace Postmaster.Fbl.Dns;

/// <summary>The outcome of a question. The first three are facts about the name; the last two only say that we do not know yet.</summary>
public enum DnsStatus
{
    /// <summary>At least one record of the asked type.</summary>
    Found,

    /// <summary>The name exists, without a record of the asked type (RFC 2308 §2.2).</summary>
    NoData,

    /// <summary>Neither the name nor anything below it exists (RFC 8020).</summary>
    NxDomain,

    /// <summary>Every server failed, refused, answered nonsense or could not be reached: temporary.</summary>
    ServFail,

    /// <summary>No server answered in time: temporary.</summary>
    Timeout,
}
