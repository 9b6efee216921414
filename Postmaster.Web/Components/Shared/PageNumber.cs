using System.Globalization;

namespace Postmaster.Web.Components.Shared;

/// <summary>The page of a list in a URL.</summary>
public static class PageNumber
{
    /// <summary>Beyond it nobody reads; it keeps the arithmetic of skipped rows small.</summary>
    public const int Highest = 100_000;

    /// <summary>From 1; anything that is no page number is the first page.</summary>
    public static int Read(string? word) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int page) ? Math.Clamp(page, 1, Highest) : 1;
}
