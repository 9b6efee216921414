using System.Numerics;
using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Memory;

/// <summary>Turns the entries of log rows into a partition, within a transaction that has the room.</summary>
internal static class PartitionWriter
{
    /// <summary>Entries of a page on the average. A look-up reads one page, so it should be small, some kilobytes; each costs a row, so it should not be too small.</summary>
    private const int PageEntries = 128;

    /// <param name="version">The last one whose entries are among them.</param>
    /// <param name="layout">The room's next one.</param>
    /// <param name="now">UTC ticks.</param>
    public static async Task WriteAsync(PostmasterDb db, MemoryRoom room, Dictionary<ulong, byte[]> entries, long version, long layout, long now, CancellationToken ct)
    {
        ulong[] hashes = [.. entries.Keys];
        byte[][] values = [.. entries.Values];
        Array.Sort(hashes, values);
        int pageBits = hashes.Length <= PageEntries ? 0 : BitOperations.Log2((uint)((hashes.Length - 1) / PageEntries)) + 1;
        long id = MemoryPart.IdOf(room, layout);
        byte[] filter = HashFilter.Of(hashes);
        await db.Database.ExecuteSqlAsync(
            $"""INSERT INTO "MemoryParts" ("Id", "Room", "Entries", "PageBits", "NewestAt", "Filter", "IsDropped") VALUES ({id}, {(short)room}, {hashes.Length}, {pageBits}, {now}, {filter}, {false})""",
            ct);
        await MemoryRows.InsertPagesAsync(db, Pages(id, pageBits, hashes, values), ct);
        long from = MemoryLog.KeyOf(room, 0, 0), to = MemoryLog.KeyOf(room, version + 1, 0);
        await db.MemoryLogs.Where(l => l.Key >= from && l.Key < to).ExecuteDeleteAsync(ct);
    }

    private static IEnumerable<(long Key, byte[] Content)> Pages(long id, int pageBits, ulong[] hashes, byte[][] values)
    {
        var part = new Partition(id, pageBits, 0, []);
        for (int first = 0; first < hashes.Length;)
        {
            long page = part.PageOf(hashes[first]);
            int end = first + 1;
            while (end < hashes.Length && part.PageOf(hashes[end]) == page)
                end++;
            yield return (page, EntryBlock.Write(hashes.AsSpan(first, end - first), values.AsSpan(first, end - first)));
            first = end;
        }
    }
}
