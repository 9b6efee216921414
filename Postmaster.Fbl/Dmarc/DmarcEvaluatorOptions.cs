using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Dmarc;

/// <summary>What RFC 9989 leaves to the receiver.</summary>
public sealed record DmarcEvaluatorOptions
{
    /// <summary>Attack: signatures of many deep domains, each with its tree walk of eight queries. All queries of one message together.</summary>
    public int MaxQueries { get; init; } = 64;

    /// <summary>Attack: a From field of a thousand domains (RFC 9989 §11.5). The whole is a permerror when there are more.</summary>
    public int MaxAuthorDomains { get; init; } = 4;

    /// <summary>RFC 6376 §3.6.1 treats a signature whose key says <c>t=y</c> as none; many receivers count it.</summary>
    public bool CountTestSignatures { get; init; }

    /// <summary>
    /// Tells the public suffix of a domain (for <c>news.example.co.uk</c> it is <c>co.uk</c>), for the view of RFC 7489. Null: that view is not made.
    /// </summary>
    public Func<DomainName, DomainName>? PublicSuffixOf { get; init; }
}
