using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints.Archive;

/// <summary>
/// Closes a block whenever a domain has enough complaints that are in none: counting a complaint costs the archive nothing. What was counted before there
/// was an archive comes in by the same way.
/// </summary>
internal sealed class ArchiveMerger(IDbContextFactory<PostmasterDb> databases, TimeProvider time, ILogger<ArchiveMerger> log) : PeriodicWorker(Interval, time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    protected override Task TurnAsync(CancellationToken ct) => MergeAsync(ct);

    protected override void TellFault(Exception fault) => log.ArchiveFault(fault);

    /// <summary>Closes all blocks that are full; returns how many.</summary>
    internal async Task<int> MergeAsync(CancellationToken ct)
    {
        int closed = 0;
        while (await FullDomainAsync(ct) is { } domain)
        {
            if (!await CloseAsync(domain, ct))
                break;
            closed++;
        }

        return closed;
    }

    private async Task<string?> FullDomainAsync(CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await db.Complaints.Where(c => c.ArchiveBlockId == null).GroupBy(c => c.Domain).Where(g => g.Count() >= PlaceSet.Places)
            .Select(g => g.Key).FirstOrDefaultAsync(ct);
    }

    private async Task<bool> CloseAsync(string domain, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using IDbContextTransaction transaction = await db.BeginExclusiveAsync(ct);
        // The oldest press first, so that blocks hardly overlap in time; within a block the newest stands first.
        List<Complaint> rows = await db.Complaints.Where(c => c.Domain == domain && c.ArchiveBlockId == null)
            .OrderBy(c => c.PressedAt).ThenBy(c => c.Id).Take(PlaceSet.Places).ToListAsync(ct);
        if (rows.Count < PlaceSet.Places)
            return false;
        rows.Reverse();
        var handled = new PlaceSet();
        foreach (int place in Enumerable.Range(0, rows.Count).Where(i => rows[i].HandledAt is not null))
            handled.Add(place);
        var block = new ArchiveBlock
        {
            Domain = domain,
            OldestAt = rows[^1].PressedAt,
            NewestAt = rows[0].PressedAt,
            Places = BlockPlaces.Write(rows.ConvertAll(r => (r.PressedAt, r.Id))),
            Handled = handled.WriteBitmap(),
        };
        db.ArchiveBlocks.Add(block);
        await db.SaveChangesAsync(ct);
        for (int place = 0; place < rows.Count; place++)
            (rows[place].ArchiveBlockId, rows[place].ArchivePlace) = (block.Id, place);
        db.ArchiveWords.AddRange(WordsOf(block.Id, rows));
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    /// <summary>In order, as the table keeps them.</summary>
    internal static IEnumerable<ArchiveWord> WordsOf(int block, List<Complaint> rows)
    {
        var words = new SortedDictionary<string, PlaceSet>(StringComparer.Ordinal);
        for (int place = 0; place < rows.Count; place++)
        {
            foreach (string word in ArchiveText.Of(rows[place]))
            {
                if (!words.TryGetValue(word, out PlaceSet? places))
                    words.Add(word, places = new PlaceSet());
                places.Add(place);
            }
        }

        return words.Select(w => new ArchiveWord { BlockId = block, Word = w.Key, Places = w.Value.Write() });
    }
}
