using System.Buffers;
using System.Globalization;
using System.Text;

namespace Postmaster.Web.Features.Traffic.Export;

/// <summary>Keeps spreadsheets from running what came from outside: the one guard for every table that the product writes.</summary>
internal static class FormulaGuard
{
    /// <summary>With what a spreadsheet lets a formula begin; some take the wide forms of East Asian keyboards as well.</summary>
    private static readonly SearchValues<char> FormulaStarts = SearchValues.Create("=+-@\t\r\uFF1D\uFF0B\uFF0D\uFF20");

    /// <summary>Where a spreadsheet begins another cell, whose language separates cells otherwise than by a comma.</summary>
    private static readonly SearchValues<char> OtherSeparators = SearchValues.Create(";\t\r\n");

    /// <summary>A cell that a spreadsheet would take for a formula gets an apostrophe before it. A number below zero is none.</summary>
    public static string Harmless(string cell)
    {
        string whole = cell.AsSpan().ContainsAny(OtherSeparators) ? HarmlessInside(cell) : cell;
        return whole.Length > 0 && FormulaStarts.Contains(whole[0]) && !double.TryParse(whole, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _)
            ? "'" + whole
            : whole;
    }

    /// <summary>The same behind each such separator, with or without quotes that a cell may begin with.</summary>
    private static string HarmlessInside(string cell)
    {
        var harmless = new StringBuilder(cell.Length + 8);
        bool begins = false;
        foreach (char letter in cell)
        {
            bool separates = OtherSeparators.Contains(letter);
            if (begins && !separates && FormulaStarts.Contains(letter))
                harmless.Append('\'');
            harmless.Append(letter);
            begins = separates || (begins && letter is '"');
        }

        return harmless.ToString();
    }
}
