using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Memory;

/// <summary>
/// Lets partitions go whose entries have all expired: first every machine is told not to ask them any more, then their pages are deleted, a few at a time.
/// </summary>
internal static class PartitionDropper
{
    /// <summary>Pages of one transaction.</summary>
    private const int Pages = 200;

    /// <returns>How many partitions were dropped.</returns>
    public static async Task<int> SweepAsync(IDbContextFactory<PostmasterDb> databases, HashRoom room, CancellationToken ct)
    {
        int dropped = await CloseAndDropAsync(databases, room, ct);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        foreach (long part in await db.MemoryParts.Where(p => p.Room == room.Room && p.IsDropped).Select(p => p.Id).ToListAsync(ct))
        {
            long from = MemoryPage.KeyOf(part), to = MemoryPage.KeyOf(part + 1);
            while (true)
            {
                List<long> keys = await db.MemoryPages.Where(p => p.Key >= from && p.Key < to).OrderBy(p => p.Key).Select(p => p.Key).Take(Pages).ToListAsync(ct);
                if (keys.Count == 0)
                    break;
                long last = keys[^1];
                await db.MemoryPages.Where(p => p.Key >= from && p.Key <= last).ExecuteDeleteAsync(ct);
            }

            await db.MemoryParts.Where(p => p.Id == part).ExecuteDeleteAsync(ct);
        }

        return dropped;
    }

    /// <summary>Also closes a partition whose time is over while no events come.</summary>
    private static async Task<int> CloseAndDropAsync(IDbContextFactory<PostmasterDb> databases, HashRoom room, CancellationToken ct)
    {
        long expired = room.Now - room.Rules.Keep.Ticks, overdue = room.Now - room.Rules.Stretch.Ticks;
        long firstLog = MemoryLog.KeyOf(room.Room, 0, 0), endOfLog = MemoryLog.KeyOf(room.Room + 1, 0, 0);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        if (!await db.MemoryParts.AnyAsync(p => p.Room == room.Room && !p.IsDropped && p.NewestAt < expired, ct)
            && !await db.MemoryLogs.Where(l => l.Key >= firstLog && l.Key < endOfLog).OrderBy(l => l.Key).Take(1).AnyAsync(l => l.CommittedAt < overdue, ct))
            return 0;
        await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(ct);
        using RoomStep step = await room.OpenAsync(db, ct);
        int dropped = await db.MemoryParts.Where(p => p.Room == room.Room && !p.IsDropped && p.NewestAt < expired)
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.IsDropped, true).SetProperty(p => p.Filter, Array.Empty<byte>()), ct);
        step.ChangeLayout();
        await step.WriteAsync(ct);
        await transaction.CommitAsync(ct);
        return dropped;
    }
}
