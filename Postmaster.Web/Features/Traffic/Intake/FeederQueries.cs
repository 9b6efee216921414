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

    private const string Scheme = "Bearer ";

    /// <summary>Null for a missing, wrong or ended token.</summary>
    public async Task<KnownFeeder?> FindAsync(HttpRequest request, CancellationToken ct)
    {
        string header = request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || header[Scheme.Length..].Trim() is not { Length: > 0 } token)
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
}
