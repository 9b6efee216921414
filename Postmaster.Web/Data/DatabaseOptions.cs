namespace Postmaster.Web.Data;

public enum DatabaseKind
{
    Sqlite,
}

/// <summary>Configuration section <c>Database</c>.</summary>
public sealed class DatabaseOptions
{
    public const string Section = "Database";

    public DatabaseKind Kind { get; set; }

    /// <summary>Empty: the file <c>postmaster.db</c> in the data folder.</summary>
    public string ConnectionString { get; set; } = "";
}
