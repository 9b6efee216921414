using System.Globalization;

namespace Postmaster.Web.Features.Traffic.Events;

/// <summary>Reads the times of events: RFC 3339, in UTC or with an offset.</summary>
internal static class EventTime
{
    /// <summary>The form that nearly every feeder writes, <c>2026-11-21T10:00:00Z</c>, is read without a string.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long utcTicks)
    {
        utcTicks = 0;
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || (text[10] | 0x20) != 't' || text[13] != ':' || text[16] != ':')
            return false;
        int year = (Two(text, 0) * 100) + Two(text, 2), month = Two(text, 5), day = Two(text, 8), hour = Two(text, 11), minute = Two(text, 14), second = Two(text, 17);
        if ((year | month | day | hour | minute | second) < 0)
            return false;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 60)
            return false;
        // RFC 3339 §5.6 allows the leap second.
        long ticks = new DateTime(year, month, day, hour, minute, Math.Min(second, 59), DateTimeKind.Utc).Ticks;
        ReadOnlySpan<byte> rest = text[19..];
        if (rest[0] == '.')
        {
            int digits = 1;
            long fraction = 0, unit = TimeSpan.TicksPerSecond / 10;
            for (; digits < rest.Length && rest[digits] is >= (byte)'0' and <= (byte)'9'; digits++, unit /= 10)
                fraction += (rest[digits] - '0') * unit;
            if (digits == 1)
                return false;
            ticks += fraction;
            rest = rest[digits..];
        }

        if (!TryParseOffset(rest, out long offset))
            return false;
        utcTicks = ticks - offset;
        return utcTicks >= DateTimeOffset.MinValue.UtcTicks && utcTicks <= DateTimeOffset.MaxValue.UtcTicks;
    }

    /// <summary>As <see cref="TryParse"/> reads it.</summary>
    public static string Write(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);

    private static bool TryParseOffset(ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        if (text.Length == 1)
            return (text[0] | 0x20) == 'z';
        if (text.Length != 6 || text[0] is not ((byte)'+' or (byte)'-') || text[3] != ':')
            return false;
        int hours = Two(text, 1), minutes = Two(text, 4);
        if ((hours | minutes) < 0 || hours > 23 || minutes > 59)
            return false;
        ticks = ((hours * 60L) + minutes) * TimeSpan.TicksPerMinute * (text[0] == '-' ? -1 : 1);
        return true;
    }

    /// <summary>Negative when the two are not digits.</summary>
    private static int Two(ReadOnlySpan<byte> text, int at)
    {
        int tens = text[at] - '0', ones = text[at + 1] - '0';
        return (uint)tens <= 9 && (uint)ones <= 9 ? (tens * 10) + ones : -1;
    }
}
