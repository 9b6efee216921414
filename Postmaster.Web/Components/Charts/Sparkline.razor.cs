using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Components;

namespace Postmaster.Web.Components.Charts;

/// <summary>The shape of the last days in the height of a line; its words say the same to those who do not see it.</summary>
public sealed partial class Sparkline
{
    private const int Width = 120, Height = 28;

    /// <summary>A day that has a value is never drawn lower than this.</summary>
    private const double Lowest = 2;

    [Parameter]
    [EditorRequired]
    public IReadOnlyList<DayValue> Days { get; set; } = [];

    /// <summary>What is counted, in the singular: "complaint".</summary>
    [Parameter]
    public string Unit { get; set; } = "";

    /// <summary>What it shows, in place of a sum of units.</summary>
    [Parameter]
    public string? Sentence { get; set; }

    /// <summary>The value that fills the height; null: the highest there is.</summary>
    [Parameter]
    public long? Highest { get; set; }

    private double Slot => (double)Width / Math.Max(1, Days.Count);

    private string Words
    {
        get
        {
            if (Sentence is not null)
                return Sentence;
            long sum = Days.Sum(d => d.Value ?? 0);
            if (Days.All(d => d.Value is null))
                return "No data yet.";
            DayValue highest = Days.MaxBy(d => d.Value ?? -1)!;
            string total = $"{Counted.Of(sum, Unit, Unit + "s")} in {Counted.Of(Days.Count, "day", "days")}";
            return sum == 0 ? $"{total}." : $"{total}, most on {highest.ShortDay}: {Counted.Number(highest.Value ?? 0)}.";
        }
    }

    /// <summary>An upright line a day: one path of a few hundred letters, so that a list of many rows stays small.</summary>
    private string Lines(Func<DayValue, double> height)
    {
        var path = new StringBuilder();
        for (int i = 0; i < Days.Count; i++)
        {
            double tall = height(Days[i]);
            if (tall > 0)
                path.Append(CultureInfo.InvariantCulture, $"M{N((i + 0.5) * Slot)} {Height}V{N(Height - tall)}");
        }

        return path.ToString();
    }

    private double Tall(DayValue day) => day.Value is > 0 ? Math.Max(Lowest, (double)day.Value / (Highest ?? Days.Max(d => d.Value ?? 1)) * Height) : 0;

    private static string N(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);
}
