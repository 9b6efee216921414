namespace Postmaster.Fbl.Dns;

/// <summary>Rules about chains of CNAMEs and about how long an absence holds.</summary>
internal static class AnswerChain
{
    /// <summary>No honest chain comes near it, and common resolvers give up there too; stops loops and endless chains.</summary>
    public const int MaxAliases = 12;

    /// <summary>RFC 2308 §5: the smaller of the SOA record's own TTL and its MINIMUM field.</summary>
    public static TimeSpan NegativeTtl(SoaRecord soa) => soa.Minimum < soa.Ttl ? soa.Minimum : soa.Ttl;
}
