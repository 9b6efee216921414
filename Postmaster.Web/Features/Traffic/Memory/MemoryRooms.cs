using Microsoft.Extensions.Options;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Memory;

/// <summary>The rooms of this process. Who needs several takes them in this order.</summary>
internal sealed class MemoryRooms : IDisposable
{
    /// <summary>Partitions that a room is divided into at least, over the time that it keeps entries.</summary>
    private const int Stretches = 14;

    public MemoryRooms(IOptions<TrafficOptions> options, TimeProvider time)
    {
        Deliveries = new HashRoom(MemoryRoom.Deliveries, Rules(options.Value.JoinDays, options.Value.MemoryPartition), time);
        People = new HashRoom(MemoryRoom.People, Rules(options.Value.PeopleDays, options.Value.MemoryPartition), time);
    }

    public HashRoom Deliveries { get; }
    public HashRoom People { get; }

    public void Dispose()
    {
        Deliveries.Dispose();
        People.Dispose();
    }

    private static RoomRules Rules(int days, int entries) => new(TimeSpan.FromDays(days), TimeSpan.FromDays(days) / Stretches, entries);
}
