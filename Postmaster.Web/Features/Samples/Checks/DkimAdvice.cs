using System.Text.Json;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;

namespace Postmaster.Web.Features.Samples.Checks;

/// <summary>What to do about each thing that can be wrong with a signature.</summary>
internal static class DkimAdvice
{
    public static string CodeOf(DkimProblem problem) => JsonNamingPolicy.SnakeCaseLower.ConvertName(problem.ToString());

    /// <summary>What most likely happened to the mail on its way, found by undoing it, and where; nulls when nothing explains it.</summary>
    /// <param name="brief">Only the common changes are tried.</param>
    public static (string? Words, ByteRange? Place) CauseOf(RawMessage message, DkimResult result, bool brief)
    {
        if (BodyHashDiagnosis.Of(message, result, brief) is { Change: not BodyChange.Unknown } body)
            return (body.Text, RangeOf(body.Offset, body.Length, message));
        return SignatureDiagnosis.Of(message, result) is { Change: not HeaderChange.Unknown } header ? (header.Text, RangeOf(header.Offset, header.Length, message)) : (null, null);
    }

    private static ByteRange? RangeOf(int? offset, int length, RawMessage message) =>
        offset is { } at && length > 0 && at + length <= message.Bytes.Length ? new ByteRange(at, length, "changed after signing") : null;

    public static (SampleSeverity Severity, string Advice, string Rfc) For(DkimResult result)
    {
        string key = $"{result.Selector ?? "<selector>"}._domainkey.{result.Domain?.Ascii ?? "<domain>"}";
        return result.Problem switch
        {
            DkimProblem.DnsFailure => (SampleSeverity.Unknown, $"Ask again in some minutes; if it stays, look at the name servers of {result.Domain?.Ascii}.", "RFC 6376 §6.1.2"),
            DkimProblem.NoKey => (SampleSeverity.Critical, $"Publish the TXT record {key}, or let the program sign with a selector that has one.", "RFC 6376 §6.1.2"),
            DkimProblem.KeyRevoked => (SampleSeverity.Critical, $"The p= of {key} is empty, which revokes the key. Sign with a selector that is in use.", "RFC 6376 §3.6.1"),
            DkimProblem.KeySyntax or DkimProblem.UnknownKeyType or DkimProblem.KeyTypeMismatch or DkimProblem.HashNotAllowed or DkimProblem.ServiceNotAllowed or DkimProblem.SubdomainNotAllowed
                => (SampleSeverity.Critical, $"Mend the TXT record {key}; the signer's tool writes the right one.", "RFC 6376 §3.6.1"),
            DkimProblem.KeyTooSmall or DkimProblem.KeyTooLarge => (SampleSeverity.Critical, "Make an RSA key of 2048 bits under a new selector.", "RFC 8301 §3.2"),
            DkimProblem.WeakAlgorithm or DkimProblem.UnsupportedAlgorithm => (SampleSeverity.Critical, "Set the signer to rsa-sha256.", "RFC 8301 §3.1"),
            DkimProblem.BodyHashMismatch or DkimProblem.BodyShorterThanSigned
                => (SampleSeverity.Critical, "The body was changed after signing: by a footer, a scanner, or another encoding. Sign in the last program that touches the mail, with c=relaxed/relaxed.", "RFC 6376 §3.7"),
            DkimProblem.SignatureMismatch
                => (SampleSeverity.Critical, $"A signed field was changed after signing, or the key at {key} is not the one that signed. Compare the public key, and sign last.", "RFC 6376 §6.1.3"),
            DkimProblem.UnsignedFrom => (SampleSeverity.Critical, "Send exactly one From.", "RFC 6376 §8.15"),
            DkimProblem.FromNotSigned => (SampleSeverity.Critical, "List From in h=.", "RFC 6376 §5.4"),
            DkimProblem.PartialBody => (SampleSeverity.Warning, "Take l= out of the signer's settings.", "RFC 6376 §8.2"),
            DkimProblem.Expired => (SampleSeverity.Critical, "Give x= a week, or leave it out; look at the signer's clock.", "RFC 6376 §3.5"),
            DkimProblem.SignedInFuture => (SampleSeverity.Warning, "Look at the clock of the machine that signs.", "RFC 6376 §3.5"),
            DkimProblem.AlgorithmUnavailable => (SampleSeverity.Unknown, "This machine cannot verify it; others can.", "RFC 8463 §3"),
            DkimProblem.TooManySignatures => (SampleSeverity.Warning, "One or two signatures are enough.", "RFC 6376 §8.4"),
            _ => (SampleSeverity.Critical, "The signer writes the field wrongly; update it, or look at its settings.", "RFC 6376 §3.5"),
        };
    }
}
