using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Operations;

/// <summary>The provider's own secrets: made when first asked for, sealed in the database, the same ever after.</summary>
public sealed class ProviderKeys(IDbContextFactory<PostmasterDb> databases, Sealer sealer, TimeProvider time) : IDisposable
{
    private const string MailboxKeyName = "mailbox-hash", RedactionKeyName = "redaction";
    private readonly ConcurrentDictionary<string, byte[]> _opened = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _oneAtATime = new(1);

    /// <summary>Key of the hashes that tell whether two complaints came from one mailbox; 32 octets.</summary>
    public Task<byte[]> MailboxHashKeyAsync(CancellationToken ct) => GetOrCreateAsync(MailboxKeyName, () => RandomNumberGenerator.GetBytes(32), ct);

    /// <summary>Master of the per-owner redaction keys (RFC 6590); 32 octets.</summary>
    public Task<byte[]> RedactionMasterAsync(CancellationToken ct) => GetOrCreateAsync(RedactionKeyName, () => RandomNumberGenerator.GetBytes(32), ct);

    /// <summary>Returns the named secret; of two processes that create it at once, both get the one that was stored first.</summary>
    public async Task<byte[]> GetOrCreateAsync(string name, Func<byte[]> create, CancellationToken ct)
    {
        if (_opened.TryGetValue(name, out byte[]? known))
            return known;
        await _oneAtATime.WaitAsync(ct);
        try
        {
            return _opened.GetOrAdd(name, sealer.Open(await ReadOrStoreAsync(name, create, ct)));
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>The keyed hash of a mailbox: lower-cased, because mailbox stores differ in the case they hand over.</summary>
    public async Task<byte[]> HashMailboxAsync(string address, CancellationToken ct) =>
        HMACSHA256.HashData(await MailboxHashKeyAsync(ct), Encoding.UTF8.GetBytes(address.ToLowerInvariant()));

    public void Dispose() => _oneAtATime.Dispose();

    private async Task<byte[]> ReadOrStoreAsync(string name, Func<byte[]> create, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        ProviderKey? stored = await db.ProviderKeys.AsNoTracking().FirstOrDefaultAsync(k => k.Name == name, ct);
        if (stored is null)
        {
            db.ProviderKeys.Add(new ProviderKey { Name = name, SealedValue = sealer.Seal(create()), CreatedAt = time.GetUtcNow() });
            try
            {
                await db.SaveChangesAsync(ct);
            }
            catch (DbUpdateException) when (!ct.IsCancellationRequested)
            {
                // Another process was first.
            }

            db.ChangeTracker.Clear();
            stored = await db.ProviderKeys.AsNoTracking().FirstAsync(k => k.Name == name, ct);
        }

        return stored.SealedValue;
    }
}
