using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Intake;

/// <summary>The rows of the feeders.</summary>
public sealed class FeederStore(IDbContextFactory<PostmasterDb> databases, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, int> _ids = new(StringComparer.Ordinal);

    /// <summary>The id of a feeder that needs no token row: the default one, the milter; made when first asked for.</summary>
    public async Task<int> EnsureAsync(string name, CancellationToken ct)
    {
        if (_ids.TryGetValue(name, out int known))
            return known;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        if (await IdAsync(db, name, ct) is not { } id)
        {
            db.Feeders.Add(new Feeder { Name = name, CreatedAt = time.GetUtcNow() });
            try
            {
                await db.SaveChangesAsync(ct);
            }
            catch (DbUpdateException) when (!ct.IsCancellationRequested)
            {
                // Another request or machine was first.
            }

            id = await IdAsync(db, name, ct) ?? throw new InvalidOperationException("The feeder's row could not be made.");
        }

        return _ids.GetOrAdd(name, id);
    }

    private static Task<int?> IdAsync(PostmasterDb db, string name, CancellationToken ct) =>
        db.Feeders.AsNoTracking().Where(f => f.Name == name).Select(f => (int?)f.Id).FirstOrDefaultAsync(ct);
}
