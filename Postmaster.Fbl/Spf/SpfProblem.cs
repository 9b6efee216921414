namespace Postmaster.Fbl.Spf;

/// <summary>What is wrong, in one word for programs; <see cref="SpfProblemText"/> has the words for people.</summary>
public enum SpfProblem
{
    /// <summary>Nothing is: the record was evaluated to its end.</summary>
    None,

    // There is nothing to judge by.
    BadDomain,
    NoRecord,

    // The record.
    SeveralRecords,
    RecordTooLong,
    BadCharacter,
    BadTerm,
    UnknownMechanism,
    ArgumentMissing,
    UnexpectedArgument,
    BadDomainSpec,
    AddressAsDomain,
    BadMacro,
    BadIp4,
    BadIp6,
    BadPrefixLength,
    RepeatedModifier,

    // Its evaluation.
    IncludeWithoutRecord,
    RedirectWithoutRecord,
    TooManyLookups,
    TooManyVoidLookups,
    TooManyMxNames,

    // The DNS.
    DnsFailure,
    TimeLimit,
}
