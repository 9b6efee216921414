using System.Globalization;
using Postmaster.Web.Model;

namespace Postmaster.Web.Data.Cells;

/// <summary>One of the two tables of cells, which differ in the length of the period alone. The SQL here is common to all databases.</summary>
public sealed class CellTable
{
    /// <summary>The column of <see cref="RecipientSketch"/>.</summary>
    internal const string Recipients = "Recipients";

    public static readonly CellTable Days = new("TrafficDays"), Hours = new("TrafficHours");

    private CellTable(string name)
    {
        Name = name;
        string[] counters = Enum.GetNames<TrafficCounter>();
        Columns = string.Join(", ", counters.Append(Recipients).Select(c => $"\"{c}\""));
        Select = $"SELECT \"Key\", {Columns} FROM \"{name}\"";
        // Counters are added, the recipients' bitmaps united.
        OnConflict = "ON CONFLICT (\"Key\") DO UPDATE SET "
            + string.Join(", ", counters.Select(c => $"\"{c}\" = \"{name}\".\"{c}\" + excluded.\"{c}\""))
            + $", \"{Recipients}\" = \"{name}\".\"{Recipients}\" | excluded.\"{Recipients}\"";
        Upsert = $"INSERT INTO \"{name}\" (\"Key\", {Columns}) VALUES ({string.Join(", ", Enumerable.Range(0, counters.Length + 2).Select(i => string.Create(CultureInfo.InvariantCulture, $"@p{i}")))}) {OnConflict}";
    }

    public string Name { get; }

    /// <summary>All columns but the key, in the order of <see cref="TrafficCounter"/>, the recipients last.</summary>
    internal string Columns { get; }

    internal string Select { get; }
    internal string OnConflict { get; }
    internal string Upsert { get; }
}
