using System.Globalization;

namespace Postmaster.Web.Components.Shared;

/// <summary>Whole UTC days, both ends included, as the URL of a page holds them: <c>range=30d</c>, or <c>from=2026-11-01&amp;to=2026-11-14</c>.</summary>
public sealed record DateRange
{
    /// <summary>The longest range: a column a day has to stay visible on a phone, and the page small.</summary>
    public const int LongestDays = 92;

    /// <summary>The first day that a range may hold; earlier than any portal.</summary>
    public static readonly DateOnly Earliest = new(2000, 1, 1);

    private const string DayFormat = "yyyy-MM-dd";
    private static readonly (string Key, int Days)[] Known = [("7d", 7), ("30d", 30), ("90d", 90)];

    private DateRange(DateOnly from, DateOnly to, DateOnly today, string? preset)
    {
        From = from;
        To = to;
        Today = today;
        Preset = preset;
    }

    public DateOnly From { get; }
    public DateOnly To { get; }

    /// <summary>The UTC day on which the page is looked at: no range goes beyond it.</summary>
    public DateOnly Today { get; }

    /// <summary><c>7d</c>, <c>30d</c> or <c>90d</c>; null when the two ends were given.</summary>
    public string? Preset { get; }

    public int Days => To.DayNumber - From.DayNumber + 1;

    /// <summary>The first instant of the range.</summary>
    public DateTimeOffset Start => new(From.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    /// <summary>The first instant after the range.</summary>
    public DateTimeOffset End => new(To.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    /// <summary>The part of a query string that leads back to this range.</summary>
    public string Query => Preset is { } preset ? $"range={preset}" : $"from={Text(From)}&to={Text(To)}";

    /// <summary>"the last 30 days", or "1 Nov to 14 Nov 2026": fits after "in" and "for".</summary>
    public string Words => Preset is not null
        ? $"the last {Days} days"
        : From == To
            ? From.ToString("d MMM yyyy", CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{From.ToString(From.Year == To.Year ? "d MMM" : "d MMM yyyy", CultureInfo.InvariantCulture)} to {To:d MMM yyyy}");

    /// <summary>The names that <c>range=</c> knows, shortest first.</summary>
    public static IEnumerable<string> Presets => Known.Select(k => k.Key);

    /// <summary>The range that a page shows when the URL names none: the last 30 days, today included.</summary>
    public static DateRange Default(DateOnly today) => Last(today, "30d");

    public static DateRange Last(DateOnly today, string preset)
    {
        int days = Array.Find(Known, k => string.Equals(k.Key, preset, StringComparison.Ordinal)).Days;
        return days > 0 ? new DateRange(today.AddDays(1 - days), today, today, preset) : throw new ArgumentOutOfRangeException(nameof(preset), preset, "Not a range.");
    }

    /// <summary>As the value of a date field and of the query.</summary>
    public static string Text(DateOnly day) => day.ToString(DayFormat, CultureInfo.InvariantCulture);

    /// <summary>Reads what a URL says. False: it cannot be shown; <paramref name="range"/> is then the default and <paramref name="problem"/> a sentence for the page.</summary>
    /// <param name="preset">The value of <c>range</c>; both ends win over it.</param>
    /// <param name="from">Missing with <paramref name="to"/> given: 30 days before it.</param>
    /// <param name="to">Missing with <paramref name="from"/> given: today, or the longest range.</param>
    public static bool TryParse(string? preset, string? from, string? to, DateOnly today, out DateRange range, out string? problem)
    {
        range = Default(today);
        problem = null;
        if (string.IsNullOrWhiteSpace(from) && string.IsNullOrWhiteSpace(to))
        {
            if (string.IsNullOrWhiteSpace(preset))
                return true;
            if (!Presets.Contains(preset.Trim(), StringComparer.Ordinal))
                problem = "This page knows the ranges 7d, 30d and 90d.";
            else
                range = Last(today, preset.Trim());
        }
        else
        {
            problem = ReadEnds(from, to, today, out DateOnly first, out DateOnly last);
            if (problem is null)
                range = new DateRange(first, last, today, preset: null);
        }

        if (problem is not null)
            problem += " You see the last 30 days instead.";
        return problem is null;
    }

    private static string? ReadEnds(string? from, string? to, DateOnly today, out DateOnly first, out DateOnly last)
    {
        first = last = today;
        bool hasFrom = !string.IsNullOrWhiteSpace(from), hasTo = !string.IsNullOrWhiteSpace(to);
        if (hasFrom && !TryDay(from, out first))
            return "The first day is not a date like 2026-11-01.";
        if (hasTo && !TryDay(to, out last))
            return "The last day is not a date like 2026-11-30.";
        if (first < Earliest && hasFrom)
            return $"There is no data before {Text(Earliest)}.";
        if (first > today)
            return $"The first day is in the future: today is {Text(today)} in UTC.";
        if (last > today)
            return $"The last day is in the future: today is {Text(today)} in UTC.";
        if (!hasFrom)
            first = last.DayNumber - Earliest.DayNumber < 29 ? Earliest : last.AddDays(-29);
        if (!hasTo)
            last = first.AddDays(LongestDays - 1) is var longest && longest < today ? longest : today;
        if (first > last)
            return "The first day comes after the last.";
        if (last.DayNumber - first.DayNumber >= LongestDays)
            return $"A range has at most {LongestDays} days.";
        return null;
    }

    private static bool TryDay(string? text, out DateOnly day) =>
        DateOnly.TryParseExact(text?.Trim(), DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
}
