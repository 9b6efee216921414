using System.Security.Cryptography;
using Postmaster.Web.Features.Operations;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.FeedbackLoop.Digests;

/// <summary>The link in every digest that ends it. It is worked out of a key of the provider, so it works for as long as the digest stands, and nothing is stored.</summary>
internal sealed class DigestLeaving(ProviderKeys keys, PortalUrl portal)
{
    /// <summary>For people, with a button; for mail programs (RFC 8058), which post.</summary>
    public const string PageRoute = "/digest/leave/{Token}", PostRoute = "/api/digest/leave/{token}";

    private const string KeyName = "digest-leave";

    /// <summary>128 of the hash's bits are too many to guess.</summary>
    private const int MarkOctets = 16, TokenLength = 2 * (16 + MarkOctets);

    public async Task<string> PageAsync(Guid id, CancellationToken ct) => portal.To($"/digest/leave/{await TokenAsync(id, ct)}");

    public async Task<string> PostAsync(Guid id, CancellationToken ct) => portal.To($"/api/digest/leave/{await TokenAsync(id, ct)}");

    /// <summary>Whose digest a token ends; null when it is none of ours.</summary>
    public async Task<Guid?> ReadAsync(string? token, CancellationToken ct)
    {
        if (token is not { Length: TokenLength } || !token.All(char.IsAsciiHexDigitLower))
            return null;
        byte[] octets = Convert.FromHexString(token);
        byte[] right = await MarkAsync(octets.AsMemory(0, 16), ct);
        return CryptographicOperations.FixedTimeEquals(right, octets.AsSpan(16)) ? new Guid(octets.AsSpan(0, 16)) : null;
    }

    internal async Task<string> TokenAsync(Guid id, CancellationToken ct)
    {
        byte[] octets = id.ToByteArray();
        return Convert.ToHexStringLower([.. octets, .. await MarkAsync(octets, ct)]);
    }

    private async Task<byte[]> MarkAsync(ReadOnlyMemory<byte> id, CancellationToken ct) =>
        HMACSHA256.HashData(await keys.GetOrCreateAsync(KeyName, () => RandomNumberGenerator.GetBytes(32), ct), id.Span)[..MarkOctets];
}
