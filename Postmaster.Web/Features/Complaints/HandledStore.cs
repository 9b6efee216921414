using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Complaints.Archive;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints;

/// <summary>Marks complaints of a domain as handled, or takes that back. The caller has checked that the account may.</summary>
public sealed class HandledStore(IDbContextFactory<PostmasterDb> databases, TimeProvider time)
{
    /// <summary>Complaints of one call.</summary>
    public const int Most = 1000;

    /// <summary>How many were changed: one that was so already, or is not of this domain, is left alone.</summary>
    /// <param name="ids">The first <see cref="Most"/> of them.</param>
    /// <param name="by">The account that does it.</param>
    public async Task<int> MarkAsync(string domain, IEnumerable<Guid> ids, Guid by, bool handled, CancellationToken ct)
    {
        List<Guid> wanted = [.. ids.Distinct().Take(Most)];
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        List<Complaint> rows = await db.Complaints.Where(c => wanted.Contains(c.Id) && c.Domain == domain && (c.HandledAt == null) == handled).ToListAsync(ct);
        DateTimeOffset now = time.GetUtcNow();
        foreach (Complaint row in rows)
            (row.HandledAt, row.HandledBy) = handled ? (now, by) : ((DateTimeOffset?)null, (Guid?)null);
        await MarkInArchiveAsync(db, rows, handled, ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return rows.Count;
    }

    public async Task<bool> ExistsAsync(string domain, Guid id, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await db.Complaints.AnyAsync(c => c.Id == id && c.Domain == domain, ct);
    }

    private static async Task MarkInArchiveAsync(PostmasterDb db, List<Complaint> rows, bool handled, CancellationToken ct)
    {
        foreach (IGrouping<int?, Complaint> group in rows.Where(r => r.ArchiveBlockId is not null).GroupBy(r => r.ArchiveBlockId))
        {
            ArchiveBlock block = await db.ArchiveBlocks.FirstAsync(b => b.Id == group.Key, ct);
            var places = PlaceSet.Read(block.Handled);
            foreach (int place in group.Select(r => r.ArchivePlace!.Value))
            {
                if (handled)
                    places.Add(place);
                else
                    places.Remove(place);
            }

            block.Handled = places.WriteBitmap();
        }
    }
}
