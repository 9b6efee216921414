using System.Runtime.InteropServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.Traffic.Commit;
using Postmaster.Web.Features.Traffic.Directory;
using Postmaster.Web.Features.Traffic.Events;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Memory;

/// <summary>
/// Remembers deliveries for <see cref="TrafficOptions.JoinDays"/> and joins later events with them: an event counts on its own day in the streams that
/// its delivery had, each kind once a delivery. The deliveries of a commit come first, wherever they stand in it; a later event that was committed
/// before its delivery counts in the streams that it names itself, else as unjoined, and stays so.
/// </summary>
internal sealed class DeliveryMemory(MemoryRooms rooms, StreamDirectory directory, IOptions<TrafficOptions> options) : IDeliveryMemory
{
    /// <summary>Later events that are looked up together, so that what is read for them has a bound.</summary>
    private const int Slice = 4096;

    private readonly List<KeptStream> _streams = [];

    public bool IsOn => options.Value.JoinDays > 0;

    public async Task JoinAsync(CommitScope scope, IReadOnlyList<EventDelta> batches, CancellationToken ct)
    {
        if (!IsOn)
        {
            await new ForgetfulMemory().JoinAsync(scope, batches, ct);
            return;
        }

        foreach (EventDelta batch in batches)
            batch.Unjoined = 0;
        if (!batches.Any(b => b.Deliveries.Count > 0 || b.Later.Count > 0))
            return;
        using RoomStep deliveries = await rooms.Deliveries.OpenAsync(scope.Db, ct);
        using RoomStep people = await rooms.People.OpenAsync(scope.Db, ct);
        var manners = new Manners(people, scope, await StreamTypes.ReadAsync(scope.Db, ct));
        foreach (EventDelta batch in batches)
            Remember(deliveries, scope, batch);
        var join = new LaterJoin(deliveries, scope, manners);
        foreach (EventDelta batch in batches)
        {
            for (int first = 0; first < batch.Later.Count; first += Slice)
                await join.JoinAsync(batch, first, Math.Min(Slice, batch.Later.Count - first), ct);
        }

        foreach (EventDelta batch in batches)
            Judge(manners, scope, batch);
        await manners.CountAsync(ct);
        await deliveries.WriteAsync(ct);
        await people.WriteAsync(ct);
        foreach ((int day, int unjoined) in join.Unjoined.OrderBy(u => u.Key))
            await CountAsync(scope, DateOnly.FromDayNumber(day), unjoined, ct);
    }

    private static Task<int> CountAsync(CommitScope scope, DateOnly day, long unjoined, CancellationToken ct) => scope.Db.Database.ExecuteSqlAsync(
        $"""
        INSERT INTO "DailyCounts" ("Domain", "Day", "Kind", "Count") VALUES ('', {day}, {nameof(CountKind.Unjoined)}, {unjoined})
        ON CONFLICT ("Domain", "Day", "Kind") DO UPDATE SET "Count" = "DailyCounts"."Count" + excluded."Count"
        """,
        ct);

    private void Remember(RoomStep deliveries, CommitScope scope, EventDelta batch)
    {
        foreach (ref readonly Delivery delivery in CollectionsMarshal.AsSpan(batch.Deliveries))
        {
            StreamSet.Describe(batch.Of(delivery.Streams), scope, _streams);
            deliveries.Put(DeliveryHash.Of(delivery.Key), StreamSet.Pack(CollectionsMarshal.AsSpan(_streams), deliveries.Pool));
        }
    }

    /// <summary>Holds each delivery of a claimed domain against the people who left it or were invited by it.</summary>
    private void Judge(Manners manners, CommitScope scope, EventDelta batch)
    {
        ClaimMap claims = directory.Claims;
        foreach (ref readonly Delivery delivery in CollectionsMarshal.AsSpan(batch.Deliveries))
        {
            ReadOnlySpan<StreamEntry> entries = batch.Of(delivery.Streams);
            StreamSet.Describe(entries, scope, _streams);
            ReadOnlySpan<KeptStream> streams = CollectionsMarshal.AsSpan(_streams);
            for (int first = 0; first < streams.Length;)
            {
                int count = StreamSet.OfDomain(streams[first..]);
                if (entries[first].Kind == StreamKind.Whole && claims.Has(entries[first].Domain.Name))
                    manners.Delivered(delivery.Time, delivery.Recipient, streams.Slice(first, count));
                first += count;
            }
        }
    }
}

/// <summary>What the room of deliveries is asked for.</summary>
internal static class DeliveryHash
{
    /// <summary>
    /// The delivery itself. 64 bits of the keyed hash: of 50 million deliveries two share them with a chance of one in fifteen thousand.
    /// </summary>
    public static ulong Of(UInt128 key) => (ulong)key;

    /// <summary>The note that an event of a kind was counted for the delivery.</summary>
    public static ulong Counted(UInt128 key, EventKind kind) => (ulong)key ^ (((ulong)kind + 1) * 0x9E3779B97F4A7C15UL);
}
