using System.Globalization;

namespace Postmaster.Fbl.Mime;

/// <summary>The date-time of mail: RFC 5322 §3.3 with the obsolete forms of §4.3.</summary>
public static class MailDate
{
    private const string Months = "janfebmaraprmayjunjulaugsepoctnovdec";

    /// <summary>Words of a date that are looked at; stops a value made of white space and comments.</summary>
    private const int MaxWords = 12;

    /// <summary>
    /// The day of the week is not checked, comments are passed over, seconds and zone may be missing (no zone means UTC, as "-0000" does),
    /// a year of two or three digits is read as §4.3 says, and a leap second is the second before it.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset date)
    {
        date = default;
        Span<Range> words = stackalloc Range[MaxWords];
        var count = Split(text, words);
        var i = 0;
        if (count > 0 && !char.IsAsciiDigit(text[words[0]][0]))
            i++; // the day of the week
        if (count < i + 4
            || !TryNumber(text[words[i]], 1, 31, out var day)
            || !TryMonth(text[words[i + 1]], out var month)
            || !TryYear(text[words[i + 2]], out var year)
            || !TryTime(text[words[i + 3]], out var hour, out var minute, out var second)
            || day > DateTime.DaysInMonth(year, month))
            return false;
        var zone = 0;
        if (count > i + 4 && !TryZone(text[words[i + 4]], out zone))
            return false;
        return TryMake(new DateTime(year, month, day, hour, minute, second, DateTimeKind.Unspecified), zone, out date);
    }

    /// <summary>
    /// What the topmost Received says, or else Date, for a mail of an archive: t= and x= of signatures are judged by it. Anybody could have written
    /// it, so it is good for a check that somebody makes of his own mail and for nothing else. The moment of the check when it says nothing, or a later one.
    /// </summary>
    public static DateTimeOffset ClaimedArrival(HeaderBlock headers, DateTimeOffset now)
    {
        var value = (headers.First("Received") ?? headers.First("Date"))?.Unfolded ?? "";
        return TryParse(value.AsSpan(value.LastIndexOf(';') + 1), out var date) && date < now ? date : now;
    }

    /// <summary>In the date's own zone, such as <c>Sat, 21 Nov 2026 10:00:00 +0000</c>.</summary>
    public static string Format(DateTimeOffset date)
    {
        var sign = date.Offset < TimeSpan.Zero ? '-' : '+';
        return string.Create(CultureInfo.InvariantCulture, $"{date:ddd, dd MMM yyyy HH:mm:ss} {sign}{date.Offset:hhmm}");
    }

    /// <summary>Words between white space, commas and comments (which nest).</summary>
    private static int Split(ReadOnlySpan<char> text, Span<Range> words)
    {
        int count = 0, depth = 0, start = -1;
        for (var i = 0; i <= text.Length && count < words.Length; i++)
        {
            var c = i < text.Length ? text[i] : ' ';
            if (depth == 0 && c is not (' ' or '\t' or '\r' or '\n' or ',' or '('))
            {
                if (start < 0)
                    start = i;
                continue;
            }
            if (start >= 0)
                words[count++] = start..i;
            start = -1;
            if (c == '\\')
                i++;
            else if (c == '(')
                depth++;
            else if (c == ')')
                depth--;
        }
        return count;
    }

    private static bool TryNumber(ReadOnlySpan<char> word, int min, int max, out int number) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= min && number <= max;

    private static bool TryMonth(ReadOnlySpan<char> word, out int month)
    {
        month = 0;
        if (word.Length < 3)
            return false;
        var found = Months.AsSpan().IndexOf(word[..3], StringComparison.OrdinalIgnoreCase);
        month = (found / 3) + 1;
        return found >= 0 && found % 3 == 0;
    }

    private static bool TryYear(ReadOnlySpan<char> word, out int year)
    {
        if (!TryNumber(word, 0, 9999, out year))
            return false;
        // RFC 5322 §4.3
        if (word.Length == 2)
            year += year < 50 ? 2000 : 1900;
        else if (word.Length == 3)
            year += 1900;
        return year > 0;
    }

    private static bool TryTime(ReadOnlySpan<char> word, out int hour, out int minute, out int second)
    {
        minute = second = 0;
        Span<Range> fields = stackalloc Range[4];
        var count = word.Split(fields, ':');
        if (!TryNumber(word[fields[0]], 0, 23, out hour) || count is < 2 or > 3 || !TryNumber(word[fields[1]], 0, 59, out minute))
            return false;
        if (count == 3 && !TryNumber(word[fields[2]], 0, 60, out second))
            return false;
        second = Math.Min(second, 59);
        return true;
    }

    /// <summary>Minutes east of UTC.</summary>
    private static bool TryZone(ReadOnlySpan<char> word, out int minutes)
    {
        minutes = 0;
        if (word.Length == 5 && word[0] is '+' or '-')
        {
            if (!TryNumber(word[1..], 0, 9959, out var digits))
                return false;
            minutes = (digits / 100 * 60) + (digits % 100);
            minutes = word[0] == '-' ? -minutes : minutes;
            return true;
        }
        // RFC 5322 §4.3: the single letters and all unknown names mean "-0000".
        minutes = word switch
        {
            "EDT" => -4 * 60,
            "EST" or "CDT" => -5 * 60,
            "CST" or "MDT" => -6 * 60,
            "MST" or "PDT" => -7 * 60,
            "PST" => -8 * 60,
            _ => 0,
        };
        return char.IsAsciiLetter(word[0]);
    }

    private static bool TryMake(DateTime local, int zone, out DateTimeOffset date)
    {
        date = default;
        var utc = local.Ticks - (zone * TimeSpan.TicksPerMinute);
        if (utc < DateTime.MinValue.Ticks || utc > DateTime.MaxValue.Ticks)
            return false;
        date = new DateTimeOffset(utc, TimeSpan.Zero);
        // DateTimeOffset knows zones up to 14 hours; the instant stays right beyond.
        if (Math.Abs(zone) <= 14 * 60)
            date = new DateTimeOffset(local, TimeSpan.FromMinutes(zone));
        return true;
    }
}
