using Postmaster.Fbl.Authentication;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Cfbl;

public enum CfblSignatureState
{
    Valid,
    NotValid,

    /// <summary>DNS gave no usable answer.</summary>
    Undecided,
}

/// <summary>What the evaluation needs of one signature of a message, on whoever's word it is known.</summary>
/// <param name="SignedFields"><c>h=</c>, repeats included.</param>
/// <param name="Reason">Why it is not valid, in words without text of the mail; empty when it is.</param>
public sealed record CfblSignature(DomainName Domain, IReadOnlyList<string> SignedFields, CfblSignatureState State, string Reason)
{
    /// <summary><c>s=</c>; null when it is not told.</summary>
    public string? Selector { get; init; }

    /// <summary>Attack: thousands of signatures, each of which is read. Real mail has up to a handful.</summary>
    private const int MaxSignatures = 32;

    /// <summary>
    /// Valid is what is a ground for reports at all: RFC 9477 says nothing of <c>l=</c>, test keys and short keys, so they are judged as for
    /// everybody who gets reports. <c>l=</c> that leaves a part of the body unsigned lets anyone exchange what is complained about.
    /// </summary>
    /// <returns>Null when the signature names no domain.</returns>
    public static CfblSignature? Of(DkimResult result)
    {
        if (result.Domain is not { } domain)
            return null;
        bool unsignedFrom = result.UnsignedDuplicates.Contains("From", StringComparer.OrdinalIgnoreCase);
        var state = result.Status == DkimStatus.TempError ? CfblSignatureState.Undecided
            : result.IsGroundForReport && !unsignedFrom ? CfblSignatureState.Valid : CfblSignatureState.NotValid;
        return new CfblSignature(domain, result.SignedFields, state, state == CfblSignatureState.Valid ? "" : Why(result, unsignedFrom)) { Selector = result.Selector };
    }

    public static IReadOnlyList<CfblSignature> Of(IEnumerable<DkimResult> results) => [.. results.Select(Of).OfType<CfblSignature>().Take(MaxSignatures)];

    /// <summary>
    /// The signatures that our border found good when the message arrived. It does not tell <c>h=</c>, so that is read from the field that fits what
    /// it tells; where several fit, or <c>l=</c> leaves open what is signed, the signature does not count.
    /// </summary>
    public static IReadOnlyList<CfblSignature> OfBorder(HeaderBlock headers, IReadOnlyList<TrustedDkimPass> passes)
    {
        var read = new List<DkimSignature>();
        int fields = Math.Min(headers.Count(DkimVerifier.FieldName), MaxSignatures);
        for (int i = 0; i < fields; i++)
        {
            if (DkimSignature.Find(headers, i) is { Domain: not null } signature)
                read.Add(signature);
        }

        var found = new List<CfblSignature>();
        foreach (var signature in read)
        {
            TrustedDkimPass? pass = passes.FirstOrDefault(p => Fits(p, signature));
            bool alone = pass is not null && read.Count(s => Fits(pass, s)) == 1;
            string reason = pass is null ? "our border did not find it good"
                : !alone ? "our border does not say which of several signatures it found good"
                : signature.BodyLength is not null ? "l= may leave a part of the body unsigned" : "";
            found.Add(new CfblSignature(signature.Domain!, signature.SignedFields, reason.Length == 0 ? CfblSignatureState.Valid : CfblSignatureState.NotValid, reason) { Selector = signature.Selector });
        }

        return found;
    }

    /// <summary>Whether the instance of a field is covered: each mention in <c>h=</c> takes the next one from the bottom (RFC 6376 §5.4.2).</summary>
    /// <param name="below">How many instances stand below it.</param>
    internal bool Covers(string field, int below) => Mentions(field) > below;

    internal int Mentions(string field) => SignedFields.Count(name => name.Equals(field, StringComparison.OrdinalIgnoreCase));

    private static bool Fits(TrustedDkimPass pass, DkimSignature signature) =>
        pass.Domain.Equals(signature.Domain)
        && (pass.Selector is null || pass.Selector.Equals(signature.Selector, StringComparison.OrdinalIgnoreCase))
        // RFC 6008 §4: as many characters of b= as tell it apart.
        && (pass.SignaturePrefix is not { Length: > 0 } prefix || prefix.StartsWith(signature.SignaturePrefix, StringComparison.Ordinal)
            || signature.SignaturePrefix.StartsWith(prefix, StringComparison.Ordinal));

    private static string Why(DkimResult result, bool unsignedFrom) => result switch
    {
        { Status: not DkimStatus.Pass } => result.Reason,
        { Testing: true } => "its key is in test mode", // RFC 6376 §3.6.1
        _ when unsignedFrom => "another From stands above the signed one",
        { BodyLength: not null } => "l= leaves a part of the body unsigned",
        _ => "its key is too short",
    };
}
