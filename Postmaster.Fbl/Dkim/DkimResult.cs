using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Dkim;

/// <summary>
/// What came of one signature, in the words of RFC 8601 §2.7.1. A signature or key that breaks RFC 6376 (its PERMFAIL) is
/// <see cref="PermError"/>; one that this verifier has to ignore, such as an unknown algorithm, is <see cref="Neutral"/>;
/// one that verified but is not acceptable is <see cref="Policy"/>.
/// </summary>
public enum DkimStatus
{
    None,
    Pass,
    Fail,
    Policy,
    Neutral,
    TempError,
    PermError,
}

/// <summary>The verdict on one DKIM-Signature field, with everything that it rests on.</summary>
public sealed record DkimResult
{
    public required DkimStatus Status { get; init; }

    public required DkimProblem Problem { get; init; }

    /// <summary>The problem in words, with the particulars; holds no text of the mail but names and numbers that were parsed.</summary>
    public required string Reason { get; init; }

    /// <summary>The position of the field among the message's DKIM-Signature fields, from 0 at the top.</summary>
    public required int Index { get; init; }

    /// <summary>The signing domain (<c>d=</c>); null when it is missing or not a domain name.</summary>
    public DomainName? Domain { get; init; }

    /// <summary><c>s=</c>; null when it is missing or not a name.</summary>
    public string? Selector { get; init; }

    /// <summary><c>a=</c> in lower case, also when it is unknown; null when it is missing.</summary>
    public string? Algorithm { get; init; }

    /// <summary>The size of the key that was tried last: modulus bits for RSA, 256 for Ed25519, 0 when no key was read.</summary>
    public int KeyBits { get; init; }

    /// <summary>The key says <c>t=y</c>: the domain tests DKIM, and the message is to be treated as unsigned (RFC 6376 §3.6.1).</summary>
    public bool Testing { get; init; }

    /// <summary><c>l=</c>: how many octets of the canonical body are signed; null when all are.</summary>
    public long? BodyLength { get; init; }

    /// <summary>The length of the whole canonical body in octets; null when it was not looked at.</summary>
    public long? CanonicalBodyLength { get; init; }

    /// <summary><c>t=</c>; null when absent or beyond the year 9999.</summary>
    public DateTimeOffset? SignedAt { get; init; }

    /// <summary><c>x=</c>; null when absent or beyond the year 9999.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary><c>i=</c> as written, or <c>@</c> and the domain when it is absent (RFC 6376 §3.5); null when the field is unreadable.</summary>
    public string? Identity { get; init; }

    /// <summary>The first eight characters of <c>b=</c>, which tell signatures of one domain apart (RFC 6008); empty when there are none.</summary>
    public string SignaturePrefix { get; init; } = "";

    /// <summary>The names in <c>h=</c> as written, in order, repeats included.</summary>
    public IReadOnlyList<string> SignedFields { get; init; } = [];

    /// <summary>
    /// Names of fields that stand in the message more often than <c>h=</c> covers although they are listed or are shown to people:
    /// the topmost instances could have been added by anyone.
    /// </summary>
    public IReadOnlyList<string> UnsignedDuplicates { get; init; } = [];

    /// <summary>The body was received with bare LF line ends and hashed with CRLF.</summary>
    public bool BareLineFeeds { get; init; }

    /// <summary>The key that was tried last; null when none was read. For the diagnosis of what failed.</summary>
    internal DkimPublicKey? Key { get; init; }

    /// <summary>It passed, with a key that is not in test.</summary>
    public bool IsValid => Status == DkimStatus.Pass && !Testing;

    /// <summary>
    /// Whether the signing domain may be told about complaints on the strength of this verdict: it passed, over the whole body,
    /// with a key that is neither in test nor short.
    /// </summary>
    public bool IsGroundForReport
        => IsValid && Domain is not null
        && (BodyLength is null || BodyLength == CanonicalBodyLength)
        && (Algorithm is DkimAlgorithm.Ed25519Sha256 || KeyBits >= DkimPublicKey.MinRsaBits);

    /// <summary>Whether <c>h=</c> covers every instance of the field in the message (RFC 6376 §5.4.2: it binds from the bottom up); false when there is none.</summary>
    public bool Covers(HeaderBlock headers, string field)
    {
        var instances = headers.Count(field);
        return instances > 0 && instances <= SignedFields.Count(name => name.Equals(field, StringComparison.OrdinalIgnoreCase));
    }
}
