using System.Security.Cryptography;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Dkim;

/// <summary>Tries whether a changed body gives the hash that was signed, and keeps count of the work.</summary>
/// <param name="maxHashedOctets">How many octets may be hashed.</param>
internal sealed class BodyHashTrial(DkimSignature signature, RawMessage message, long maxHashedOctets)
{
    /// <summary>Attack: a large broken mail that keeps the reader busy. About a tenth of a second; enough for a thousand tries on usual mail.</summary>
    public const long MaxHashedOctets = 64L * 1024 * 1024;

    /// <summary>How often a body may be hashed where many mails wait: enough for the changes that are common.</summary>
    private const int BriefTries = 32;

    /// <summary>The work that a mail is worth when it is one of many.</summary>
    public static long BriefFor(RawMessage message) => Math.Min(MaxHashedOctets, BriefTries * (message.Body.Length + 256L));

    public RawMessage Message { get; } = message;

    public ReadOnlyMemory<byte> Body => Message.Body;

    public DkimCanonicalization Canonicalization { get; } = signature.BodyCanonicalization;

    public long HashedOctets { get; private set; }

    public bool IsExhausted { get; private set; }

    public bool Matches(ReadOnlySpan<byte> body) => Matches(body, default, default);

    /// <summary>Whether the pieces, one after the other, are the body that was signed.</summary>
    public bool Matches(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third = default)
    {
        if (!TrySpend((long)first.Length + second.Length + third.Length))
            return false;
        using var canonicalizer = Start(Canonicalization);
        canonicalizer.Append(first);
        canonicalizer.Append(second);
        canonicalizer.Append(third);
        return Ends(canonicalizer);
    }

    /// <summary>Whether the body as it is was hashed in another canonical form.</summary>
    public bool MatchesAs(DkimCanonicalization canonicalization)
    {
        if (!TrySpend(Body.Length))
            return false;
        using var canonicalizer = Start(canonicalization);
        canonicalizer.Append(Body.Span);
        return Ends(canonicalizer);
    }

    /// <summary>Whether these octets were hashed as they are.</summary>
    public bool MatchesRaw(ReadOnlySpan<byte> octets)
    {
        if (!TrySpend(octets.Length))
            return false;
        if (signature.BodyLength < octets.Length)
            octets = octets[..(int)signature.BodyLength];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(octets, digest);
        return IsSigned(digest);
    }

    public bool IsSigned(ReadOnlySpan<byte> digest) => digest.SequenceEqual(signature.BodyHash);

    public BodyCanonicalizer Start(DkimCanonicalization canonicalization) => new(canonicalization, signature.BodyLength);

    /// <summary>False when the work is used up; nothing may be hashed then.</summary>
    public bool TrySpend(long octets)
    {
        const int overhead = 256; // a try costs something even when its body is empty
        if (IsExhausted || HashedOctets + octets + overhead > maxHashedOctets)
            IsExhausted = true;
        else
            HashedOctets += octets + overhead;
        return !IsExhausted;
    }

    /// <param name="offset">From the start of the body.</param>
    public BodyHashDiagnosis Found(BodyChange change, string text, int? offset = null, int length = 0) => new()
    {
        Change = change,
        Text = text,
        Proven = true,
        Offset = Message.BodyOffset + offset,
        Length = length,
        HashedOctets = HashedOctets,
    };

    public BodyHashDiagnosis NotFound()
    {
        // RFC 2046 §5.1.1: a multipart without its closing delimiter was most likely cut.
        var cut = Message.HasProblem(MessageProblemCodes.NotClosed);
        return new BodyHashDiagnosis
        {
            Change = cut ? BodyChange.Truncated : BodyChange.Unknown,
            Proven = false,
            Offset = cut ? Message.Bytes.Length : null,
            HashedOctets = HashedOctets,
            Text = cut ? "The end of the body seems to be missing: a multipart is not closed."
                : IsExhausted ? "The body was changed after signing; it is too large to try every usual change."
                : "The body was changed after signing, in a way that none of the usual changes explains.",
        };
    }

    private bool Ends(BodyCanonicalizer canonicalizer)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        canonicalizer.Finish(digest);
        return IsSigned(digest);
    }
}
