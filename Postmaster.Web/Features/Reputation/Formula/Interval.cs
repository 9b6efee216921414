namespace Postmaster.Web.Features.Reputation.Formula;

/// <summary>Where the true rate lies with 95 % confidence.</summary>
public sealed record Interval(double Low, double High)
{
    /// <summary>The 97.5 % point of the normal distribution.</summary>
    public const double Z = 1.959963984540054;

    /// <summary>Wilson's score interval (1927): right also for few messages and for rates near 0, where the usual one would begin below it.</summary>
    /// <param name="rate">0 to 1.</param>
    /// <param name="size">Messages; need not be whole, as those of the decayed rate are not.</param>
    /// <returns>0 to 1 when there is nothing.</returns>
    public static Interval Wilson(double rate, double size)
    {
        if (!(size > 0))
            return new Interval(0, 1);
        double square = Z * Z;
        double middle = (rate + (square / (2 * size))) / (1 + (square / size));
        double half = Z / (1 + (square / size)) * Math.Sqrt((rate * (1 - rate) / size) + (square / (4 * size * size)));
        // The ends are 0 and 1 where nothing and where everything was counted; rounding must not say otherwise.
        return new Interval(rate <= 0 ? 0 : Math.Max(0, middle - half), rate >= 1 ? 1 : Math.Min(1, middle + half));
    }
}
