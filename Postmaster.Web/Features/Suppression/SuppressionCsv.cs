using Postmaster.Web.Features.Traffic.Export;

namespace Postmaster.Web.Features.Suppression;

/// <summary>The list as CSV (RFC 4180), UTF-8, one line an entry (no value holds a line end), lines ended by LF for the tools of a shell.</summary>
internal static class SuppressionCsv
{
    public static string Header { get; } = string.Join(',', new SuppressionEntry("", default, "", null, null, null, null, null, null, null, null, null, null, null, null, null, null).Columns.Select(c => c.Name));

    public static string Row(SuppressionEntry entry) => string.Join(',', entry.Columns.Select(c => Cell(c.Value ?? "")));

    /// <summary>The first cell of a line, which is the id of an entry.</summary>
    public static string IdOf(string line)
    {
        int end = line.IndexOf(',', StringComparison.Ordinal);
        return (end < 0 ? line : line[..end]).Trim('"', ' ', '\r');
    }

    private static string Cell(string outside)
    {
        string value = FormulaGuard.Harmless(outside);
        return value.AsSpan().IndexOfAny(',', '"', ';') >= 0 || value is [' ', ..] or [.., ' '] ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
    }
}
