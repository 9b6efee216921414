using System.Globalization;

namespace Postmaster.Web.Components.Charts;

/// <summary>Shares in words: as many digits as say something, and never "100 %" for less than all.</summary>
public static class Percent
{
    /// <summary>"0.22 %", "1.1 %", "38 %", "99.8 %".</summary>
    /// <param name="share">0 to 1.</param>
    public static string Of(double share) => Number(share) + " %";

    /// <summary>"0.22 % (0.17 to 0.31)".</summary>
    public static string Of(double share, double low, double high) => $"{Of(share)} ({Number(low)} to {Number(high)})";

    private static string Number(double share)
    {
        double percent = share * 100;
        if (percent <= 0)
            return "0";
        if (percent < 0.001)
            return "<0.001";
        if (percent < 10)
        {
            // Two significant digits.
            int digits = Math.Max(0, 1 - (int)Math.Floor(Math.Log10(percent)));
            return Math.Round(percent, digits).ToString("0.####", CultureInfo.InvariantCulture);
        }

        return percent switch
        {
            >= 100 => "100",
            > 99.9 => ">99.9",
            > 90 => percent.ToString("0.0", CultureInfo.InvariantCulture),
            _ => percent.ToString("0", CultureInfo.InvariantCulture),
        };
    }
}
