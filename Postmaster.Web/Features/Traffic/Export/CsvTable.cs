using System.Buffers;
using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace Postmaster.Web.Features.Traffic.Export;

/// <summary>A table as a file.</summary>
/// <param name="Name">Of the file, without its ending.</param>
public sealed record CsvTable(string Name, IReadOnlyList<string> Heads, IEnumerable<IReadOnlyList<string>> Rows)
{
    /// <summary>RFC 4180.</summary>
    private static readonly CsvConfiguration Settings = new(CultureInfo.InvariantCulture)
    {
        NewLine = "\r\n", ShouldQuote = cell => ConfigurationFunctions.ShouldQuote(cell) || cell.Field.AsSpan().ContainsAny('\r', '\n'),
    };

    /// <summary>With what a spreadsheet lets a formula begin.</summary>
    private static readonly SearchValues<char> FormulaStarts = SearchValues.Create("=+-@\t\r\uFF1D\uFF0B\uFF0D\uFF20");

    /// <summary>Where a spreadsheet begins another cell, whose language separates cells otherwise than by a comma.</summary>
    private static readonly SearchValues<char> OtherSeparators = SearchValues.Create(";\t\r\n");

    public async Task WriteAsync(Stream output)
    {
        await using var text = new StreamWriter(output, leaveOpen: true);
        await using var csv = new CsvWriter(text, Settings);
        await WriteAsync(csv, Heads);
        foreach (IReadOnlyList<string> row in Rows)
            await WriteAsync(csv, row);
    }

    private static async Task WriteAsync(CsvWriter csv, IReadOnlyList<string> cells)
    {
        foreach (string cell in cells)
            csv.WriteField(Harmless(cell));
        await csv.NextRecordAsync();
    }

    /// <summary>A cell that a spreadsheet would take for a formula gets an apostrophe before it: names of streams come from outside. A number below zero is none.</summary>
    private static string Harmless(string cell)
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
