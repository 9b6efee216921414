using System.Security.Cryptography;
using System.Text;
using Postmaster.Web.Features.Operations;

namespace Postmaster.Web.Features.Samples;

/// <summary>
/// The tokens of one-time addresses and of shared links. They are worked out from a key of the provider, so that a page can show one again
/// while the database knows its hash alone.
/// </summary>
public sealed class SampleTokens(ProviderKeys keys)
{
    /// <summary>160 bits, as for the other links.</summary>
    internal const int Octets = 20;

    /// <summary>Characters of a token.</summary>
    internal const int Length = 32;

    private const string KeyName = "sample-tokens";

    /// <summary>RFC 4648 §6 in lower case: mail servers may change the case of an address.</summary>
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    public Task<string> OfAddressAsync(Guid sample, CancellationToken ct) => DeriveAsync($"address {sample:N}", ct);

    public Task<string> OfLinkAsync(Guid sample, Guid nonce, CancellationToken ct) => DeriveAsync($"link {sample:N} {nonce:N}", ct);

    /// <summary>What is stored. A token holds 160 random bits: no salt is needed.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    internal static string Encode(ReadOnlySpan<byte> octets)
    {
        var text = new StringBuilder(Length);
        int bits = 0, held = 0;
        foreach (byte octet in octets)
        {
            bits = (bits << 8) | octet;
            for (held += 8; held >= 5; held -= 5)
                text.Append(Alphabet[(bits >> (held - 5)) & 31]);
            bits &= (1 << held) - 1;
        }

        return text.ToString();
    }

    private async Task<string> DeriveAsync(string purpose, CancellationToken ct)
    {
        byte[] key = await keys.GetOrCreateAsync(KeyName, static () => RandomNumberGenerator.GetBytes(32), ct);
        return Encode(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(purpose)).AsSpan(0, Octets));
    }
}
