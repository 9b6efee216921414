using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Components;
using Postmaster.Web.Components.Shared;

namespace Postmaster.Web.Components.Charts;

/// <summary>Values over days or hours. The page gives the same numbers as a table.</summary>
public sealed partial class PeriodChart
{
    private const int Slot = 10;
    private const string Column = "7.4";

    /// <summary>Of the highest column behind: below that part of it a line's value does not set the scale.</summary>
    private const double FewBehind = 0.1;

    /// <summary>How high the words of a mark are, in hundredths of the plot.</summary>
    private const double WordsHeight = 8;

    /// <summary>Labels under a wide and a narrow picture.</summary>
    private const int WideLabels = 6, NarrowLabels = 3;

    [Parameter]
    [EditorRequired]
    public IReadOnlyList<ChartSlot> Slots { get; set; } = [];

    /// <summary>Stacked columns, the lowest first.</summary>
    [Parameter]
    public IReadOnlyList<ChartSeries> Stack { get; set; } = [];

    [Parameter]
    public IReadOnlyList<ChartSeries> Lines { get; set; } = [];

    /// <summary>Columns behind, on a scale of their own: the name says what the highest is.</summary>
    [Parameter]
    public ChartSeries? Behind { get; set; }

    [Parameter]
    public IReadOnlyList<ChartMark> Marks { get; set; } = [];

    /// <summary>The upper end of the scale; null: what the values need.</summary>
    [Parameter]
    public double? Highest { get; set; }

    /// <summary>Behind each number of the scale, such as " %".</summary>
    [Parameter]
    public string Unit { get; set; } = "";

    /// <summary>The chart in one sentence, for people who do not see it.</summary>
    [Parameter]
    [EditorRequired]
    public string Summary { get; set; } = "";

    private int Width => Math.Max(1, Slots.Count) * Slot;

    private double Top { get; set; }

    private double Step { get; set; }

    private double BehindTop => Math.Max(1, Behind?.Values.Max() ?? 1);

    private bool IsUnknownAnywhere => Enumerable.Range(0, Slots.Count).Any(IsUnknown);

    protected override void OnParametersSet()
    {
        double highest = Lines.SelectMany(l => l.Values.Where((_, slot) => SetsScale(slot))).Max() ?? 0;
        for (int i = 0; i < Slots.Count; i++)
            highest = Math.Max(highest, Stack.Sum(s => s.Values[i] ?? 0));
        // A boundary stays below the upper edge, so that there is room for its words.
        highest = Math.Max(highest, Marks.Select(m => m.Value * 1.2).DefaultIfEmpty(0).Max());
        (Top, Step) = Axis(Highest ?? highest);
        Top = Highest ?? Top;
    }

    /// <summary>A rate of few messages, such as one complaint early in the day, is not to flatten all other days.</summary>
    private bool SetsScale(int slot) => Behind?.Values[slot] is not { } volume || volume >= BehindTop * FewBehind;

    /// <summary>What goes out of the picture, in words: the slot's label and value.</summary>
    private string AboveScale() => string.Join(", ", Enumerable.Range(0, Slots.Count)
        .Select(i => (Slots[i].Label, Value: Lines.Max(l => l.Values[i]))).Where(s => s.Value > Top * 1.0001)
        .Select(s => $"{s.Label}: {Format(Math.Round(s.Value!.Value, 1))}"));

    /// <summary>The upper end of a scale and the distance of its lines: round numbers, at most five lines.</summary>
    internal static (double Top, double Step) Axis(double highest)
    {
        const int lines = 4;
        if (!(highest > 0))
            return (1, 1);
        double unit = Math.Pow(10, Math.Floor(Math.Log10(highest / lines)));
        double step = Array.Find<double>([1, 2, 2.5, 5, 10], f => unit * f * lines >= highest * 0.999999) * unit;
        return (Math.Ceiling((highest / step) - 1e-9) * step, step);
    }

    private double Y(double value) => 100 - (Math.Clamp(value / Top, 0, 1) * 100);

    private static int Middle(int slot) => (slot * Slot) + (Slot / 2);

