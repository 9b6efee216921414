using System.ComponentModel.DataAnnotations;
using Postmaster.Web.Data.Postgres;

namespace Postmaster.Web.Data;

public enum DatabaseKind
{
    /// <summary>A file: one machine.</summary>
    Sqlite,

    /// <summary>A server: one machine or several.</summary>
    Postgres,
}

/// <summary>Configuration section <c>Database</c>.</summary>
public sealed class DatabaseOptions : IValidatableObject
{
    public const string Section = "Database";

    [EnumDataType(typeof(DatabaseKind), ErrorMessage = "Database:Kind is sqlite or postgres.")]
    public DatabaseKind Kind { get; set; }

    /// <summary>Empty: the file <c>postmaster.db</c> in the data folder. PostgreSQL has to be named.</summary>
    public string ConnectionString { get; set; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Kind is DatabaseKind.Postgres && PostgresPostmasterDb.ProblemOf(ConnectionString) is { } problem)
            yield return new ValidationResult($"Database:ConnectionString {problem}, such as Host=db.example.org;Database=postmaster;Username=postmaster;Password=...");
    }
}
