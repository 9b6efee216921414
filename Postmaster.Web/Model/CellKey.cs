namespace Postmaster.Web.Model;

/// <summary>
/// The primary key of a cell: the stream in the upper bits, the period in the lower, so that the periods of one stream lie side by side
/// in the table and a page reads one range.
/// </summary>
public static class CellKey
{
    private const int DayBits = 17, HourBits = 22;
    private static readonly DateOnly FirstDay = new(2000, 1, 1);
    private static readonly DateTimeOffset FirstHour = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static long Day(int stream, DateOnly day) => ((long)stream << DayBits) | (uint)(day.DayNumber - FirstDay.DayNumber);

    /// <param name="instant">Any instant of the hour.</param>
    public static long Hour(int stream, DateTimeOffset instant) => ((long)stream << HourBits) | (uint)((instant - FirstHour).Ticks / TimeSpan.TicksPerHour);

    public static (int Stream, DateOnly Day) OfDay(long key) => ((int)(key >> DayBits), FirstDay.AddDays((int)(key & ((1 << DayBits) - 1))));

    public static (int Stream, DateTimeOffset Hour) OfHour(long key) => ((int)(key >> HourBits), FirstHour.AddHours(key & ((1 << HourBits) - 1)));
}

/// <summary>The counters of a stream on one UTC day. Its columns are <see cref="TrafficCounter"/>'s, read and written by Data/Cells.</summary>
public sealed class TrafficDay
{
    /// <summary><see cref="CellKey.Day"/>.</summary>
    public required long Key { get; init; }
}

/// <summary>The counters of a stream in one hour; kept for the streams <see cref="StreamKind.Whole"/> and <see cref="StreamKind.Unauthenticated"/>.</summary>
public sealed class TrafficHour
{
    /// <summary><see cref="CellKey.Hour"/>.</summary>
    public required long Key { get; init; }
}
