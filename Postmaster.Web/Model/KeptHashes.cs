namespace Postmaster.Web.Model;

/// <summary>What is remembered under keyed hashes, each in tables of its own kind of rows. The numbers stand in the database: append, never renumber.</summary>
public enum MemoryRoom : byte
{
    /// <summary>A message in a mailbox, and the streams that it was counted in.</summary>
    Deliveries = 0,

    /// <summary>A person and a stream: what the manners of a sender are measured by.</summary>
    People = 1,
}

/// <summary>
/// The state of a room. Whoever adds to the room first changes this row, so that one after another adds to it, on however many machines; what a
/// machine holds in memory is valid as long as it knows the version that it finds here.
/// </summary>
public sealed class MemoryClock
{
    public required MemoryRoom Room { get; init; }

    /// <summary>Raised by each transaction that takes the room.</summary>
    public long Version { get; set; }

    /// <summary>Raised when partitions come or go.</summary>
    public long Layout { get; set; }

    /// <summary>Names the transaction that wrote <see cref="Version"/>: whoever made it need not read again what it added.</summary>
    public Guid Stamp { get; set; }
}

/// <summary>What one commit added to a room and no partition holds yet.</summary>
public sealed class MemoryLog
{
    /// <summary>Room, version and number of the row, in this order.</summary>
    public required long Key { get; init; }

    /// <summary>UTC ticks.</summary>
    public required long CommittedAt { get; init; }

    public required byte[] Content { get; init; }

    public static long KeyOf(MemoryRoom room, long version, int number) => ((long)room << 60) | (version << 14) | (uint)number;

    /// <summary>Rows of one commit.</summary>
    public const int MostRows = 1 << 14;
}

/// <summary>A closed partition: entries of one stretch of time, which leave together.</summary>
public sealed class MemoryPart
{
    /// <summary>Room and number, which rises with time.</summary>
    public required long Id { get; init; }

    public required MemoryRoom Room { get; init; }
    public required int Entries { get; init; }

    /// <summary>How many of a hash's upper bits tell its page.</summary>
    public required int PageBits { get; init; }

    /// <summary>UTC ticks; no entry was committed later.</summary>
    public required long NewestAt { get; init; }

    private const int RoomPlace = 40;

    /// <summary>A Bloom filter: tells most of the hashes that are not here.</summary>
    public required byte[] Filter { get; set; }

    /// <summary>It is no longer asked, and its pages are being deleted.</summary>
    public bool IsDropped { get; set; }

    public static long IdOf(MemoryRoom room, long layout) => ((long)room << RoomPlace) | layout;
}

/// <summary>The entries of a partition whose hashes begin with the same bits.</summary>
public sealed class MemoryPage
{
    /// <summary>The partition first: what is written at one time lies at one place.</summary>
    public required long Key { get; init; }

    public required byte[] Content { get; init; }

    private const int NumberBits = 20;

    /// <summary>The part may be the first that does not exist, for the end of a range.</summary>
    public static long KeyOf(long part, long number = 0) => (part << NumberBits) | number;
}
