using System.Globalization;
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
            csv.WriteField(FormulaGuard.Harmless(cell));
        await csv.NextRecordAsync();
    }
}
