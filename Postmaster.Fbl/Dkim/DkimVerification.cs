using System.Globalization;
using System.Security.Cryptography;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Dkim;

/// <summary>
/// The verification of one message against keys that are at hand: no DNS, no waiting. The body is hashed once for each
/// canonicalization and length that its signatures ask for.
/// </summary>
internal sealed class DkimVerification(RawMessage message, DateTimeOffset arrivedAt, DateTimeOffset now, DkimVerifierOptions options) : IDisposable
{
    /// <summary>RFC 5322 §3.6 allows these once, RFC 2369 and RFC 2919 likewise: one more on top is what a reader sees and nobody signed.</summary>
    private static readonly string[] OnceOnly =
    [
        "From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
        "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "List-ID", "List-Unsubscribe", "List-Unsubscribe-Post",
    ];

    private readonly FieldSelector _fields = new(message.Headers);
    private readonly PooledOctets _octets = new();
    private readonly Dictionary<(DkimCanonicalization Canonicalization, long? Length), BodyDigest> _bodies = [];

    /// <param name="signature">Read without a problem.</param>
    /// <param name="fieldIndex">Where its field stands among all fields.</param>
    public DkimResult Judge(DkimSignature signature, int fieldIndex, DkimKeyAnswer keys)
    {
        if (keys.Problem != DkimProblem.None)
            return DkimVerdict.Of(signature, keys.Problem, keys.Description);

        DkimResult? best = null;
        foreach (var outcome in keys.Records)
        {
            var result = Try(signature, fieldIndex, outcome);
            if (result.Status is DkimStatus.Pass or DkimStatus.Policy)
                return result;
            // Of several failures the one with a usable key says more.
            if (best is null || (best.Status != DkimStatus.Fail && result.Status == DkimStatus.Fail))
                best = result;
        }
        return best!;
    }

    public void Dispose() => _octets.Dispose();

    private DkimResult Try(DkimSignature signature, int fieldIndex, DkimRecordOutcome outcome)
    {
        if (JudgeKey(signature, outcome) is var keyProblem and not DkimProblem.None)
            return DkimVerdict.Of(signature, keyProblem) with { KeyBits = outcome.KeyBits, Testing = outcome.Record?.Testing ?? false };

        var body = HashBody(signature.BodyCanonicalization, signature.BodyLength);
        var problem = VerifyWith(signature, fieldIndex, outcome.Record!.Key, body);
        if (problem == DkimProblem.None)
            problem = JudgePolicy(signature, body);
        return DkimVerdict.Of(signature, problem, Detail(problem, signature, body)) with
        {
            Key = outcome.Record.Key,
            KeyBits = outcome.KeyBits,
            Testing = outcome.Record.Testing,
            CanonicalBodyLength = body.Length,
            BareLineFeeds = body.BareLineFeeds,
            UnsignedDuplicates = UnsignedDuplicates(signature),
        };
    }

    private static DkimProblem JudgeKey(DkimSignature signature, DkimRecordOutcome outcome)
    {
        if (outcome.Record is not { } record)
            return outcome.Problem;
        // RFC 6376 §6.1.2: the key has to be of the type that a= names.
        if (record.KeyType != (signature.Algorithm is DkimAlgorithm.RsaSha256 ? DkimKeyType.Rsa : DkimKeyType.Ed25519))
            return DkimProblem.KeyTypeMismatch;
        // RFC 6376 §3.6.1: t=s
        if (record.ExactDomain && signature.IdentityDomain != signature.Domain)
            return DkimProblem.SubdomainNotAllowed;
        return record.KeyType == DkimKeyType.Ed25519 && !Ed25519.IsSupported ? DkimProblem.AlgorithmUnavailable : DkimProblem.None;
    }

    /// <summary>RFC 6376 §6.1.3: the body first, which costs less and fails more often.</summary>
    private DkimProblem VerifyWith(DkimSignature signature, int fieldIndex, DkimPublicKey key, BodyDigest body)
    {
        if (signature.BodyLength > body.Length)
            return DkimProblem.BodyShorterThanSigned; // RFC 6376 §3.5
        if (!body.Digest.AsSpan().SequenceEqual(signature.BodyHash))
            return DkimProblem.BodyHashMismatch;

        _octets.Clear();
        _fields.Write(signature.SignedFields, fieldIndex, signature.HeaderCanonicalization, _octets);
        HeaderCanonicalizer.WriteSignature(signature.Raw.Span, signature.SignatureRange, signature.HeaderCanonicalization, _octets);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_octets.Written, digest);
        return key.Verify(digest, signature.Signature) ? DkimProblem.None : DkimProblem.SignatureMismatch;
    }

    /// <summary>What makes a verified signature unfit to rest anything on.</summary>
    private DkimProblem JudgePolicy(DkimSignature signature, BodyDigest body)
    {
        // RFC 6376 §5.4.2, §8.15: a From that the signature does not cover may be anyone's.
        if (_fields.Count("From") > Mentions(signature, "From"))
            return DkimProblem.UnsignedFrom;
        if (signature.BodyLength < body.Length)
            return DkimProblem.PartialBody; // RFC 6376 §8.2
        // RFC 6376 §3.5: verifiers may ignore signatures from the future and expired ones.
        var skew = (long)options.ClockSkew.TotalSeconds;
        if (signature.ExpiresAt < arrivedAt.ToUnixTimeSeconds() - skew)
            return DkimProblem.Expired;
        return signature.SignedAt > now.ToUnixTimeSeconds() + skew ? DkimProblem.SignedInFuture : DkimProblem.None;
    }

    private static string? Detail(DkimProblem problem, DkimSignature signature, BodyDigest body) => problem switch
    {
        DkimProblem.PartialBody or DkimProblem.BodyShorterThanSigned
            => string.Create(CultureInfo.InvariantCulture, $"l= covers {signature.BodyLength} of {body.Length}"),
        DkimProblem.Expired when DkimVerdict.ToInstant(signature.ExpiresAt) is { } at => string.Create(CultureInfo.InvariantCulture, $"x= was {at:u}"),
        DkimProblem.SignedInFuture when DkimVerdict.ToInstant(signature.SignedAt) is { } at => string.Create(CultureInfo.InvariantCulture, $"t= is {at:u}"),
        _ => null,
    };

    private List<string> UnsignedDuplicates(DkimSignature signature)
    {
        List<string> names = [];
        foreach (var name in OnceOnly)
        {
            // Once is what a signature covers that mentions the field at all; only more are worth counting.
            if (_fields.Count(name) is > 1 and var count && Mentions(signature, name) is > 0 and var mentions && count > mentions)
                names.Add(name);
        }
        return names;
    }

    private static int Mentions(DkimSignature signature, string name)
        => signature.SignedFields.Count(field => string.Equals(field, name, StringComparison.OrdinalIgnoreCase));

    private BodyDigest HashBody(DkimCanonicalization canonicalization, long? length)
    {
        if (_bodies.TryGetValue((canonicalization, length), out var known))
            return known;
        using var canonicalizer = new BodyCanonicalizer(canonicalization, length);
        canonicalizer.Append(message.Body.Span);
        var digest = new byte[SHA256.HashSizeInBytes];
        canonicalizer.Finish(digest);
        return _bodies[(canonicalization, length)] = new BodyDigest(digest, canonicalizer.Length, canonicalizer.BareLineFeeds);
    }

    private sealed record BodyDigest(byte[] Digest, long Length, bool BareLineFeeds);
}
