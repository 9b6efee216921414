using System.Buffers;
using System.Security.Cryptography;
using Postmaster.Web.Features.Operations;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.FeedbackLoop.Cfbl;

/// <summary>The link in each report by invitation: the same for an address for ever, as old reports lie in mailboxes. Nothing is stored for it.</summary>
internal sealed class CfblLinks(ProviderKeys keys, PortalUrl portal)
{
    private const string KeyName = "cfbl-links";
    private const int IdDigits = 32, ProofOctets = 20;

    /// <summary>Where a person agrees or refuses.</summary>
    public async Task<string> PageAsync(Guid contact, CancellationToken ct) => portal.To($"/cfbl/{await TokenAsync(contact, ct)}");

    /// <summary>What a mail program posts to (RFC 8058 §3.1).</summary>
    public async Task<string> OneClickAsync(Guid contact, CancellationToken ct) => portal.To($"/cfbl/refuse/{await TokenAsync(contact, ct)}");

    public async Task<string> TokenAsync(Guid contact, CancellationToken ct) => contact.ToString("N") + Convert.ToHexStringLower(await ProofAsync(contact, ct));

    /// <summary>Null when the token is none of ours.</summary>
    public async Task<Guid?> ReadAsync(string? token, CancellationToken ct)
    {
        if (token is not { Length: IdDigits + (2 * ProofOctets) } || !Guid.TryParseExact(token[..IdDigits], "N", out Guid contact))
            return null;
        byte[] proof = await ProofAsync(contact, ct);
        return IsProof(token.AsSpan(IdDigits), proof) ? contact : null;
    }

    private static bool IsProof(ReadOnlySpan<char> digits, byte[] proof)
    {
        Span<byte> said = stackalloc byte[ProofOctets];
        return Convert.FromHexString(digits, said, out _, out _) is OperationStatus.Done && CryptographicOperations.FixedTimeEquals(said, proof);
    }

    private async Task<byte[]> ProofAsync(Guid contact, CancellationToken ct) =>
        HMACSHA256.HashData(await keys.GetOrCreateAsync(KeyName, () => RandomNumberGenerator.GetBytes(32), ct), contact.ToByteArray())[..ProofOctets];
}
