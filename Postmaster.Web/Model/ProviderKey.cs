namespace Postmaster.Web.Model;

/// <summary>A secret of the provider, made at first start and sealed at rest: the DKIM signing key, the redaction key, the key of the mailbox hashes.</summary>
public sealed class ProviderKey
{
    public required string Name { get; init; }
    public required byte[] SealedValue { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
}
