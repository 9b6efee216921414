namespace Postmaster.Web.Components.Charts;

/// <summary>One day or hour of a chart.</summary>
/// <param name="Label">As on the axis.</param>
/// <param name="Words">Its values in a sentence, shown under the pointer.</param>
public sealed record ChartSlot(string Label, string Words);

/// <summary>Values of one name, one a slot; null: not known, which is never drawn as 0.</summary>
/// <param name="Shade">1 to 6: which colour of the chart's scale.</param>
/// <param name="Band">95 % intervals, for lines.</param>
public sealed record ChartSeries(string Name, int Shade, IReadOnlyList<double?> Values, IReadOnlyList<(double Low, double High)?>? Band = null);

/// <summary>A line across the chart.</summary>
/// <param name="Tone">Neutral for a boundary that is neither good nor bad.</param>
public sealed record ChartMark(double Value, string Words, Shared.Tone Tone);
