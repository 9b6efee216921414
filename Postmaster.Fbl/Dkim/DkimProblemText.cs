namespace Postmaster.Fbl.Dkim;

/// <summary>The one table that turns a <see cref="DkimProblem"/> into words; never holds text of a mail or of the DNS.</summary>
public static class DkimProblemText
{
    public static string Of(DkimProblem problem) => problem switch
    {
        DkimProblem.None => "signature verified",
        DkimProblem.SignatureSyntax => "signature field is malformed",
        DkimProblem.UnknownVersion => "v= is not 1",
        DkimProblem.TagMissing => "a required tag is missing",
        DkimProblem.UnsupportedAlgorithm => "a= names an unknown algorithm",
        DkimProblem.WeakAlgorithm => "rsa-sha1 must not be used",
        DkimProblem.UnsupportedCanonicalization => "c= names an unknown canonicalization",
        DkimProblem.UnsupportedQueryMethod => "q= names no known method",
        DkimProblem.BadDomain => "d= is not a domain name of two labels or more",
        DkimProblem.BadSelector => "s= is not a selector",
        DkimProblem.IdentityMismatch => "i= is not within d=",
        DkimProblem.FromNotSigned => "h= does not list From",
        DkimProblem.TooManySignedFields => "h= lists too many fields",
        DkimProblem.ExpiresBeforeSigned => "x= is not after t=",
        DkimProblem.TooManySignatures => "more signatures than are looked at",
        DkimProblem.NoKey => "no key",
        DkimProblem.DnsFailure => "key could not be looked up",
        DkimProblem.KeySyntax => "key record is malformed",
        DkimProblem.KeyRevoked => "key revoked",
        DkimProblem.UnknownKeyType => "k= names an unknown key type",
        DkimProblem.KeyTypeMismatch => "key is of another type than a= says",
        DkimProblem.HashNotAllowed => "key does not allow sha256",
        DkimProblem.ServiceNotAllowed => "key is not for mail",
        DkimProblem.SubdomainNotAllowed => "key forbids i= in a subdomain of d=",
        DkimProblem.KeyTooSmall => "RSA key is shorter than 1024 bits",
        DkimProblem.KeyTooLarge => "RSA key is longer than 8192 bits",
        DkimProblem.AlgorithmUnavailable => "ed25519 is unsupported on this machine",
        DkimProblem.BodyHashMismatch => "body hash did not verify",
        DkimProblem.BodyShorterThanSigned => "body is shorter than l= says",
        DkimProblem.SignatureMismatch => "signature did not verify",
        DkimProblem.UnsignedFrom => "unsigned From: there are more From fields than h= lists",
        DkimProblem.PartialBody => "l= leaves a part of the body unsigned",
        DkimProblem.Expired => "signature expired",
        DkimProblem.SignedInFuture => "signed in the future",
        _ => throw new ArgumentOutOfRangeException(nameof(problem), problem, null),
    };
}
