namespace Postmaster.Fbl.Dmarc;

/// <summary>Why a message does not pass, in one word for programs; <see cref="DmarcProblemText"/> has the words for people.</summary>
public enum DmarcProblem
{
    /// <summary>It passes.</summary>
    None,

    // The author.
    NoAuthorDomain,
    UnreadableAuthor,
    TooManyAuthorDomains,

    // The record.
    NoRecord,
    SeveralRecords,
    NoPolicy,

    // The identifiers.
    NotAuthenticated,
    NotAligned,
    SpfNotChecked,

    // The DNS.
    DnsFailure,
    TooManyQueries,
}

/// <summary>The one table that turns a <see cref="DmarcProblem"/> into words; holds no text of a mail or of the DNS.</summary>
public static class DmarcProblemText
{
    public static string Of(DmarcProblem problem) => problem switch
    {
        DmarcProblem.None => "authenticated and aligned",
        DmarcProblem.NoAuthorDomain => "From names no domain",
        DmarcProblem.UnreadableAuthor => "From holds something that is no address",
        DmarcProblem.TooManyAuthorDomains => "From names more domains than are looked at",
        DmarcProblem.NoRecord => "no DMARC record",
        DmarcProblem.SeveralRecords => "several DMARC records at one name, none of which counts",
        DmarcProblem.NoPolicy => "the record has neither a valid policy nor an address for reports",
        DmarcProblem.NotAuthenticated => "neither DKIM nor SPF passed",
        DmarcProblem.NotAligned => "what passed is not aligned with From",
        DmarcProblem.SpfNotChecked => "no aligned DKIM signature passed, and SPF was not checked",
        DmarcProblem.DnsFailure => "DNS could not answer",
        DmarcProblem.TooManyQueries => "more DNS queries than one message is worth",
        _ => throw new ArgumentOutOfRangeException(nameof(problem), problem, null),
    };
}
