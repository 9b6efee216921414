using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Dkim;

/// <summary>What happened to the signed header between its signer and us.</summary>
public enum HeaderChange
{
    /// <summary>None of the changes that were tried explains it.</summary>
    Unknown,

    /// <summary>The signature was made by another key than the one that is published, or damaged.</summary>
    OtherKey,

    /// <summary>A field was added although the signature forbids it, or more instances of it.</summary>
    FieldAdded,

    /// <summary>A field that was signed is gone.</summary>
    FieldRemoved,

    /// <summary>Another instance of the field is meant: the order of fields changed.</summary>
    FieldMoved,

    /// <summary>The field was folded or spaced differently.</summary>
    WhiteSpace,

    /// <summary>Words were put before the subject.</summary>
    SubjectPrefix,

    /// <summary>The value was written differently: quotes, encoding words, another transfer encoding.</summary>
    Rewritten,

    /// <summary>The signer hashed another canonical form than its <c>c=</c> says.</summary>
    OtherCanonicalization,
}

/// <summary>Why the signature over the header did not verify although the body hash did, found by undoing one change to one field at a time.</summary>
/// <remarks>The work is bounded by <see cref="SignatureTrial.MaxTries"/> and <see cref="SignatureTrial.MaxHashedOctets"/>.</remarks>
public sealed record SignatureDiagnosis
{
    public required HeaderChange Change { get; init; }

    /// <summary>One sentence for people; of the mail it holds the name of a field, which is printable ASCII.</summary>
    public required string Text { get; init; }

    /// <summary>Whether undoing the change made the signature verify; else it is only likely.</summary>
    public required bool Proven { get; init; }

    /// <summary>The field that was changed, as the message or <c>h=</c> writes it; null when none is to blame.</summary>
    public string? Field { get; init; }

    /// <summary>Where that field stands, in octets from the start of the message; null when it is missing.</summary>
    public int? Offset { get; init; }

    /// <summary>Octets of the field, its line end included.</summary>
    public int Length { get; init; }

    /// <summary>Null unless <paramref name="result"/> failed for its signature.</summary>
    /// <param name="message">The message that was verified.</param>
    /// <param name="result">One of the verdicts on it, as the verifier gave it.</param>
    public static SignatureDiagnosis? Of(RawMessage message, DkimResult result)
    {
        if (result is not { Problem: DkimProblem.SignatureMismatch, Key: { } key } || DkimSignature.Find(message.Headers, result.Index) is not { } signature)
            return null;
        var digest = key.RecoverDigest(signature.Signature);
        if (digest is null && key.Type == DkimKeyType.Rsa)
        {
            return new SignatureDiagnosis
            {
                Change = HeaderChange.OtherKey,
                Proven = true,
                Text = "The signature was made with another key than the one that DNS publishes under this selector, or b= is damaged.",
            };
        }
        using var trial = new SignatureTrial(message.Headers, signature, key, digest);
        return HeaderFieldRewrites.Find(trial);
    }
}
