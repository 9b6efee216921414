using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Dmarc;

/// <summary>RFC 9989 §9.2.</summary>
public enum DmarcStatus
{
    /// <summary>No record rules the author domain.</summary>
    None,
    Pass,
    Fail,
    TempError,
    PermError,
}

/// <summary>Which tag of the record the policy is from.</summary>
public enum DmarcPolicySource
{
    /// <summary><c>p</c>.</summary>
    Domain,

    /// <summary><c>sp</c>.</summary>
    Subdomain,

    /// <summary><c>np</c>.</summary>
    NonexistentSubdomain,

    /// <summary>A policy was missing or malformed, so it is none (RFC 9989 §4.10.1).</summary>
    Assumed,
}

/// <summary>How a domain that DKIM or SPF speaks for stands to the author domain.</summary>
public enum DmarcAlignment
{
    None,

    /// <summary>The same organizational domain.</summary>
    Relaxed,

    /// <summary>The same domain.</summary>
    Strict,

    /// <summary>DNS did not tell the organizational domain.</summary>
    Unknown,
}

/// <summary>The mechanism that an identifier is from.</summary>
public enum DmarcMechanism
{
    Dkim,
    Spf,
}

/// <summary>A domain that DKIM or SPF speaks for (RFC 9989 §3.2.1), held against the author domain.</summary>
/// <param name="IsAuthenticated">The mechanism passed; false when DNS kept it from a result (temperror), or the key is in test.</param>
/// <param name="IsTest">DKIM passed with a key that says <c>t=y</c>: to be treated as unsigned (RFC 6376 §3.6.1).</param>
public sealed record DmarcIdentifier(DmarcMechanism Mechanism, DomainName Domain, DmarcAlignment Alignment, bool IsAuthenticated, bool IsTest)
{
    public bool IsAligned => Alignment is DmarcAlignment.Relaxed or DmarcAlignment.Strict;
}

/// <summary>The verdict on one author domain, or on the whole of several, with everything that it rests on.</summary>
public sealed record DmarcResult
{
    public required DmarcStatus Status { get; init; }

    public required DmarcProblem Problem { get; init; }

    /// <summary>The verdict in words, with domain names and answers of DNS; no other text of the mail.</summary>
    public required string Reason { get; init; }

    /// <summary>Null when From names none.</summary>
    public DomainName? AuthorDomain { get; init; }

    /// <summary>By the tree walk; null when it is not known.</summary>
    public DomainName? OrganizationalDomain { get; init; }

    /// <summary>Where <see cref="Record"/> stands; null without one.</summary>
    public DomainName? PolicyDomain { get; init; }

    public DmarcRecord? Record { get; init; }

    /// <summary>What the owner published for this author domain.</summary>
    public DmarcPolicy Policy { get; init; }

    public DmarcPolicySource PolicySource { get; init; }

    /// <summary>The policy for mail that fails, once <c>t=y</c> has taken it one level down (RFC 9989 §4.7, t).</summary>
    public DmarcPolicy PolicyInEffect => Record is { Testing: true } && Policy != DmarcPolicy.None ? Policy - 1 : Policy;

    /// <summary>What the owner asks for this very message: none unless it fails.</summary>
    public DmarcPolicy AppliedPolicy => Status == DmarcStatus.Fail && Problem != DmarcProblem.SpfNotChecked ? PolicyInEffect : DmarcPolicy.None;

    /// <summary>What DKIM and SPF found that could count, in order.</summary>
    public IReadOnlyList<DmarcIdentifier> Identifiers { get; init; } = [];

    /// <summary>What was found in DNS for the message, in order.</summary>
    public IReadOnlyList<DmarcLookup> Lookups { get; init; } = [];

    /// <summary>
    /// One verdict for each author domain when there are several; this one is then the strictest of those that fail (RFC 9989 §11.5), or the
    /// worst. Empty in the usual case of one.
    /// </summary>
    public IReadOnlyList<DmarcResult> Authors { get; init; } = [];

    /// <summary>What a receiver that still goes by RFC 7489 would say; null when that is the same, or there is no list of public suffixes to tell.</summary>
    public DmarcLegacyView? Legacy { get; init; }
}
