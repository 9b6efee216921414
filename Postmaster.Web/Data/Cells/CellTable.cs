using System.Globalization;
using Postmaster.Web.Model;

namespace Postmaster.Web.Data.Cells;

/// <summary>One of the two tables of cells, which differ in the length of the period alone. The SQL here is common to all databases.</summary>
public sealed class CellTable
{
    /// <summary>The column of <see cref="RecipientSketch"/>.</summary>
    internal const string Recipients = "Recipients";

    public static readonly CellTable Days = new("TrafficDays"), Hours = new("TrafficHours");

    private static readonly string[] ColumnNames = [.. Enum.GetNames<TrafficCounter>().Append(Recipients).Select(c => $"\"{c}\"")];

    private CellTable(string name) => Name = name;

    public string Name { get; }

    internal string Select => $"SELECT \"Key\", {string.Join(", ", ColumnNames)} FROM \"{Name}\"";

    /// <summary>The beginning of a statement that adds rows; columns that are left out are 0.</summary>
    /// <param name="columns">Places in <see cref="CellBatch"/>'s rows.</param>
    internal string InsertInto(IReadOnlyList<int> columns) => $"INSERT INTO \"{Name}\" (\"Key\"{string.Concat(columns.Select(c => ", " + ColumnNames[c]))})";

    /// <summary>Its end: counters are added, the recipients' bitmaps united.</summary>
    internal string OnConflict(IReadOnlyList<int> columns) => columns.Count == 0 ? "ON CONFLICT (\"Key\") DO NOTHING" : "ON CONFLICT (\"Key\") DO UPDATE SET " + string.Join(", ", columns.Select(c => string.Create(
        CultureInfo.InvariantCulture, $"{ColumnNames[c]} = \"{Name}\".{ColumnNames[c]} {(c == CellBatch.Width - 1 ? '|' : '+')} excluded.{ColumnNames[c]}")));
}
