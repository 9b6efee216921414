using System.Globalization;

namespace Postmaster.Web.Components.Charts;

/// <summary>Shares in words: as many digits as say something, and never "100 %" for less than all.</summary>
public static class Percent
{
    /// <summary>Of something measured: "0.22 %", "2.0 %", "38 %", "99.8 %".</summary>
    /// <param name="share">0 to 1.</param>
    public static string Of(double share) => Number(share) + " %";

    /// <summary>Of a bound that somebody chose: "0.1 %", "5 %".</summary>
    public static string Bound(double share) => (share * 100).ToString("0.####", CultureInfo.InvariantCulture) + " %";

    /// <summary>"0.22 % (0.17 to 0.31)".</summary>
    public static string Of(double share, double low, double high) => $"{Of(share)} ({Number(low)} to {Number(high)})";

    private static string Number(double share)
    {
        double percent = share * 100;
        if (percent <= 0)
            return "0";
        if (percent < 0.001)
            return "<0.001";
        if (percent < 9.95)
        {
            // Two significant digits, a zero too: "2 % (2 to 2)" would say less than is known.
            int digits = Math.Max(0, 1 - (int)Math.Floor(Math.Log10(percent)));
            double rounded = Math.Round(percent, digits);
            // 0.0996 has become 0.100, one digit more than meant.
            if (Math.Log10(rounded) >= Math.Floor(Math.Log10(percent)) + 1)
                digits--;
            return rounded.ToString($"F{digits}", CultureInfo.InvariantCulture);
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
