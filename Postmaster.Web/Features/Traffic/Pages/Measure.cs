using Postmaster.Web.Components.Charts;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Pages;

/// <summary>What a chart draws of a day's or an hour's traffic.</summary>
/// <param name="Shade">Of the chart's scale.</param>
/// <param name="Value">As drawn; null: not known or hidden.</param>
/// <param name="Words">As in the table.</param>
public sealed record Measure(string Name, int Shade, Func<VisibleTraffic, double?> Value, Func<VisibleTraffic, string> Words)
{
    public static Measure Count(string name, int shade, Func<VisibleTraffic, long> count) =>
        new(name, shade, t => count(t), t => Counted.Number(count(t)));

    public static Measure Count(string name, int shade, params TrafficCounter[] counters) => Count(name, shade, t => counters.Sum(c => t[c]));

    /// <summary>How many of what people did.</summary>
    public static Measure CountOfPeople(string name, int shade, TrafficCounter counter) =>
        new(name, shade, t => t.Of(counter), t => TrafficWords.OfPeople(t, counter));

    /// <summary>A share in percent.</summary>
    public static Measure Share(string name, int shade, Func<VisibleTraffic, Rate?> rate) =>
        new(name, shade, t => rate(t)?.Value * 100, t => TrafficWords.Of(rate(t)));

    /// <summary>What people did with mail in inboxes, as a share of it.</summary>
    public static Measure OfPeople(string name, int shade, TrafficCounter counter) =>
        new(name, shade, t => t.RateOf(counter, TrafficCounter.DeliveredInbox)?.Value * 100, t => TrafficWords.ShareOfPeople(t, counter));

    /// <summary>The share that does not pass.</summary>
    public static Measure Failing(string name, int shade, TrafficCounter pass, TrafficCounter known) =>
        Share(name, shade, t => Rate.From(t[known] - t[pass], t[known]));
}
