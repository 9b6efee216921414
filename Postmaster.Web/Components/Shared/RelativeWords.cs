using System.Globalization;

namespace Postmaster.Web.Components.Shared;

/// <summary>How long ago, or how soon, in words; always rounded down, so that nothing looks older than it is.</summary>
public static class RelativeWords
{
    private static readonly TimeSpan WordsEnd = TimeSpan.FromDays(60);

    /// <summary>"just now", "5 min ago", "3 h ago", "2 days ago", "in 10 min"; the date in UTC beyond 60 days.</summary>
    public static string Of(DateTimeOffset value, DateTimeOffset now)
    {
        TimeSpan distance = (now - value).Duration();
        if (distance >= WordsEnd)
            return value.UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture);
        if (distance < TimeSpan.FromMinutes(1))
            return value <= now ? "just now" : "in a moment";
        string words = Length(distance);
        return value <= now ? $"{words} ago" : $"in {words}";
    }

    /// <summary>A span of a minute or more in its largest unit: "5 min", "3 h", "1 day".</summary>
    public static string Length(TimeSpan span) => span switch
    {
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes} min"),
        { TotalDays: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours} h"),
        { TotalDays: < 2 } => "1 day",
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalDays} days"),
    };
}