    private bool IsUnknown(int slot) => Stack.Concat(Lines).All(s => s.Values[slot] is null) && Behind?.Values[slot] is null;

    private IEnumerable<double> Ticks()
    {
        for (double tick = 0; tick <= Top * 1.0001; tick += Step)
            yield return tick;
    }

    /// <summary>The words stand aside where those of a higher mark would lie over them.</summary>
    private string WordsClass(ChartMark mark) =>
        $"mark-label mark-{mark.Tone.Css()}{(Marks.Any(m => m.Value > mark.Value && m.Value <= Top && Y(mark.Value) - Y(m.Value) < WordsHeight) ? " aside" : "")}";

    private string Format(double tick) => tick.ToString("#,0.####", CultureInfo.InvariantCulture) + (tick > 0 ? Unit : "");

    private string Grid() => string.Concat(Ticks().Select(t => $"M0 {N(Y(t))}H{Width}"));

    private string Unknown() => string.Concat(Enumerable.Range(0, Slots.Count).Where(IsUnknown).Select(i => $"M{Middle(i)} 0V100"));

    private Func<int, double> Below(int layer) => slot => Stack.Take(layer).Sum(s => s.Values[slot] ?? 0);

    /// <summary>An upright line a slot: one path for a layer, so that a page with 90 days stays small.</summary>
    private static string Columns(IReadOnlyList<double?> values, double top, Func<int, double>? below)
    {
        var path = new StringBuilder();
        for (int i = 0; i < values.Count; i++)
        {
            if (values[i] is not (> 0 and double value))
                continue;
            double from = below?.Invoke(i) ?? 0;
            path.Append(CultureInfo.InvariantCulture, $"M{Middle(i)} {N(100 - (from / top * 100))}V{N(Math.Max(0, 100 - ((from + value) / top * 100)))}");
        }

        return path.ToString();
    }

    private string Line(IReadOnlyList<double?> values)
    {
        var path = new StringBuilder();
        for (int i = 0; i < values.Count; i++)
        {
            if (values[i] is not { } value)
                continue;
            bool begins = i == 0 || values[i - 1] is null, alone = begins && (i + 1 == values.Count || values[i + 1] is null);
            path.Append(CultureInfo.InvariantCulture, $"{(begins ? 'M' : 'L')}{Middle(i)} {N(Y(value))}{(alone ? "h.01" : "")}");
        }

        return path.ToString();
    }

    private string Band(IReadOnlyList<(double Low, double High)?> band)
    {
        var path = new StringBuilder();
        for (int i = 0; i < band.Count; i++)
        {
            if (band[i] is null)
                continue;
            int first = i;
            while (i + 1 < band.Count && band[i + 1] is not null)
                i++;
            // There along the upper ends, back along the lower; a single slot is as wide as a column.
            int half = first == i ? 3 : 0;
            path.Append(CultureInfo.InvariantCulture, $"M{Middle(first) - half} {N(Y(band[first]!.Value.High))}");
            for (int k = first; k <= i; k++)
                path.Append(CultureInfo.InvariantCulture, $"L{Middle(k) + half} {N(Y(band[k]!.Value.High))}");
            for (int k = i; k >= first; k--)
                path.Append(CultureInfo.InvariantCulture, $"L{Middle(k) + (k == i ? half : 0)} {N(Y(band[k]!.Value.Low))}");
            path.Append(CultureInfo.InvariantCulture, $"L{Middle(first) - half} {N(Y(band[first]!.Value.Low))}z");
        }

        return path.ToString();
    }

    /// <summary>Counted from the last slot, so that "today" always has its label.</summary>
    private IEnumerable<(int Slot, bool Always)> Labelled()
    {
        int wide = Math.Max(1, (Slots.Count + WideLabels - 1) / WideLabels);
        int narrow = wide * Math.Max(1, (WideLabels + NarrowLabels - 1) / NarrowLabels);
        for (int i = Slots.Count - 1; i >= 0; i -= wide)
            yield return (i, (Slots.Count - 1 - i) % narrow == 0);
    }

    private static string N(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);
}
