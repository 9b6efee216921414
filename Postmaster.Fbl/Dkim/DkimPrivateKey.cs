using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Postmaster.Fbl.Dkim;

/// <summary>A signing key. Safe for many threads.</summary>
public sealed class DkimPrivateKey : IDisposable
{
    private const string Ed25519Oid = "1.3.101.112"; // RFC 8410 §3
    private const string PrivateKeyLabel = "PRIVATE KEY";

    private readonly RSA? _rsa;
    private readonly byte[]? _seed;

    private DkimPrivateKey(RSA rsa)
    {
        _rsa = rsa;
        KeyType = DkimKeyType.Rsa;
        PublicKeyRecord = $"v=DKIM1; k=rsa; p={Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo())}";
    }

    private DkimPrivateKey(byte[] seed)
    {
        _seed = seed;
        KeyType = DkimKeyType.Ed25519;
        PublicKeyRecord = $"v=DKIM1; k=ed25519; p={Convert.ToBase64String(Ed25519.PublicKeyOf(seed))}";
    }

    /// <summary>Whether Ed25519 keys can be made and used here: it needs OpenSSL's libcrypto.</summary>
    public static bool IsEd25519Supported => Ed25519.IsSupported;

    public DkimKeyType KeyType { get; }

    /// <summary>What <c>a=</c> says of signatures by this key.</summary>
    public string Algorithm => KeyType == DkimKeyType.Rsa ? DkimAlgorithm.RsaSha256 : DkimAlgorithm.Ed25519Sha256;

    /// <summary>
    /// The TXT value to publish at <c>selector._domainkey.domain</c>, in one piece; in a zone file it has to be cut into strings
    /// of at most 255 octets.
    /// </summary>
    public string PublicKeyRecord { get; }

    /// <param name="bits">1024 to 8192; RFC 8301 §3.2 wants at least 2048.</param>
    public static DkimPrivateKey CreateRsa(int bits = 2048)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, DkimPublicKey.MinRsaBits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, DkimPublicKey.MaxRsaBits);
        return new DkimPrivateKey(RSA.Create(bits));
    }

    /// <exception cref="PlatformNotSupportedException">There is no libcrypto, see <see cref="IsEd25519Supported"/>.</exception>
    public static DkimPrivateKey CreateEd25519() => new(RandomNumberGenerator.GetBytes(Ed25519.KeySize));

    /// <summary>Reads an unencrypted key in PKCS #8 ("PRIVATE KEY") or, for RSA, PKCS #1 ("RSA PRIVATE KEY").</summary>
    /// <exception cref="FormatException">The text holds no such key; the message holds nothing of it.</exception>
    public static DkimPrivateKey FromPem(string pem)
    {
        if (!PemEncoding.TryFind(pem, out var fields))
            throw new FormatException("Not a PEM file.");
        if (pem[fields.Label] is PrivateKeyLabel && TryReadEd25519(Convert.FromBase64String(pem[fields.Base64Data]), out var seed))
            return new DkimPrivateKey(seed);

        var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(pem);
            rsa.ExportParameters(includePrivateParameters: true);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            rsa.Dispose();
            throw new FormatException("Not an unencrypted RSA or Ed25519 private key in PEM.", e);
        }
        return new DkimPrivateKey(rsa);
    }

    /// <summary>PKCS #8, unencrypted: a secret.</summary>
    public string ExportPem() => _rsa is not null ? _rsa.ExportPkcs8PrivateKeyPem() : PemEncoding.WriteString(PrivateKeyLabel, EncodeEd25519(_seed!));

    public void Dispose()
    {
        _rsa?.Dispose();
        if (_seed is not null)
            CryptographicOperations.ZeroMemory(_seed);
    }

    /// <summary>Signs the SHA-256 digest of the header (RFC 6376 §3.3.2, RFC 8463 §3).</summary>
    internal byte[] Sign(ReadOnlySpan<byte> digest)
        => _rsa is not null ? _rsa.SignHash(digest, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : Ed25519.Sign(_seed, digest);

    /// <summary>For keys known by their 32 octets, such as those of RFC 8463 appendix A.</summary>
    internal static DkimPrivateKey FromEd25519Seed(byte[] seed) => new([.. seed]);

    private static bool TryReadEd25519(byte[] der, out byte[] seed)
    {
        seed = [];
        try
        {
            // RFC 8410 §7: version, algorithm, and the key as an octet string inside an octet string
            var info = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
            info.ReadInteger();
            if (info.ReadSequence().ReadObjectIdentifier() is not Ed25519Oid)
                return false;
            seed = new AsnReader(info.ReadOctetString(), AsnEncodingRules.DER).ReadOctetString();
            return seed.Length == Ed25519.KeySize;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static byte[] EncodeEd25519(byte[] seed)
    {
        var key = new AsnWriter(AsnEncodingRules.DER);
        key.WriteOctetString(seed);
        var info = new AsnWriter(AsnEncodingRules.DER);
        using (info.PushSequence())
        {
            info.WriteInteger(0);
            using (info.PushSequence())
                info.WriteObjectIdentifier(Ed25519Oid);
            info.WriteOctetString(key.Encode());
        }
        return info.Encode();
    }
}
