using System.Security.Cryptography;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Arc;

/// <summary>The verification of the sets of one message against keys that are at hand. The body is hashed once for each form that is asked for.</summary>
internal sealed class ArcVerification(RawMessage message, IReadOnlyList<ArcSet> sets, IReadOnlyDictionary<DomainName, DkimKeyAnswer> keys) : IDisposable
{
    private readonly FieldSelector _fields = new(message.Headers);
    private readonly PooledOctets _octets = new();
    private readonly Dictionary<(DkimCanonicalization Canonicalization, long? Length), (byte[] Digest, long Length)> _bodies = [];

    public ArcSetResult Judge(ArcSet set) => new()
    {
        Instance = set.Instance,
        Sealer = set.Seal.Domain,
        Selector = set.Seal.Selector,
        ChainStatus = set.ChainStatus,
        Seal = set.SealProblem != ArcProblem.None ? set.SealProblem : VerifySeal(set),
        MessageSignature = set.MessageSignatureProblem != ArcProblem.None ? set.MessageSignatureProblem : VerifyMessage(set),
        Claim = ClaimOf(set.Results.Unfolded),
        Offsets = [set.Results.Offset, set.MessageSignatureField.Offset, set.SealField.Offset],
    };

    public void Dispose() => _octets.Dispose();

    private ArcProblem VerifyMessage(ArcSet set)
    {
        var signature = set.MessageSignature;
        var (digest, length) = HashBody(signature);
        if (signature.BodyLength > length || !digest.AsSpan().SequenceEqual(signature.BodyHash))
            return ArcProblem.BodyHash;
        _octets.Clear();
        _fields.Write(signature.SignedFields, set.MessageSignaturePosition, signature.HeaderCanonicalization, _octets);
        return Verify(signature, ArcProblem.MessageSignature);
    }

    /// <summary>RFC 8617 §5.1.1: the fields of every set up to this one, oldest first, always relaxed.</summary>
    private ArcProblem VerifySeal(ArcSet set)
    {
        _octets.Clear();
        foreach (var earlier in sets.TakeWhile(other => other.Instance <= set.Instance))
        {
            HeaderCanonicalizer.Write(earlier.Results.Raw.Span, DkimCanonicalization.Relaxed, _octets);
            HeaderCanonicalizer.Write(earlier.MessageSignatureField.Raw.Span, DkimCanonicalization.Relaxed, _octets);
            if (earlier.Instance < set.Instance)
                HeaderCanonicalizer.Write(earlier.SealField.Raw.Span, DkimCanonicalization.Relaxed, _octets);
        }
        return Verify(set.Seal, ArcProblem.SealSignature);
    }

    /// <summary>Adds the signature's own field to what was gathered, and tries each key of its type.</summary>
    private ArcProblem Verify(DkimSignature signature, ArcProblem mismatch)
    {
        var answer = keys[signature.KeyName!];
        if (answer.Problem != DkimProblem.None)
            return answer.Problem == DkimProblem.DnsFailure ? ArcProblem.KeyLookup : ArcProblem.Key; // §5.2.1: final all the same
        HeaderCanonicalizer.WriteSignature(signature.Raw.Span, signature.SignatureRange, signature.HeaderCanonicalization, _octets);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_octets.Written, digest);
        var type = signature.Algorithm is DkimAlgorithm.RsaSha256 ? DkimKeyType.Rsa : DkimKeyType.Ed25519;
        var problem = ArcProblem.Key;
        foreach (var outcome in answer.Records)
        {
            if (outcome.Record is not { } record || record.KeyType != type || (type == DkimKeyType.Ed25519 && !Ed25519.IsSupported))
                continue;
            if (record.Key.Verify(digest, signature.Signature))
                return ArcProblem.None;
            problem = mismatch;
        }
        return problem;
    }

    private (byte[] Digest, long Length) HashBody(DkimSignature signature)
    {
        var form = (signature.BodyCanonicalization, signature.BodyLength);
        if (_bodies.TryGetValue(form, out var known))
            return known;
        using var canonicalizer = new BodyCanonicalizer(signature.BodyCanonicalization, signature.BodyLength);
        canonicalizer.Append(message.Body.Span);
        var digest = new byte[SHA256.HashSizeInBytes];
        canonicalizer.Finish(digest);
        return _bodies[form] = (digest, canonicalizer.Length);
    }

    private static string ClaimOf(string value) => value[(value.IndexOf(';', StringComparison.Ordinal) + 1)..].Trim();
}
