using System.Globalization;

namespace Postmaster.Web.Components.Charts;

/// <summary>The number of one UTC day.</summary>
/// <param name="Value">Null: nothing is known of that day, which a chart must not show as zero.</param>
public sealed record DayValue(DateOnly Day, long? Value)
{
    /// <summary>The category on the chart's axis.</summary>
    public string Key => Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The height of the column.</summary>
    public double Height => Value ?? 0;

    /// <summary>"14 Nov", as on an axis.</summary>
    public string ShortDay => Day.ToString("d MMM", CultureInfo.InvariantCulture);

    /// <summary>"Sat 14 Nov 2026", as in a sentence.</summary>
    public string LongDay => Day.ToString("ddd d MMM yyyy", CultureInfo.InvariantCulture);
}
