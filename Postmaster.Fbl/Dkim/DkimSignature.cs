using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Dkim;

/// <summary>
/// A DKIM-Signature field as read (RFC 6376 §3.5). When <see cref="Problem"/> is not None, only what could be read is there.
/// </summary>
internal sealed class DkimSignature
{
    private static readonly DkimVerifierOptions AnyDomain = new();

    public required int Index { get; init; }

    /// <summary>The field as received, name through final line end.</summary>
    public required ReadOnlyMemory<byte> Raw { get; init; }

    public DkimProblem Problem { get; set; }

    public string? Algorithm { get; set; }

    public DomainName? Domain { get; set; }

    public string? Selector { get; set; }

    /// <summary>Where the key stands; null until domain and selector are known to be good.</summary>
    public DomainName? KeyName { get; set; }

    public string? Identity { get; set; }

    public DomainName? IdentityDomain { get; set; }

    public DkimCanonicalization HeaderCanonicalization { get; set; }

    public DkimCanonicalization BodyCanonicalization { get; set; }

    public byte[] BodyHash { get; set; } = [];

    public byte[] Signature { get; set; } = [];

    public string SignaturePrefix { get; set; } = "";

    /// <summary>What has to be taken out of <see cref="Raw"/> before the field itself is hashed.</summary>
    public Range SignatureRange { get; set; }

    public IReadOnlyList<string> SignedFields { get; set; } = [];

    public long? BodyLength { get; set; }

    /// <summary>Seconds since 1970; up to 12 digits, so beyond 32 bits.</summary>
    public long? SignedAt { get; set; }

    public long? ExpiresAt { get; set; }

    /// <summary>Reads the signature with that index from the top once more; null when there is none or it is not in order.</summary>
    public static DkimSignature? Find(HeaderBlock headers, int index)
        => headers.All(DkimVerifier.FieldName).ElementAtOrDefault(index) is { } field
            && DkimSignatureParser.Read(field.Raw, index, AnyDomain) is { Problem: DkimProblem.None } signature ? signature : null;
}
