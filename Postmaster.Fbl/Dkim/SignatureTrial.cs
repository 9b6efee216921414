using System.Security.Cryptography;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Dkim;

/// <summary>Tries whether the header with one field changed gives what was signed.</summary>
/// <param name="headers">The message's.</param>
/// <param name="signature">In order, with a body hash that verified.</param>
/// <param name="key">The key that did not verify it.</param>
/// <param name="signed">The digest inside the signature; null when it cannot be taken out (Ed25519), then each try is a verification.</param>
internal sealed class SignatureTrial(HeaderBlock headers, DkimSignature signature, DkimPublicKey key, byte[]? signed) : IDisposable
{
    /// <summary>Attack: a long <c>h=</c> over many fields, each of which is tried in a dozen ways.</summary>
    public const int MaxTries = 1000;

    /// <summary>Attack: a huge header, hashed once for each try.</summary>
    public const int MaxHashedOctets = 16 * 1024 * 1024;

    private readonly PooledOctets _octets = new();
    private readonly FieldSelector _fields = new(headers);
    private int _tries;
    private long _hashed;

    public HeaderBlock Headers => headers;

    public DkimSignature Signature => signature;

    public bool IsExhausted => _tries >= MaxTries || _hashed >= MaxHashedOctets;

    /// <summary>The positions of the covered fields, as <see cref="FieldSelector.Pick"/> gives them.</summary>
    public int[] Picked { get; } = new FieldSelector(headers).Pick(signature.SignedFields, OwnPosition(headers, signature));

    public int Count(string name) => _fields.Count(name);

    public bool MatchesAs(DkimCanonicalization canonicalization) => Matches(FieldSelector.Nothing, default, canonicalization);

    /// <summary>Whether the signature verifies with another field in the place of the one that <c>h=</c> lists there.</summary>
    /// <param name="place">The position in <c>h=</c>.</param>
    /// <param name="replacement">A whole field, its line end included; empty for none.</param>
    public bool Matches(int place, ReadOnlySpan<byte> replacement) => Matches(place, replacement, signature.HeaderCanonicalization);

    public void Dispose() => _octets.Dispose();

    private bool Matches(int place, ReadOnlySpan<byte> replacement, DkimCanonicalization canonicalization)
    {
        if (IsExhausted)
            return false;
        _tries++;
        _octets.Clear();
        for (var i = 0; i < Picked.Length; i++)
        {
            if (i == place && !replacement.IsEmpty)
                HeaderCanonicalizer.Write(replacement, canonicalization, _octets);
            else if (i != place && Picked[i] != FieldSelector.Nothing)
                HeaderCanonicalizer.Write(headers[Picked[i]].Raw.Span, canonicalization, _octets);
        }
        HeaderCanonicalizer.WriteSignature(signature.Raw.Span, signature.SignatureRange, canonicalization, _octets);
        _hashed += _octets.Written.Length;
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_octets.Written, digest);
        return signed is null ? key.Verify(digest, signature.Signature) : digest.SequenceEqual(signed);
    }

    private static int OwnPosition(HeaderBlock headers, DkimSignature signature)
    {
        var position = 0;
        while (position < headers.FieldCount && !headers[position].Raw.Equals(signature.Raw))
            position++;
        return position;
    }
}
