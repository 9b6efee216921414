using System.Globalization;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Dkim;

/// <summary>What happened to a body between its signer and us.</summary>
public enum BodyChange
{
    /// <summary>None of the changes that were tried explains the body hash.</summary>
    Unknown,

    /// <summary>Lines were added at the end.</summary>
    FooterAdded,

    /// <summary>Lines were put in elsewhere: a banner on top, a footer inside a part.</summary>
    LinesInserted,

    /// <summary>A whole part was added.</summary>
    PartAdded,

    /// <summary>The signed body is now one part of a larger one.</summary>
    Wrapped,

    /// <summary>Bare CR, bare LF or doubled line ends were changed, or hashed as they were.</summary>
    LineEnds,

    /// <summary>White space within or at the end of lines was changed.</summary>
    WhiteSpace,

    /// <summary>Lines beyond the limit of RFC 5321 §4.5.3.1.6 were cut in two.</summary>
    LongLinesFolded,

    /// <summary>Dots at the start of lines were doubled or not undoubled (RFC 5321 §4.5.2).</summary>
    DotStuffing,

    /// <summary>"From " at the start of lines became "&gt;From ".</summary>
    FromQuoted,

    /// <summary>Parts are now in another transfer encoding.</summary>
    ReEncoded,

    /// <summary>The end is missing.</summary>
    Truncated,

    /// <summary>The signer hashed another canonical form than its <c>c=</c> says.</summary>
    OtherCanonicalization,
}

/// <summary>
/// Why a body hash did not verify, found by undoing what mail systems do to bodies until the hash of RFC 6376 §3.7 comes out.
/// </summary>
/// <remarks>
/// A change is <see cref="Proven"/> when the body without it gives the signed hash; two changes at once stay <see cref="BodyChange.Unknown"/>.
/// The work is bounded by <see cref="BodyHashTrial.MaxHashedOctets"/>.
/// </remarks>
public sealed record BodyHashDiagnosis
{
    public required BodyChange Change { get; init; }

    /// <summary>One sentence for people; holds no text of the mail.</summary>
    public required string Text { get; init; }

    /// <summary>Whether undoing the change gave the signed hash; else it is only likely.</summary>
    public required bool Proven { get; init; }

    /// <summary>Where the change stands, in octets from the start of the message; null when it is all over the body or not known.</summary>
    public int? Offset { get; init; }

    /// <summary>How many octets stand there that were not signed; 0 when something is missing there.</summary>
    public int Length { get; init; }

    /// <summary>How many octets were hashed to find out.</summary>
    public long HashedOctets { get; init; }

    /// <summary>Null unless <paramref name="result"/> failed for its body.</summary>
    /// <param name="message">The message that was verified.</param>
    /// <param name="result">One of the verdicts on it.</param>
    /// <param name="brief">Tries the common changes only: for a run over many mails.</param>
    public static BodyHashDiagnosis? Of(RawMessage message, DkimResult result, bool brief = false)
    {
        if (result.Problem == DkimProblem.BodyShorterThanSigned)
            return ShorterThanSigned(message, result);
        if (result.Problem != DkimProblem.BodyHashMismatch || DkimSignature.Find(message.Headers, result.Index) is not { } signature)
            return null;
        var trial = new BodyHashTrial(signature, message, brief ? BodyHashTrial.BriefFor(message) : BodyHashTrial.MaxHashedOctets);
        return BodyRewrites.Find(trial)
            ?? BodyInsertions.Find(trial)
            ?? BodyReencodings.Find(trial)
            ?? trial.NotFound();
    }

    private static BodyHashDiagnosis ShorterThanSigned(RawMessage message, DkimResult result) => new()
    {
        Change = BodyChange.Truncated,
        Proven = true,
        Offset = message.Bytes.Length,
        Text = string.Create(
            CultureInfo.InvariantCulture,
            $"The end of the body is missing: l= covers {result.BodyLength} octets and {result.CanonicalBodyLength} arrived."),
    };
}
