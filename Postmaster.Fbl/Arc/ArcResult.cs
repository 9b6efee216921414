using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Arc;

/// <summary>The chain validation status of RFC 8617 §4.4.</summary>
public enum ArcStatus
{
    /// <summary>The message carries no chain.</summary>
    None,
    Pass,
    Fail,
}

/// <summary>What is wrong with a chain or a set, in one word for programs; <see cref="ArcProblemText"/> has the words for people.</summary>
public enum ArcProblem
{
    None,
    TooManyFields,
    InstanceUnreadable,
    FieldMissing,
    FieldRepeated,
    InstanceMissing,
    SealSaysFail,
    ChainStatusWrong,
    SealSyntax,
    SealHasSignedFields,
    SealSignature,
    MessageSignatureSyntax,
    MessageSignatureCoversSeal,
    BodyHash,
    MessageSignature,
    Key,
    KeyLookup,
}

/// <summary>The verdict on a chain. RFC 8617 §5.2.1: every failure is final, one of the DNS, too.</summary>
/// <remarks>Information, never evidence: a chain says what its sealers claim, and anyone can seal. It grounds no report and no pass of DMARC here.</remarks>
public sealed record ArcResult
{
    public required ArcStatus Status { get; init; }

    /// <summary>Why the chain failed: the first problem in the order of RFC 8617 §5.2.</summary>
    public required ArcProblem Problem { get; init; }

    /// <summary>The problem in words, with the instance; holds no text of the mail but names and numbers that were parsed.</summary>
    public required string Reason { get; init; }

    /// <summary>
    /// The instance of the oldest ARC-Message-Signature that still verifies, 0 when all do (RFC 8617 §5.2 (5)); null when the newest does not.
    /// </summary>
    public int? OldestPass { get; init; }

    /// <summary>The sets by instance, the oldest first; empty when the structure of the chain could not be made out.</summary>
    public IReadOnlyList<ArcSetResult> Sets { get; init; } = [];
}

/// <summary>What came of one set: the fields with one <c>i=</c>.</summary>
public sealed record ArcSetResult
{
    public required int Instance { get; init; }

    /// <summary>The domain that sealed (<c>d=</c> of ARC-Seal); null when it is unreadable.</summary>
    public DomainName? Sealer { get; init; }

    /// <summary>The selector of the seal; null when it is unreadable.</summary>
    public string? Selector { get; init; }

    /// <summary><c>cv=</c>: what the sealer found of the chain before; null when it is unreadable.</summary>
    public ArcStatus? ChainStatus { get; init; }

    /// <summary>None when the seal verified.</summary>
    public required ArcProblem Seal { get; init; }

    /// <summary>None when the ARC-Message-Signature verifies over the message as it is now; for sets but the newest, a later change is no fault.</summary>
    public required ArcProblem MessageSignature { get; init; }

    /// <summary>The claim of the sealer, unverified: the ARC-Authentication-Results value after <c>i=</c>, unfolded; may hold any character.</summary>
    public required string Claim { get; init; }

    /// <summary>Where the three fields stand, in octets from the start of the message.</summary>
    public required IReadOnlyList<int> Offsets { get; init; }
}
