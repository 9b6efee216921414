using System.Runtime.InteropServices;
using Postmaster.Web.Features.Traffic.Commit;
using Postmaster.Web.Features.Traffic.Events;

namespace Postmaster.Web.Features.Traffic.Memory;

/// <summary>Counts later events within one commit.</summary>
internal sealed class LaterJoin(RoomStep deliveries, CommitScope scope, Manners manners)
{
    private readonly List<KeptStream> _streams = [];

    /// <summary>By UTC day, how many events nobody knows the message of.</summary>
    public Dictionary<int, int> Unjoined { get; } = [];

    /// <param name="first">The place of the first event in the batch's list.</param>
    public async Task JoinAsync(EventDelta batch, int first, int count, CancellationToken ct)
    {
        Dictionary<ulong, byte[]> found = await deliveries.FindAsync(Hashes(batch, first, count), ct);
        foreach (ref readonly LaterEvent later in CollectionsMarshal.AsSpan(batch.Later).Slice(first, count))
        {
            if (Count(batch, later, found))
                continue;
            batch.Unjoined++;
            CollectionsMarshal.GetValueRefOrAddDefault(Unjoined, (int)(later.Time / TimeSpan.TicksPerDay), out _)++;
        }
    }

    private static IEnumerable<ulong> Hashes(EventDelta batch, int first, int count)
    {
        for (int i = first; i < first + count; i++)
        {
            if (batch.Later[i].Key is not { } key)
                continue;
            yield return DeliveryHash.Of(key);
            yield return DeliveryHash.Counted(key, batch.Later[i].Kind);
        }
    }

    /// <summary>False: nobody knows whose message it is.</summary>
    private bool Count(EventDelta batch, in LaterEvent later, Dictionary<ulong, byte[]> found)
    {
        if (later.Key is not { } key)
            return CountAsItSays(batch, later);
        ulong counted = DeliveryHash.Counted(key, later.Kind);
        if (found.ContainsKey(counted))
            return true;
        if (found.TryGetValue(DeliveryHash.Of(key), out byte[]? delivery))
            CountAsDelivered(later, delivery);
        else if (!CountAsItSays(batch, later))
            return false;
        found[counted] = [];
        deliveries.Put(counted, []);
        return true;
    }

    private void CountAsDelivered(in LaterEvent later, byte[] delivery)
    {
        StreamSet.Read(delivery, _streams);
        Count(later);
    }

    private bool CountAsItSays(EventDelta batch, in LaterEvent later)
    {
        StreamSet.Describe(batch.Of(later.Streams), scope, _streams);
        Count(later);
        return _streams.Count > 0;
    }

    private void Count(in LaterEvent later)
    {
        foreach (KeptStream stream in _streams)
            scope.Count(stream.Id, stream.HasHours, later.Time, EventCounts.Of(later.Kind), later.Recipient);
        manners.Happened(later.Kind, later.Time, later.Recipient, CollectionsMarshal.AsSpan(_streams));
    }
}
