using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Arc;

/// <summary>The three fields that share an instance (RFC 8617 §4.2), as read.</summary>
internal sealed class ArcSet
{
    public required int Instance { get; init; }

    public required HeaderField Results { get; init; }

    public required HeaderField MessageSignatureField { get; init; }

    public required HeaderField SealField { get; init; }

    /// <summary>The position of the ARC-Message-Signature among all fields.</summary>
    public required int MessageSignaturePosition { get; init; }

    public required DkimSignature MessageSignature { get; init; }

    public required ArcProblem MessageSignatureProblem { get; init; }

    public required DkimSignature Seal { get; init; }

    public required ArcProblem SealProblem { get; init; }

    /// <summary><c>cv=</c>; null when it is none of the three words.</summary>
    public required ArcStatus? ChainStatus { get; init; }
}
