namespace Postmaster.Fbl.Dkim;

/// <summary>A public key as a domain publishes it at <c>selector._domainkey.domain</c> (RFC 6376 §3.6.1), fit for mail and SHA-256.</summary>
public sealed record DkimRecord
{
    internal DkimRecord(DkimPublicKey key, bool testing, bool exactDomain)
        => (Key, Testing, ExactDomain) = (key, testing, exactDomain);

    public DkimKeyType KeyType => Key.Type;

    /// <summary>Modulus bits for RSA, 256 for Ed25519.</summary>
    public int KeyBits => Key.Bits;

    /// <summary><c>t=y</c>: the domain tests DKIM.</summary>
    public bool Testing { get; }

    /// <summary><c>t=s</c>: the domain of <c>i=</c> must equal <c>d=</c>.</summary>
    public bool ExactDomain { get; }

    internal DkimPublicKey Key { get; }
}
