namespace Postmaster.Web.Components.Shared;

/// <summary>A page as <see cref="PlaceNav"/> names it.</summary>
/// <param name="Href">Its path; pages below it count as within it.</param>
/// <param name="Words">One or two.</param>
public sealed record Place(string Href, string Words);

/// <summary>Pages that belong together, the first of them the one that the group's own link leads to. One page alone is its group.</summary>
public sealed record PlaceGroup(string Words, IReadOnlyList<Place> Pages)
{
    public static PlaceGroup Of(string href, string words) => new(words, [new Place(href, words)]);

    /// <summary>The page that a path is, else the one that it lies below; null when neither is there. A page that has others below it here stands for itself alone.</summary>
    /// <param name="here">A path without its query.</param>
    public static Place? Find(IReadOnlyList<PlaceGroup> groups, string here)
    {
        List<Place> pages = [.. groups.SelectMany(g => g.Pages)];
        return pages.Find(p => string.Equals(p.Href, here, StringComparison.OrdinalIgnoreCase))
            ?? pages.Find(p => IsBelow(here, p.Href) && !pages.Exists(other => IsBelow(other.Href, p.Href)));
    }

    private static bool IsBelow(string path, string href) => path.StartsWith(href + "/", StringComparison.OrdinalIgnoreCase);
}
