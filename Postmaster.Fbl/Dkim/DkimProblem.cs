namespace Postmaster.Fbl.Dkim;

/// <summary>Why a signature or a key is not good, in one word for programs; <see cref="DkimProblemText"/> has the words for people.</summary>
public enum DkimProblem
{
    None,

    // The DKIM-Signature field.
    SignatureSyntax,
    UnknownVersion,
    TagMissing,
    UnsupportedAlgorithm,
    WeakAlgorithm,
    UnsupportedCanonicalization,
    UnsupportedQueryMethod,
    BadDomain,
    BadSelector,
    IdentityMismatch,
    FromNotSigned,
    TooManySignedFields,
    ExpiresBeforeSigned,
    TooManySignatures,

    // The key record.
    NoKey,
    DnsFailure,
    KeySyntax,
    KeyRevoked,
    UnknownKeyType,
    KeyTypeMismatch,
    HashNotAllowed,
    ServiceNotAllowed,
    SubdomainNotAllowed,
    KeyTooSmall,
    KeyTooLarge,
    AlgorithmUnavailable,

    // The message.
    BodyHashMismatch,
    BodyShorterThanSigned,
    SignatureMismatch,

    // Verified, but not acceptable.
    UnsignedFrom,
    PartialBody,
    Expired,
    SignedInFuture,
}
