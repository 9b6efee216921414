using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Memory;

/// <summary>How a room keeps its entries.</summary>
/// <param name="Keep">For how long after their commit they are found at least.</param>
/// <param name="Stretch">The longest time of one partition, and so how much longer they may be found.</param>
/// <param name="Entries">Of a partition, at most those of the commit that fills it beyond.</param>
internal sealed record RoomRules(TimeSpan Keep, TimeSpan Stretch, int Entries)
{
    /// <summary>As many as are kept in memory until they become a partition.</summary>
    public const int DefaultEntries = 512 * 1024;
}

/// <summary>A partition as it is asked: its filter in memory, its pages in the database.</summary>
internal sealed record Partition(long Id, int PageBits, long NewestAt, byte[] Filter)
{
    public long PageOf(ulong hash) => MemoryPage.KeyOf(Id, PageBits == 0 ? 0 : (long)(hash >> (64 - PageBits)));
}

/// <summary>
/// Values under keyed hashes, remembered for a time. What commits add goes into log rows and stays in memory; when that is enough it becomes a partition:
/// pages in the order of the hashes, and a Bloom filter that stays in memory. So adding never touches what is old, however much there is, a look-up
/// reads about one page, and what has expired leaves by whole partitions. A newer entry hides an older one of the same hash.
/// <para>
/// The memory here only repeats what the database has committed. Each transaction that uses the room first changes the room's <see cref="MemoryClock"/>, which
/// makes all machines wait for each other, and then catches up with what was committed since this machine last looked: nothing is ever missed, and a
/// transaction that fails leaves no trace.
/// </para>
/// </summary>
internal sealed class HashRoom(MemoryRoom room, RoomRules rules, TimeProvider time) : IDisposable
{
    /// <summary>Octets of different values that become a partition before there are enough entries.</summary>
    private const int MaxValueOctets = 64 * 1024 * 1024;

    private readonly SemaphoreSlim _gate = new(1);
    private Dictionary<ulong, byte[]> _recent = [];
    private Partition[] _parts = [];
    private long _version = -1, _layout = -1, _since;
    private WrittenStep? _last;

    /// <summary>One array for equal values.</summary>
    public ValuePool Pool { get; } = new();

    public MemoryRoom Room => room;
    public RoomRules Rules => rules;
    internal IReadOnlyDictionary<ulong, byte[]> Recent => _recent;

    /// <summary>Newest first.</summary>
    internal ReadOnlySpan<Partition> Parts => _parts;

    /// <summary>Takes the room for the rest of the caller's transaction; rooms are taken in the order of their numbers.</summary>
    public async Task<RoomStep> OpenAsync(PostmasterDb db, CancellationToken ct)
    {
        // This waits until no other transaction has the room.
        if (await db.MemoryClocks.Where(c => c.Room == room).ExecuteUpdateAsync(set => set.SetProperty(c => c.Version, c => c.Version + 1), ct) != 1)
            throw new InvalidOperationException($"The clock of the room {room} is missing.");
        await _gate.WaitAsync(ct);
        try
        {
            MemoryClock clock = await db.MemoryClocks.AsNoTracking().SingleAsync(c => c.Room == room, ct);
            await CatchUpAsync(db, clock, ct);
            long layout = clock.Layout;
            if (IsFull(time.GetUtcNow().UtcTicks))
                await PartitionWriter.WriteAsync(db, room, _recent, clock.Version - 1, ++layout, time.GetUtcNow().UtcTicks, ct);
            return new RoomStep(this, db, clock.Version, layout);
        }
        catch
        {
            _gate.Release();
            throw;
        }
    }

    public void Dispose() => _gate.Dispose();

    /// <summary>The step has written, and is remembered in case its transaction commits.</summary>
    internal void Wrote(WrittenStep step) => _last = step;

    internal void Leave() => _gate.Release();

    internal long Now => time.GetUtcNow().UtcTicks;

    private bool IsFull(long now) =>
        _recent.Count > 0 && (_recent.Count >= rules.Entries || Pool.Octets > MaxValueOctets || now - _since >= rules.Stretch.Ticks);

    private async Task CatchUpAsync(PostmasterDb db, MemoryClock clock, CancellationToken ct)
    {
        long committed = clock.Version - 1;
        WrittenStep? last = _last;
        _last = null;
        if (clock.Layout != _layout)
        {
            await ReloadAsync(db, clock.Layout, ct);
        }
        else if (committed == _version + 1 && last?.Version == committed && last.Stamp == clock.Stamp)
        {
            foreach ((ulong hash, byte[] value) in last.Added)
                Take(hash, value, last.At);
        }
        else if (committed != _version)
        {
            await ReadLogAsync(db, _version, ct);
        }

        _version = committed;
    }

    private async Task ReloadAsync(PostmasterDb db, long layout, CancellationToken ct)
    {
        _layout = -1; // until it is done
        var ids = await db.MemoryParts.AsNoTracking().Where(p => p.Room == room && !p.IsDropped).OrderByDescending(p => p.Id)
            .Select(p => new { p.Id, p.PageBits, p.NewestAt }).ToListAsync(ct);
        Dictionary<long, Partition> known = _parts.ToDictionary(p => p.Id);
        var parts = new List<Partition>();
        foreach (var part in ids)
        {
            if (!known.TryGetValue(part.Id, out Partition? same))
                same = new Partition(part.Id, part.PageBits, part.NewestAt, await db.MemoryParts.AsNoTracking().Where(p => p.Id == part.Id).Select(p => p.Filter).SingleAsync(ct));
            parts.Add(same);
        }

        _parts = [.. parts];
        _recent = [];
        Pool.Clear();
        await ReadLogAsync(db, -1, ct);
        _layout = layout;
    }

    private async Task ReadLogAsync(PostmasterDb db, long after, CancellationToken ct)
    {
        long from = MemoryLog.KeyOf(room, after + 1, 0), to = MemoryLog.KeyOf(room + 1, 0, 0);
        await foreach (MemoryLog row in db.MemoryLogs.AsNoTracking().Where(l => l.Key >= from && l.Key < to).OrderBy(l => l.Key).AsAsyncEnumerable().WithCancellation(ct))
        {
            for (int i = 0; i < EntryBlock.Count(row.Content); i++)
                Take(EntryBlock.Hash(row.Content, i), Pool.Get(EntryBlock.Value(row.Content, i)), row.CommittedAt);
        }
    }

    private void Take(ulong hash, byte[] value, long at)
    {
        if (_recent.Count == 0)
            _since = at;
        _recent[hash] = value;
    }
}

/// <summary>What a step has written into its transaction.</summary>
internal sealed record WrittenStep(long Version, Guid Stamp, long At, IReadOnlyDictionary<ulong, byte[]> Added);
