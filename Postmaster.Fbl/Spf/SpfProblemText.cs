namespace Postmaster.Fbl.Spf;

/// <summary>The one table that turns an <see cref="SpfProblem"/> into words and into a status; holds no text of a mail or of the DNS.</summary>
public static class SpfProblemText
{
    public static string Of(SpfProblem problem) => problem switch
    {
        SpfProblem.None => "evaluated",
        SpfProblem.BadDomain => "not a domain name of two labels or more",
        SpfProblem.NoRecord => "no SPF record",
        SpfProblem.SeveralRecords => "more than one SPF record",
        SpfProblem.RecordTooLong => "the record is too long",
        SpfProblem.BadCharacter => "a character other than visible US-ASCII and spaces",
        SpfProblem.BadTerm => "neither a mechanism nor a modifier",
        SpfProblem.UnknownMechanism => "unknown mechanism",
        SpfProblem.ArgumentMissing => "the mechanism lacks its argument",
        SpfProblem.UnexpectedArgument => "the mechanism takes no such argument",
        SpfProblem.BadDomainSpec => "the domain does not end in a macro or in a label such as .example",
        SpfProblem.AddressAsDomain => "an IP address where a domain belongs: write ip4:",
        SpfProblem.BadMacro => "a malformed macro",
        SpfProblem.BadIp4 => "not an IPv4 network",
        SpfProblem.BadIp6 => "not an IPv6 network",
        SpfProblem.BadPrefixLength => "a bad prefix length",
        SpfProblem.RepeatedModifier => "redirect= and exp= may stand only once",
        SpfProblem.IncludeWithoutRecord => "the included domain has no SPF record",
        SpfProblem.RedirectWithoutRecord => "the domain of redirect= has no SPF record",
        SpfProblem.TooManyLookups => "more DNS look-ups than allowed",
        SpfProblem.TooManyVoidLookups => "more look-ups without an answer than allowed",
        SpfProblem.TooManyMxNames => "more MX names than allowed",
        SpfProblem.DnsFailure => "DNS could not answer",
        SpfProblem.TimeLimit => "DNS took too long",
        _ => throw new ArgumentOutOfRangeException(nameof(problem), problem, null),
    };

    /// <summary>RFC 7208 §2.6: what a check comes to that meets the problem.</summary>
    internal static SpfStatus StatusOf(SpfProblem problem) => problem switch
    {
        SpfProblem.BadDomain or SpfProblem.NoRecord => SpfStatus.None,
        SpfProblem.DnsFailure or SpfProblem.TimeLimit => SpfStatus.TempError,
        _ => SpfStatus.PermError,
    };
}
