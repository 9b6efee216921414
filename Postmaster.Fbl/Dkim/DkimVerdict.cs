namespace Postmaster.Fbl.Dkim;

/// <summary>Makes the result of a signature from its problem: the one table from problem to status.</summary>
internal static class DkimVerdict
{
    /// <summary>The last second of the year 9999, beyond which a <see cref="DateTimeOffset"/> does not reach.</summary>
    private const long LastSecond = 253_402_300_799;

    /// <param name="detail">Added to the problem's words; must hold no text of the mail.</param>
    public static DkimResult Of(DkimSignature signature, DkimProblem problem, string? detail = null) => new()
    {
        Status = StatusOf(problem),
        Problem = problem,
        Reason = detail is null ? DkimProblemText.Of(problem) : $"{DkimProblemText.Of(problem)}: {detail}",
        Index = signature.Index,
        Domain = signature.Domain,
        Selector = signature.Selector,
        Algorithm = signature.Algorithm,
        BodyLength = signature.BodyLength,
        SignedAt = ToInstant(signature.SignedAt),
        ExpiresAt = ToInstant(signature.ExpiresAt),
        Identity = signature.Identity,
        SignaturePrefix = signature.SignaturePrefix,
        SignedFields = signature.SignedFields,
    };

    public static DkimStatus StatusOf(DkimProblem problem) => problem switch
    {
        DkimProblem.None => DkimStatus.Pass,
        DkimProblem.BodyHashMismatch or DkimProblem.BodyShorterThanSigned or DkimProblem.SignatureMismatch => DkimStatus.Fail,
        DkimProblem.UnsignedFrom or DkimProblem.PartialBody or DkimProblem.Expired or DkimProblem.SignedInFuture => DkimStatus.Policy,
        // RFC 6376 §3.3, §3.4: what a verifier does not know it has to ignore.
        DkimProblem.UnsupportedAlgorithm or DkimProblem.UnsupportedCanonicalization or DkimProblem.AlgorithmUnavailable
            or DkimProblem.TooManySignatures => DkimStatus.Neutral,
        DkimProblem.DnsFailure => DkimStatus.TempError,
        _ => DkimStatus.PermError,
    };

    public static DateTimeOffset? ToInstant(long? seconds)
        => seconds is { } value and <= LastSecond ? DateTimeOffset.FromUnixTimeSeconds(value) : null;
}
