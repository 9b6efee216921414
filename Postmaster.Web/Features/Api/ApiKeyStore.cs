using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Accounts;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Api;

/// <summary>What became of a key that a person wanted.</summary>
public abstract record NewApiKey
{
    private NewApiKey()
    {
    }

    /// <param name="Key">Shown now and never again: only its hash is kept.</param>
    public sealed record Made(string Name, string Key) : NewApiKey;

    /// <param name="Reason">A sentence for the person.</param>
    public sealed record Refused(string Reason) : NewApiKey;
}

/// <summary>One key on its account's page.</summary>
public sealed record ApiKeyRow(Guid Id, string Name, string Prefix, ApiScope Scope, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt);

/// <summary>Who shows a key.</summary>
public sealed record ApiCaller(Guid KeyId, Guid UserId, ApiScope Scope);

/// <summary>The keys of accounts: made, listed, revoked, and asked for by the doors.</summary>
public sealed class ApiKeyStore(
    IDbContextFactory<PostmasterDb> databases, AuditTrail audit, NoticeOutbox outbox, AccountNotices notices, OutboxSignal signal, TimeProvider time)
{
    /// <summary>By which a key is known among other secrets, as in a leak.</summary>
    public const string KeyPrefix = "pmk1_";

    public const int MaxName = 64;

    /// <summary>Keys of an account that open.</summary>
    public const int MostPerAccount = 20;

    /// <summary>Octets: nobody guesses it, and so one plain hash keeps it.</summary>
    private const int KeyLength = 32;

    /// <summary>Characters of a key that are shown later.</summary>
    private const int ShownLength = 10;

    /// <summary>Use is written down no oftener, so that a busy program does not write with each request.</summary>
    private static readonly TimeSpan UseGrain = TimeSpan.FromHours(1);

    /// <summary>The account's person is told by mail: a key outlives the session that it was made in.</summary>
    public async Task<NewApiKey> CreateAsync(Guid userId, string? name, ApiScope scope, RequestOrigin origin, CancellationToken ct)
    {
        string wanted = string.Concat((name ?? "").Trim().EnumerateRunes().Where(r => !Rune.IsControl(r)).Select(r => r.ToString()));
        if (wanted.Length is 0 or > MaxName)
            return new NewApiKey.Refused($"Give the key a name of up to {MaxName} characters, by which you know where it is used.");
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        if (await db.ApiKeys.CountAsync(k => k.UserId == userId && k.EndedAt == null, ct) >= MostPerAccount)
            return new NewApiKey.Refused($"The account has {MostPerAccount} keys, which is as many as may be. Revoke one that is no longer used.");
        string key = KeyPrefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(KeyLength));
        db.ApiKeys.Add(new ApiKey { UserId = userId, Name = wanted, KeyHash = Hash(key), Prefix = key[..ShownLength], Scope = scope, CreatedAt = time.GetUtcNow() });
        await audit.AddAsync(db, null, "", userId, scope is ApiScope.Handle ? "made a key that reads and marks complaints" : "made a key that reads complaints", wanted, ct);
        if (await db.Users.Where(u => u.Id == userId && u.EmailConfirmed).Select(u => u.Email).FirstOrDefaultAsync(ct) is { } email)
            outbox.Add(db, email, notices.KeyMade(origin));
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        signal.Wake();
        return new NewApiKey.Made(wanted, key);
    }

    /// <summary>The keys that open, the newest first.</summary>
    public async Task<IReadOnlyList<ApiKeyRow>> ListAsync(Guid userId, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await db.ApiKeys.AsNoTracking().Where(k => k.UserId == userId && k.EndedAt == null).OrderByDescending(k => k.CreatedAt).ThenBy(k => k.Id)
            .Select(k => new ApiKeyRow(k.Id, k.Name, k.Prefix, k.Scope, k.CreatedAt, k.LastUsedAt)).ToListAsync(ct);
    }

    /// <summary>It opens nothing from now on. False: it is not this account's, or was revoked before.</summary>
    public async Task<bool> RevokeAsync(Guid userId, Guid id, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        if (await db.ApiKeys.FirstOrDefaultAsync(k => k.Id == id && k.UserId == userId && k.EndedAt == null, ct) is not { } key)
            return false;
        key.EndedAt = time.GetUtcNow();
        await audit.AddAsync(db, null, "", userId, "revoked a key", key.Name, ct);
        await db.SaveChangesAsync(ct);
        return true;
    }

    /// <summary>Null for a key that is missing, wrong or revoked.</summary>
    /// <param name="authorization">The value of the Authorization field (RFC 6750 §2.1).</param>
    public async Task<ApiCaller?> FindAsync(string authorization, CancellationToken ct)
    {
        const string Bearer = "Bearer ";
        if (!authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) || authorization[Bearer.Length..].Trim() is not { Length: < 200 } key || !key.StartsWith(KeyPrefix, StringComparison.Ordinal))
            return null;
        byte[] hash = Hash(key);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        if (await db.ApiKeys.AsNoTracking().FirstOrDefaultAsync(k => k.KeyHash == hash && k.EndedAt == null, ct) is not { } found)
            return null;
        DateTimeOffset now = time.GetUtcNow(), written = now - UseGrain;
        if (found.LastUsedAt is null || found.LastUsedAt < written)
            await db.ApiKeys.Where(k => k.Id == found.Id && (k.LastUsedAt == null || k.LastUsedAt < written)).ExecuteUpdateAsync(set => set.SetProperty(k => k.LastUsedAt, now), ct);
        return new ApiCaller(found.Id, found.UserId, found.Scope);
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
