using System.Globalization;

namespace Postmaster.Web.Components.Charts;

/// <summary>A number with its unit, in English.</summary>
public static class Counted
{
    /// <summary>"1 complaint", "12,040 complaints".</summary>
    public static string Of(long count, string one, string many) => $"{Number(count)} {(count == 1 ? one : many)}";

    public static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
