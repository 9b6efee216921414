namespace Postmaster.Fbl.Dns;

/// <summary>What a response says about the name that was asked, once its CNAMEs are followed as far as the response itself goes.</summary>
/// <param name="Outcome">Where the chain ends.</param>
/// <param name="Name">The last name of the chain.</param>
/// <param name="Ttl">The smallest on the way (for an absence with RFC 2308 §5), zero when the response does not say.</param>
internal sealed record AnswerChain(AnswerOutcome Outcome, DnsName Name, IReadOnlyList<DnsRecord> Records, TimeSpan Ttl)
{
    /// <summary>No honest chain comes near it, and common resolvers give up there too; stops loops and endless chains.</summary>
    public const int MaxAliases = 12;

    /// <param name="seen">The names of the chain before this response, the asked one included; those of this response are added.</param>
    public static AnswerChain Read(DnsMessage response, DnsName asked, DnsRecordType type, HashSet<DnsName> seen)
    {
        var name = asked;
        var ttl = TimeSpan.MaxValue;
        while (true)
        {
            var found = response.Answers.Where(r => r.Type == type && IsOwner(r, name)).ToList();
            if (found.Count > 0)
                return new AnswerChain(AnswerOutcome.Found, name, found, Min(ttl, found.Min(r => r.Ttl)));
            // RFC 1034 §3.6.2: an alias stands for every type but its own.
            var alias = type == DnsRecordType.CNAME ? null : response.Answers.OfType<CnameRecord>().FirstOrDefault(r => IsOwner(r, name));
            if (alias is null || !DnsName.TryParse(alias.Target, out var target))
                return End(response, name, ttl, isAlias: !ReferenceEquals(name, asked));
            ttl = Min(ttl, alias.Ttl);
            if (!seen.Add(target))
                return new AnswerChain(AnswerOutcome.Loop, target, [], TimeSpan.Zero);
            if (seen.Count > 1 + MaxAliases)
                return new AnswerChain(AnswerOutcome.TooLong, target, [], TimeSpan.Zero);
            name = target;
        }
    }

    /// <summary>RFC 2308 §5: the smaller of the SOA record's own TTL and its MINIMUM field.</summary>
    public static TimeSpan NegativeTtl(SoaRecord soa) => Min(soa.Minimum, soa.Ttl);

    private static AnswerChain End(DnsMessage response, DnsName name, TimeSpan ttl, bool isAlias)
    {
        var soa = response.Authorities.OfType<SoaRecord>().FirstOrDefault(r => DnsName.TryParse(r.Name, out var zone) && name.IsEqualOrSubdomainOf(zone));
        var absent = soa is null ? TimeSpan.Zero : Min(ttl, NegativeTtl(soa));
        // RFC 6604 §3: the code of a response with aliases speaks of the last name.
        if (response.ResponseCode == DnsResponseCode.NxDomain)
            return new AnswerChain(AnswerOutcome.NxDomain, name, [], absent);
        if (soa is not null)
            return new AnswerChain(AnswerOutcome.NoData, name, [], absent);
        if (isAlias)
            return new AnswerChain(AnswerOutcome.Unfinished, name, [], ttl);
        // RFC 2308 §2.2: without SOA, with NS and from a server that will not resolve, it is a referral and no answer.
        return !response.IsAuthoritative && !response.RecursionAvailable
            ? new AnswerChain(AnswerOutcome.Referral, name, [], TimeSpan.Zero)
            : new AnswerChain(AnswerOutcome.NoData, name, [], TimeSpan.Zero);
    }

    // Names come from the reader in one spelling apart from case, so their text tells whether they are the same.
    private static bool IsOwner(DnsRecord record, DnsName name) => string.Equals(record.Name, name.Text, StringComparison.OrdinalIgnoreCase);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}

internal enum AnswerOutcome
{
    Found,
    NoData,
    NxDomain,

    /// <summary>The chain leads to a name of which the response holds nothing: ask for that.</summary>
    Unfinished,

    /// <summary>A CNAME leads back to a name of the chain.</summary>
    Loop,

    /// <summary>More than <see cref="AnswerChain.MaxAliases"/>.</summary>
    TooLong,

    /// <summary>The server names others instead of asking them for us.</summary>
    Referral,
}
