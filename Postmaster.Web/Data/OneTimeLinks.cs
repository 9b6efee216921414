using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Model;

namespace Postmaster.Web.Data;

/// <summary>Issues and redeems links that work once. The token leaves in a mail; the database keeps its hash.</summary>
public sealed class OneTimeLinks(TimeProvider time)
{
    /// <summary>160 bits, as for the DNS challenge.</summary>
    private const int TokenBytes = 20;

    /// <summary>Adds a link to <paramref name="db"/>, to be saved with the caller's other changes; returns the token for the URL.</summary>
    public string Issue(PostmasterDb db, LinkPurpose purpose, Guid subject, TimeSpan lifetime)
    {
        string token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
        db.OneTimeLinks.Add(new OneTimeLink { TokenHash = Hash(token), Purpose = purpose, Subject = subject, ExpiresAt = time.GetUtcNow() + lifetime });
        return token;
    }

    /// <summary>What a link stands for, without using it up: a page shows it before the visitor presses the button. Null when unknown, used or too old.</summary>
    public async Task<Guid?> PeekAsync(PostmasterDb db, LinkPurpose purpose, string? token, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(token) || token.Length != TokenBytes * 2)
            return null;
        byte[] hash = Hash(token);
        DateTimeOffset now = time.GetUtcNow();
        OneTimeLink? link = await db.OneTimeLinks.AsNoTracking()
            .FirstOrDefaultAsync(l => l.TokenHash == hash && l.Purpose == purpose && l.UsedAt == null && l.ExpiresAt > now, ct);
        return link?.Subject;
    }

    /// <summary>Uses a link up; of two visitors at the same moment one gets null. Takes effect at once, or with the caller's transaction where there is one.</summary>
    public async Task<Guid?> RedeemAsync(PostmasterDb db, LinkPurpose purpose, string? token, CancellationToken ct)
    {
        Guid? subject = await PeekAsync(db, purpose, token, ct);
        if (subject is null)
            return null;
        byte[] hash = Hash(token!);
        DateTimeOffset now = time.GetUtcNow();
        int used = await db.OneTimeLinks.Where(l => l.TokenHash == hash && l.UsedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(l => l.UsedAt, now), ct);
        return used == 1 ? subject : null;
    }

    /// <summary>Makes every open link of a purpose and subject worthless.</summary>
    public static Task<int> RevokeAsync(PostmasterDb db, LinkPurpose purpose, Guid subject, CancellationToken ct) =>
        db.OneTimeLinks.Where(l => l.Purpose == purpose && l.Subject == subject && l.UsedAt == null).ExecuteDeleteAsync(ct);

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.ASCII.GetBytes(token));
}
