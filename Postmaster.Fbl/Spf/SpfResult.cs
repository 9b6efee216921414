using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Spf;

/// <summary>RFC 7208 §2.6.</summary>
public enum SpfStatus
{
    None,
    Neutral,
    Pass,
    Fail,
    SoftFail,
    TempError,
    PermError,
}

/// <summary>Whose domain was judged (RFC 7208 §2.3, §2.4).</summary>
public enum SpfIdentity
{
    /// <summary>The domain of MAIL FROM.</summary>
    MailFrom,

    /// <summary>MAIL FROM was <c>&lt;&gt;</c>, so postmaster at the HELO name stood in for it: counts as MAIL FROM, DMARC included.</summary>
    NullMailFrom,

    /// <summary>The HELO name for itself: no ground for DMARC (RFC 9989 §4.4.2).</summary>
    Helo,
}

/// <summary>The verdict on one client and one domain, with everything that it rests on.</summary>
public sealed record SpfResult
{
    public required SpfStatus Status { get; init; }

    public required SpfProblem Problem { get; init; }

    public required SpfIdentity Identity { get; init; }

    /// <summary>The domain that was judged; null when it was no domain name, and then the status is none.</summary>
    public DomainName? Domain { get; init; }

    /// <summary>The mechanism that matched, as written: <c>-all</c>, or <c>include:_spf.example.org</c> for one inside. Null when none did.</summary>
    public string? Mechanism { get; init; }

    /// <summary>
    /// What the domain wants to be told to the sender of a message that fails (<c>exp=</c>), in visible US-ASCII, cut at a bound. Outside text,
    /// partly from the envelope. Null when there is none to be had, and whenever the status is not fail.
    /// </summary>
    public string? Explanation { get; init; }

    /// <summary>Terms that ask DNS, in all records (RFC 7208 §4.6.4). One above the limit when that was the problem.</summary>
    public int Lookups { get; init; }

    /// <summary>Those of them for which DNS held nothing (RFC 7208 §4.6.4).</summary>
    public int VoidLookups { get; init; }

    /// <summary>What was done; null when the domain was none and nothing was asked.</summary>
    public SpfTrace? Trace { get; init; }

    /// <summary>The particulars of the problem: a term, its place, the word of DNS. Outside text without controls; null when there are none.</summary>
    public string? Detail { get; init; }

    /// <summary>The verdict in words: the problem with its particulars, or what matched. Contains outside text without controls.</summary>
    public string Reason => (Problem, Detail, Mechanism) switch
    {
        (SpfProblem.None, _, null) => "no mechanism matched",
        (SpfProblem.None, _, { } mechanism) => mechanism + " matched",
        (_, null, _) => SpfProblemText.Of(Problem),
        (_, { } detail, _) => $"{SpfProblemText.Of(Problem)}: {detail}",
    };
}
