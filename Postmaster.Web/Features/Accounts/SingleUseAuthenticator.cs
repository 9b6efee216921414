using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Accounts;

/// <summary>Codes of an authenticator app (RFC 6238 with HMAC-SHA-1, six digits, 30 seconds), each good for one use.</summary>
internal sealed class SingleUseAuthenticator(TimeProvider time) : AuthenticatorTokenProvider<PortalUser>
{
    private const string Store = "Postmaster", LastStep = "LastCodeStep";
    private const int StepSeconds = 30, Digits = 6;

    /// <summary>RFC 6238 §5.2: clocks differ and codes take time to type; one step each way.</summary>
    private const int StepsAround = 1;

    public override async Task<bool> ValidateAsync(string purpose, string token, UserManager<PortalUser> manager, PortalUser user)
    {
        if (await manager.GetAuthenticatorKeyAsync(user) is not { } key || MatchingStep(Base32.Decode(key), token, time.GetUtcNow()) is not { } step)
            return false;
        string? last = await manager.GetAuthenticationTokenAsync(user, Store, LastStep);
        if (last is not null && step <= long.Parse(last, CultureInfo.InvariantCulture))
            return false; // RFC 6238 §5.2: a code that was accepted once is not accepted again.
        IdentityResult kept = await manager.SetAuthenticationTokenAsync(user, Store, LastStep, step.ToString(CultureInfo.InvariantCulture));
        return kept.Succeeded;
    }

    /// <summary>The time step whose code this is, or null.</summary>
    private static long? MatchingStep(byte[] key, string code, DateTimeOffset now)
    {
        long step = now.ToUnixTimeSeconds() / StepSeconds;
        byte[] given = Encoding.ASCII.GetBytes(code);
        long? found = null;
        for (long s = step - StepsAround; s <= step + StepsAround; s++)
        {
            if (CryptographicOperations.FixedTimeEquals(given, Encoding.ASCII.GetBytes(CodeAt(key, s))))
                found = s;
        }

        return found;
    }

    /// <summary>RFC 4226 §5.3 with the time step as the counter.</summary>
    internal static string CodeAt(byte[] key, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // RFC 6238 apps speak HMAC-SHA-1, which SHA-1's collisions do not weaken.
        HMACSHA1.HashData(key, counter, hash);
#pragma warning restore CA5350
        int number = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[^1] & 0x0F)..]) & int.MaxValue;
        return (number % 1_000_000).ToString("D" + Digits, CultureInfo.InvariantCulture);
    }
}

/// <summary>RFC 4648 §6, as authenticator keys are written.</summary>
internal static class Base32
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>Characters outside the alphabet are passed over.</summary>
    public static byte[] Decode(string text)
    {
        var octets = new List<byte>(text.Length * 5 / 8);
        int bits = 0, held = 0;
        foreach (char c in text)
        {
            int value = Alphabet.IndexOf(char.ToUpperInvariant(c), StringComparison.Ordinal);
            if (value < 0)
                continue;
            held = ((held << 5) | value) & 0xFFF;
            bits += 5;
            if (bits < 8)
                continue;
            bits -= 8;
            octets.Add((byte)(held >> bits));
        }

        return [.. octets];
    }
}
