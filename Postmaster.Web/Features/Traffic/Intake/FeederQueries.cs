using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Intake;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Intake;

/// <summary>Whoever shows a token at an HTTP door.</summary>
public sealed record KnownFeeder(int Id, string Name);

/// <summary>Who may hand in events and complaints: one token check for all HTTP doors.</summary>
public sealed class FeederQueries(IDbContextFactory<PostmasterDb> databases, IOptions<IngestOptions> ingest, FeederStore feeders)
{
    /// <summary>The name of whoever shows <c>Ingest:Token</c>.</summary>
    public const string Default = "default";

    private const string Bearer = "Bearer ", Basic = "Basic ";

    /// <summary>Null for a missing, wrong or ended token.</summary>
    public async Task<KnownFeeder?> FindAsync(HttpRequest request, CancellationToken ct)
    {
        if (TokenOf(request.Headers.Authorization.ToString()) is not { Length: > 0 } token)
            return null;
        byte[] hash = HashToken(token);
        // Hashes have one length, so the time of the comparison tells nothing about the token.
        if (ingest.Value.Token.Length > 0 && CryptographicOperations.FixedTimeEquals(hash, HashToken(ingest.Value.Token)))
            return new KnownFeeder(await feeders.EnsureAsync(Default, ct), Default);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await db.Feeders.AsNoTracking().Where(f => f.TokenHash == hash && f.EndedAt == null).Select(f => new KnownFeeder(f.Id, f.Name)).FirstOrDefaultAsync(ct);
    }

    /// <summary>What <see cref="Feeder.TokenHash"/> holds. Tokens are long and random, so one plain hash keeps them.</summary>
    public static byte[] HashToken(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>The bearer's token (RFC 6750 §2.1), or for programs that know nothing else the password of basic authentication (RFC 7617 §2), whatever the user.</summary>
    private static string? TokenOf(string header)
    {
        if (header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return header[Bearer.Length..].Trim();
        if (!header.StartsWith(Basic, StringComparison.OrdinalIgnoreCase))
            return null;
        string packed = header[Basic.Length..].Trim();
        byte[] octets = new byte[packed.Length];
        if (!Convert.TryFromBase64String(packed, octets, out int length))
            return null;
        string pair = Encoding.UTF8.GetString(octets, 0, length);
        int colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : pair[(colon + 1)..];
    }
}
