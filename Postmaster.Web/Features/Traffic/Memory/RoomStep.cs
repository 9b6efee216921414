using System.Runtime.InteropServices;
using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Memory;

/// <summary>
/// A room within one transaction: sees all that was committed before and what it adds itself. Dispose it before the transaction ends;
/// <see cref="WriteAsync"/> has to be called in each transaction that commits.
/// </summary>
internal sealed class RoomStep(HashRoom room, PostmasterDb db, long version, long layout) : IDisposable
{
    /// <summary>Pages read in one statement, and so in memory at a time.</summary>
    private const int Pages = 256;

    /// <summary>Entries of a log row.</summary>
    private const int LogEntries = 4096;

    private readonly Dictionary<ulong, byte[]> _added = [];
    private long _layout = layout;

    public ValuePool Pool => room.Pool;

    /// <summary>Adds an entry, or hides an older one of the same hash.</summary>
    /// <param name="value">From <see cref="Pool"/>.</param>
    public void Put(ulong hash, byte[] value) => _added[hash] = value;

    /// <summary>What is at hand without reading; null: not at hand.</summary>
    public byte[]? AtHand(ulong hash) => _added.TryGetValue(hash, out byte[]? value) || room.Recent.TryGetValue(hash, out value) ? value : null;

    /// <summary>False: certainly not here.</summary>
    public bool MayHave(ulong hash)
    {
        if (_added.ContainsKey(hash) || room.Recent.ContainsKey(hash))
            return true;
        var probe = new HashProbe(hash);
        foreach (Partition part in room.Parts)
        {
            if (probe.MayBeIn(part.Filter))
                return true;
        }

        return false;
    }

    /// <summary>The values of those hashes that are here, of each the newest.</summary>
    /// <param name="hashes">As many as may be in memory with their values.</param>
    public async Task<Dictionary<ulong, byte[]>> FindAsync(IEnumerable<ulong> hashes, CancellationToken ct)
    {
        var found = new Dictionary<ulong, byte[]>();
        var wanted = new List<Wanted>();
        foreach (ulong hash in hashes)
        {
            if (AtHand(hash) is { } value)
                found[hash] = value;
            else
                Want(hash, wanted);
        }

        // Newest pages first: what was found is not looked for any more.
        wanted.Sort((a, b) => b.Page.CompareTo(a.Page));
        for (int first = 0; first < wanted.Count;)
        {
            int end = first;
            var pages = new List<long>();
            for (; end < wanted.Count && pages.Count < Pages; end++)
            {
                if (!found.ContainsKey(wanted[end].Hash) && (pages.Count == 0 || pages[^1] != wanted[end].Page))
                    pages.Add(wanted[end].Page);
            }

            await LookAsync(pages, CollectionsMarshal.AsSpan(wanted)[first..end].ToArray(), found, ct);
            first = end;
        }

        return found;
    }

    /// <summary>All machines look at the list of partitions again.</summary>
    public void ChangeLayout() => _layout++;

    /// <summary>Writes what was added.</summary>
    public async Task WriteAsync(CancellationToken ct)
    {
        var written = new WrittenStep(version, Guid.NewGuid(), room.Now, _added);
        await MemoryRows.InsertLogAsync(db, Rows(written), written.At, ct);
        await db.MemoryClocks.Where(c => c.Room == room.Room)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.Stamp, written.Stamp).SetProperty(c => c.Layout, _layout), ct);
        room.Wrote(written);
    }

    public void Dispose() => room.Leave();

    private void Want(ulong hash, List<Wanted> wanted)
    {
        var probe = new HashProbe(hash);
        foreach (Partition part in room.Parts)
        {
            if (probe.MayBeIn(part.Filter))
                wanted.Add(new Wanted(part.PageOf(hash), hash));
        }
    }

    private async Task LookAsync(List<long> pages, Wanted[] wanted, Dictionary<ulong, byte[]> found, CancellationToken ct)
    {
        if (pages.Count == 0)
            return;
        Dictionary<long, byte[]> contents = await db.MemoryPages.AsNoTracking().Where(p => pages.Contains(p.Key)).ToDictionaryAsync(p => p.Key, p => p.Content, ct);
        foreach (Wanted one in wanted)
        {
            // A partition's pages without any entry are not written.
            if (found.ContainsKey(one.Hash) || !contents.TryGetValue(one.Page, out byte[]? page))
                continue;
            int place = EntryBlock.Find(page, one.Hash);
            if (place >= 0)
                found.Add(one.Hash, Pool.Get(EntryBlock.Value(page, place)));
        }
    }

    private IEnumerable<(long Key, byte[] Content)> Rows(WrittenStep step)
    {
        int number = 0;
        foreach (KeyValuePair<ulong, byte[]>[] part in _added.Chunk(LogEntries))
        {
            if (number == MemoryLog.MostRows)
                throw new InvalidOperationException("One commit adds more entries than a log can hold.");
            yield return (MemoryLog.KeyOf(room.Room, step.Version, number++), EntryBlock.Write([.. part.Select(e => e.Key)], [.. part.Select(e => e.Value)]));
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Wanted(long Page, ulong Hash);
}
