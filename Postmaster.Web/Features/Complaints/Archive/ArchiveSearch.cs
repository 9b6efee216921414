using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints.Archive;

/// <summary>What was found.</summary>
/// <param name="Ids">The wanted stretch of them, the newest press first.</param>
/// <param name="Total">How many there are; <see cref="ArchiveSearch.Most"/> when there are more.</param>
/// <param name="IsMore">There are more than <paramref name="Total"/>.</param>
internal sealed record ArchiveHits(IReadOnlyList<Guid> Ids, int Total, bool IsMore);

/// <summary>
/// Looks complaints up, the newest block first, and stops when it has counted as many as anybody leafs through. A rare word costs one look into the key of
/// each block; a frequent one is found in the first few.
/// </summary>
internal static class ArchiveSearch
{
    /// <summary>Hits that are counted and can be leafed through.</summary>
    public const int Most = 1000;

    /// <summary>Blocks that are asked at first; then as many as before and so on, for few questions need more.</summary>
    private const int FirstBlocks = 16;

    public static async Task<ArchiveHits> FindAsync(PostmasterDb db, ArchiveQuestion question, int skip, int take, CancellationToken ct)
    {
        // Those in no block first: a block that is closed meanwhile then shows them twice rather than not at all.
        List<Complaint> waiting = await db.Complaints.AsNoTracking()
            .Where(c => c.Domain == question.Domain && c.ArchiveBlockId == null && c.PressedAt >= question.Start && c.PressedAt < question.End).ToListAsync(ct);
        List<(DateTimeOffset PressedAt, Guid Id)> found = [.. waiting.Where(question.Fits).Select(c => (c.PressedAt, c.Id))];
        List<Block> blocks = await db.ArchiveBlocks.AsNoTracking()
            .Where(b => b.Domain == question.Domain && b.NewestAt >= question.Start && b.OldestAt < question.End)
            .OrderByDescending(b => b.NewestAt).Select(b => new Block(b.Id, b.OldestAt, b.NewestAt, b.Handled)).ToListAsync(ct);

        int total = found.Count;
        var hits = new List<(Block Block, PlaceSet Places)>();
        for (int first = 0, size = FirstBlocks; first < blocks.Count && total <= Most; first += size, size *= 2)
        {
            foreach ((Block block, PlaceSet places) in await LookAsync(db, question, blocks.GetRange(first, Math.Min(size, blocks.Count - first)), ct))
            {
                if (block.OldestAt < question.Start || block.NewestAt >= question.End)
                    Narrow(places, await PlacesAsync(db, block, ct), question);
                total += places.Count;
                if (!places.IsEmpty)
                    hits.Add((block, places));
            }
        }

        await CollectAsync(db, found, hits, skip + take, ct);
        List<Guid> ids = [.. found.DistinctBy(f => f.Id).OrderByDescending(f => f.PressedAt).ThenByDescending(f => f.Id).Skip(skip).Take(take).Select(f => f.Id)];
        return new ArchiveHits(ids, Math.Min(total, Most), total > Most);
    }

    /// <summary>Reads who stands at the places, block after block, until no further one can hold anybody who is newer.</summary>
    private static async Task CollectAsync(
        PostmasterDb db, List<(DateTimeOffset PressedAt, Guid Id)> found, List<(Block Block, PlaceSet Places)> hits, int wanted, CancellationToken ct)
    {
        foreach ((Block block, PlaceSet places) in hits)
        {
            if (found.Count >= wanted && found.Select(f => f.PressedAt).OrderDescending().ElementAt(wanted - 1) > block.NewestAt)
                break;
            byte[] stored = await PlacesAsync(db, block, ct);
            found.AddRange(places.Each().Select(place => BlockPlaces.Read(stored, place)));
        }
    }

    /// <summary>What of these blocks fits, in their order; a block without any is left out.</summary>
    private static async Task<List<(Block Block, PlaceSet Places)>> LookAsync(PostmasterDb db, ArchiveQuestion question, List<Block> blocks, CancellationToken ct)
    {
        Dictionary<int, PlaceSet>? fitting = null;
        foreach (string word in question.Words)
            fitting = Both(fitting, await WordAsync(db, fitting?.Keys ?? (IEnumerable<int>)blocks.Select(b => b.Id), word, ct));
        foreach (string beginning in question.Beginnings)
            fitting = Both(fitting, await BeginningAsync(db, fitting?.Keys ?? (IEnumerable<int>)blocks.Select(b => b.Id), beginning, ct));
        var result = new List<(Block, PlaceSet)>();
        foreach (Block block in blocks)
        {
            if (fitting?.GetValueOrDefault(block.Id) is not { } places)
                continue;
            if (question.Handled is true)
                places.KeepOnly(PlaceSet.Read(block.Handled));
            else if (question.Handled is false)
                places.Remove(PlaceSet.Read(block.Handled));
            result.Add((block, places));
        }

        return result;
    }

    private static Dictionary<int, PlaceSet> Both(Dictionary<int, PlaceSet>? before, Dictionary<int, PlaceSet> now)
    {
        if (before is null)
            return now;
        foreach ((int block, PlaceSet places) in now)
            places.KeepOnly(before[block]);
        return now.Where(n => !n.Value.IsEmpty).ToDictionary();
    }

    private static async Task<Dictionary<int, PlaceSet>> WordAsync(PostmasterDb db, IEnumerable<int> blocks, string word, CancellationToken ct)
    {
        List<int> ids = [.. blocks];
        return await db.ArchiveWords.AsNoTracking().Where(w => ids.Contains(w.BlockId) && w.Word == word)
            .Select(w => new { w.BlockId, w.Places }).ToDictionaryAsync(w => w.BlockId, w => PlaceSet.Read(w.Places), ct);
    }

    private static async Task<Dictionary<int, PlaceSet>> BeginningAsync(PostmasterDb db, IEnumerable<int> blocks, string beginning, CancellationToken ct)
    {
        List<int> ids = [.. blocks];
        string after = beginning + '\uFFFF';
#pragma warning disable CA1309 // It is translated to SQL, where the column's order is that of its octets.
        var words = await db.ArchiveWords.AsNoTracking()
            .Where(w => ids.Contains(w.BlockId) && string.Compare(w.Word, beginning) >= 0 && string.Compare(w.Word, after) < 0)
            .Select(w => new { w.BlockId, w.Places }).ToListAsync(ct);
#pragma warning restore CA1309
        var result = new Dictionary<int, PlaceSet>();
        foreach (var word in words)
        {
            if (!result.TryGetValue(word.BlockId, out PlaceSet? places))
                result.Add(word.BlockId, places = new PlaceSet());
            places.Add(word.Places);
        }

        return result;
    }

    private static void Narrow(PlaceSet places, byte[] stored, ArchiveQuestion question)
    {
        foreach (int place in places.Each().ToList())
        {
            DateTimeOffset pressedAt = BlockPlaces.Read(stored, place).PressedAt;
            if (pressedAt < question.Start || pressedAt >= question.End)
                places.Remove(place);
        }
    }

    private static Task<byte[]> PlacesAsync(PostmasterDb db, Block block, CancellationToken ct) =>
        db.ArchiveBlocks.AsNoTracking().Where(b => b.Id == block.Id).Select(b => b.Places).FirstAsync(ct);

    private sealed record Block(int Id, DateTimeOffset OldestAt, DateTimeOffset NewestAt, byte[] Handled);
}
