using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Postmaster.Web.Features.FeedbackLoop.Webhooks;

/// <summary>The secret that a webhook's requests are signed with, as the specification "Standard Webhooks" has it (symmetric, version 1).</summary>
internal static class WebhookSecret
{
    /// <summary>The specification asks for 24 to 64.</summary>
    private const int Octets = 32;

    private const string Prefix = "whsec_";

    public static byte[] New() => RandomNumberGenerator.GetBytes(Octets);

    /// <summary>As the owner gets it: <c>whsec_</c> and base64.</summary>
    public static string Text(ReadOnlySpan<byte> secret) => Prefix + Convert.ToBase64String(secret);

    /// <summary>One signature: <c>v1,</c> and the base64 of HMAC-SHA256 over <c>id.timestamp.body</c>.</summary>
    /// <param name="timestamp">Seconds since 1970, when the attempt is made.</param>
    public static string Sign(ReadOnlySpan<byte> secret, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        byte[] head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}."));
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(secret, [.. head, .. body]));
    }
}
