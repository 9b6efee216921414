using Microsoft.AspNetCore.Components;

namespace Postmaster.Web.Components.Charts;

/// <summary>A count a day as columns. The page gives the same numbers as a table.</summary>
public sealed partial class DailyChart
{
    private const int Height = 220;
    private static readonly (string Name, int Width, int Labels)[] Pictures = [("wide", 1070, 10), ("narrow", 300, 4)];

    [Parameter]
    [EditorRequired]
    public IReadOnlyList<DayValue> Days { get; set; } = [];

    /// <summary>What is counted, in the singular: "complaint".</summary>
    [Parameter]
    [EditorRequired]
    public string Unit { get; set; } = "";

    /// <summary>The chart in one sentence, for people who do not see it.</summary>
    [Parameter]
    [EditorRequired]
    public string Summary { get; set; } = "";

    /// <summary>The upper end of the value axis and the distance of its lines: whole numbers, at most five lines.</summary>
    internal static (long Top, long Step) Axis(long highest)
    {
        const int lines = 4;
        long step = 1;
        for (long unit = 1; ; unit *= 10)
        {
            foreach (int factor in (int[])[1, 2, 5])
            {
                step = unit * factor;
                if (step * lines >= highest)
                    return (Math.Max(1, (highest + step - 1) / step) * step, step);
            }
        }
    }

    private long Top => Axis(Days.Max(d => d.Value) ?? 0).Top;

    private long TickStep => Axis(Days.Max(d => d.Value) ?? 0).Step;

    private string Label(object day, int labels)
    {
        int index = Days.TakeWhile(d => !string.Equals(d.Key, (string)day, StringComparison.Ordinal)).Count();
        int every = Math.Max(1, (Days.Count + labels - 1) / labels);
        // Counted from the last day, so that "today" always has its label.
        return index < Days.Count && (Days.Count - 1 - index) % every == 0 ? Days[index].ShortDay : "";
    }
}
