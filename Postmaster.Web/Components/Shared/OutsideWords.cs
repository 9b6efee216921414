using System.Globalization;
using System.Text;

namespace Postmaster.Web.Components.Shared;

/// <summary>Makes text from outside fit to be looked at: what would turn the line around, break it or hide in it becomes a visible mark.</summary>
public static class OutsideWords
{
    private const char Mark = '\uFFFD';

    /// <summary>UTF-16 units that a character may have on average: emoji of a family have eleven, piled-up accents can have thousands.</summary>
    private const int MostPerCharacter = 8;

    /// <summary>One line of at most <paramref name="longest"/> characters as people count them; a cut is shown by an ellipsis.</summary>
    public static string Line(string? text, int longest)
    {
        string clean = Visible(text, lineEnds: false).Trim();
        // One character may be made of any number of code points: the line ends after so many of them as well.
        int most = longest * MostPerCharacter, length = 0, at = 0;
        while (at < clean.Length && length < longest && at < most)
        {
            at = Math.Min(most, at + StringInfo.GetNextTextElementLength(clean, at));
            length++;
        }

        if (at >= clean.Length)
            return clean;
        return (char.IsHighSurrogate(clean[at - 1]) ? clean[..(at - 1)] : clean[..at]).TrimEnd() + "…";
    }

    /// <summary>Line ends and tabs stay, for text shown as it came.</summary>
    public static string Block(string? text) => Visible(text, lineEnds: true);

    private static string Visible(string? text, bool lineEnds)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        var shown = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (lineEnds && rune.Value is '\n' or '\t')
                shown.Append((char)rune.Value);
            else if (!lineEnds && rune.Value is '\r' or '\n' or '\t')
                shown.Append(' ');
            else if (IsHidden(rune))
                shown.Append(Mark);
            else
                shown.Append(rune);
        }

        return shown.ToString();
    }

    /// <summary>Controls, marks that change the direction of what follows, line and paragraph separators, tags, private and unassigned code points.</summary>
    private static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Format => rune.Value is not 0x200D, // ZERO WIDTH JOINER holds emoji together.
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate => true,
        _ => false,
    };
}
