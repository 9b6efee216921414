using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;

namespace Postmaster.Fbl.Dkim;

/// <summary>
/// A public key ready to verify with. Importing an RSA key costs several times what a verification costs, so keys are kept
/// (<see cref="DkimRecordCache"/>) and used by many threads; nothing changes a key after it is made.
/// </summary>
internal sealed class DkimPublicKey
{
    /// <summary>RFC 8301 §3.2: shorter keys must not be taken as valid.</summary>
    public const int MinRsaBits = 1024;

    /// <summary>RFC 8301 §3.2 asks for 4096; above this a key only serves to keep a verifier busy.</summary>
    public const int MaxRsaBits = 8192;

    /// <summary>Attack: a huge exponent makes each verification as slow as a signature. Every key in use has 65537 or 3.</summary>
    private const int MaxExponentOctets = 8;

    private const string RsaEncryption = "1.2.840.113549.1.1.1";

    /// <summary>RFC 8017 §9.2, note 1.</summary>
    private static readonly byte[] Sha256DigestInfo = Convert.FromHexString("3031300D060960864801650304020105000420");

    private readonly RSA? _rsa;
    private readonly byte[]? _ed25519;

    private DkimPublicKey(RSA rsa, int bits) => (_rsa, Bits, Type) = (rsa, bits, DkimKeyType.Rsa);

    private DkimPublicKey(byte[] ed25519) => (_ed25519, Bits, Type) = (ed25519, 256, DkimKeyType.Ed25519);

    public DkimKeyType Type { get; }

    public int Bits { get; }

    /// <summary>Verifies a signature over the SHA-256 digest of the header (RFC 6376 §3.3.2, RFC 8463 §3).</summary>
    public bool Verify(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
        => _rsa is not null
            ? _rsa.VerifyHash(digest, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : Ed25519.Verify(_ed25519, digest, signature);

    /// <summary>
    /// What an RSA signature was made over: the digest inside it, null when it was not made by this key's other half (RFC 8017 §8.2.2).
    /// For telling a changed message from a wrong key, never for verifying.
    /// </summary>
    public byte[]? RecoverDigest(ReadOnlySpan<byte> signature)
    {
        if (_rsa is null || signature.Length > _rsa.KeySize / 8)
            return null;
        var key = _rsa.ExportParameters(includePrivateParameters: false);
        var opened = BigInteger.ModPow(
            new BigInteger(signature, isUnsigned: true, isBigEndian: true),
            new BigInteger(key.Exponent, isUnsigned: true, isBigEndian: true),
            new BigInteger(key.Modulus, isUnsigned: true, isBigEndian: true)).ToByteArray(isUnsigned: true, isBigEndian: true);
        // 00 01 FF..FF 00 and the DigestInfo of SHA-256; the first zero is no part of the number.
        var padding = opened.Length - 1 - Sha256DigestInfo.Length - SHA256.HashSizeInBytes - 1;
        var whole = padding >= 8 && opened[0] == 1 && opened.Length == key.Modulus!.Length - 1
            && opened.AsSpan(1, padding).IndexOfAnyExcept((byte)0xFF) < 0 && opened[padding + 1] == 0
            && opened.AsSpan(padding + 2).StartsWith(Sha256DigestInfo);
        return whole ? opened[^SHA256.HashSizeInBytes..] : null;
    }

    public static DkimPublicKey? FromEd25519(ReadOnlySpan<byte> raw, out DkimProblem problem)
    {
        problem = raw.Length == Ed25519.KeySize ? DkimProblem.None : DkimProblem.KeySyntax; // RFC 8463 §4
        return problem == DkimProblem.None ? new DkimPublicKey(raw.ToArray()) : null;
    }

    /// <summary>
    /// Reads a DER key: RFC 6376 §3.6.1 speaks of an RSAPublicKey, the world publishes it inside a SubjectPublicKeyInfo; both are taken.
    /// </summary>
    /// <param name="bits">The size of the modulus, also when it is the problem.</param>
    public static DkimPublicKey? FromRsa(ReadOnlyMemory<byte> der, out int bits, out DkimProblem problem)
    {
        bits = 0;
        problem = DkimProblem.KeySyntax;
        try
        {
            var outer = new AsnReader(der, AsnEncodingRules.DER);
            var sequence = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            if (sequence.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
            {
                var algorithm = sequence.ReadSequence();
                if (!string.Equals(algorithm.ReadObjectIdentifier(), RsaEncryption, StringComparison.Ordinal))
                    return null;
                var inner = new AsnReader(sequence.ReadBitString(out _), AsnEncodingRules.DER);
                sequence.ThrowIfNotEmpty();
                sequence = inner.ReadSequence();
                inner.ThrowIfNotEmpty();
            }
            var modulus = sequence.ReadIntegerBytes().Span.TrimStart((byte)0);
            var exponent = sequence.ReadIntegerBytes().Span.TrimStart((byte)0);
            sequence.ThrowIfNotEmpty();
            if (modulus.IsEmpty || exponent.IsEmpty)
                return null;

            bits = (modulus.Length * 8) - BitOperations.LeadingZeroCount((uint)modulus[0] << 24);
            problem = Judge(modulus, exponent, bits);
            return problem == DkimProblem.None ? Import(modulus, exponent, bits) : null;
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            problem = DkimProblem.KeySyntax;
            return null;
        }
    }

    private static DkimProblem Judge(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent, int bits)
    {
        if (bits < MinRsaBits)
            return DkimProblem.KeyTooSmall;
        if (bits > MaxRsaBits || exponent.Length > MaxExponentOctets)
            return DkimProblem.KeyTooLarge;
        var exponentIsOdd = (exponent[^1] & 1) == 1 && !(exponent.Length == 1 && exponent[0] == 1);
        return exponentIsOdd && (modulus[^1] & 1) == 1 ? DkimProblem.None : DkimProblem.KeySyntax;
    }

    private static DkimPublicKey Import(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent, int bits)
    {
        var rsa = RSA.Create(new RSAParameters { Modulus = modulus.ToArray(), Exponent = exponent.ToArray() });
        return new DkimPublicKey(rsa, bits);
    }
}
