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

/// <summary>How a feeder does.</summary>
public enum FeederStanding
{
    /// <summary>It has sent something within <c>Traffic:SilentAfter</c>.</summary>
    Talks,

    /// <summary>It has sent nothing for longer.</summary>
    Silent,

    /// <summary>It has a token and never used it.</summary>
    NeverHeard,

    /// <summary>An operator has turned it off, or it has sent nothing for a month and has no token.</summary>
    Ended,
}

/// <summary>One feeder as operators see it.</summary>
/// <param name="HasToken">It was made on the operators' page and can be ended there.</param>
/// <param name="Unjoined">Later events whose delivery is not remembered.</param>
public sealed record FeederRow(
    int Id, string Name, bool HasToken, FeederStanding Standing, DateTimeOffset CreatedAt, DateTimeOffset? LastBatchAt, DateTimeOffset? NewestEventAt, DateTimeOffset? EndedAt,
    long Events, long BadLines, long Unjoined);

/// <summary>Who may hand in events and complaints: one token check for all HTTP doors; and how the feeders do.</summary>
public sealed class FeederQueries(
    IDbContextFactory<PostmasterDb> databases, IOptions<IngestOptions> ingest, FeederStore feeders, IOptions<TrafficOptions> traffic, TimeProvider time)
{
    /// <summary>The name of whoever shows <c>Ingest:Token</c>.</summary>
    public const string Default = "default";

    private const string Bearer = "Bearer ", Basic = "Basic ";

    /// <summary>A feeder without a token that is silent for so long was taken out of use.</summary>
    private static readonly TimeSpan GoneAfter = TimeSpan.FromDays(30);

    /// <summary>Names of feeders that the product makes itself.</summary>
    public static bool IsBuiltIn(string name) => name.ToLowerInvariant() is Default or "milter";

    /// <summary>Whoever shows <c>Ingest:Token</c>.</summary>
    public static bool IsDefault(string name) => string.Equals(name, Default, StringComparison.Ordinal);

    /// <summary>All feeders by name, those that were ended last.</summary>
    public async Task<IReadOnlyList<FeederRow>> ListAsync(CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        List<Feeder> rows = await db.Feeders.AsNoTracking().ToListAsync(ct);
        return [.. rows.Select(f => new FeederRow(
                f.Id, f.Name, f.TokenHash is not null, StandingOf(f, now), f.CreatedAt, f.LastBatchAt, f.NewestEventAt, f.EndedAt, f.Events, f.BadLines, f.Unjoined))
            .OrderBy(r => r.Standing == FeederStanding.Ended).ThenBy(r => r.Name, StringComparer.OrdinalIgnoreCase)];
    }

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

    private FeederStanding StandingOf(Feeder feeder, DateTimeOffset now)
    {
        if (feeder.EndedAt is not null)
            return FeederStanding.Ended;
        if (feeder.LastBatchAt is not { } last)
            return FeederStanding.NeverHeard;
        if (last >= now - traffic.Value.SilentAfter)
            return FeederStanding.Talks;
        return feeder.TokenHash is null && last < now - GoneAfter ? FeederStanding.Ended : FeederStanding.Silent;
    }

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
