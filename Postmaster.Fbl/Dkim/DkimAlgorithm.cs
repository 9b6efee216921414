namespace Postmaster.Fbl.Dkim;

/// <summary>The values of <c>a=</c> that are verified and signed.</summary>
public static class DkimAlgorithm
{
    /// <summary>RFC 6376 §3.3.2.</summary>
    public const string RsaSha256 = "rsa-sha256";

    /// <summary>RFC 8463 §3.</summary>
    public const string Ed25519Sha256 = "ed25519-sha256";

    /// <summary>RFC 8301 §3.1 forbids it to signers and verifiers.</summary>
    internal const string RsaSha1 = "rsa-sha1";
}

/// <summary>The values of <c>k=</c>.</summary>
public enum DkimKeyType
{
    Rsa,
    Ed25519,
}
