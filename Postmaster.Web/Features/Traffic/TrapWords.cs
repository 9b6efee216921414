using Postmaster.Web.Features.Reputation.Formula;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic;

/// <summary>
/// Trap hits in the only form in which they are told: days late and as a word, for a whole domain and a range of days. Anything finer, and one could
/// find the traps by writing to one address after the other and looking here.
/// </summary>
public static class TrapWords
{
    /// <summary>The last day that is told of.</summary>
    public static DateOnly Last(DateOnly today) => today.AddDays(-TrafficWindow.TrapDelay);

    /// <summary>The hits of the days up to <see cref="Last"/>.</summary>
    public static string Of(IEnumerable<(DateOnly Day, TrafficCounts Counts)> days, DateOnly today) =>
        Of(days.Where(d => d.Day <= Last(today)).Sum(d => d.Counts[TrafficCounter.Trap]));

    public static string Of(long hits) => hits switch
    {
        < TrafficWindow.TrapLeast => "none or very few",
        < 10 => "few",
        < 100 => "tens",
        < 1000 => "hundreds",
        _ => "thousands",
    };
}
