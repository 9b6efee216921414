namespace Postmaster.Web.Features.FeedbackLoop.Digests;

/// <summary>When digests are due.</summary>
internal static class DigestHours
{
    /// <summary>The next instant after now at which the UTC day has this hour.</summary>
    public static DateTimeOffset Next(DateTimeOffset now, int hour)
    {
        var today = new DateTimeOffset(now.UtcDateTime.Date.AddHours(hour), TimeSpan.Zero);
        return today > now ? today : today.AddDays(1);
    }

    /// <summary>The last instant up to now at which the UTC day had this hour.</summary>
    public static DateTimeOffset Last(DateTimeOffset now, int hour) => Next(now, hour).AddDays(-1);
}
