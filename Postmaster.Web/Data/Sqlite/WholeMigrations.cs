using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;

namespace Postmaster.Web.Data.Sqlite;

/// <summary>
/// Each migration in one transaction. Where SQLite has to build a table anew, EF turns foreign keys off and on around it, which SQLite allows only outside of a transaction: a portal
/// that is killed meanwhile would find half a migration that it can neither go on with nor begin again. So they are off from before the first migration until after the last.
/// </summary>
internal sealed class WholeMigrations(MigrationsSqlGeneratorDependencies dependencies, IRelationalAnnotationProvider annotations) : SqliteMigrationsSqlGenerator(dependencies, annotations)
{
    private const string Pragma = "PRAGMA foreign_keys = ";

    /// <summary>Brings the tables up to this version.</summary>
    public static async Task RunAsync(DbContext db, CancellationToken ct)
    {
        await db.Database.OpenConnectionAsync(ct);
        try
        {
            await db.Database.ExecuteSqlRawAsync(Pragma + "0", ct);
            await db.Database.MigrateAsync(ct);
        }
        finally
        {
            await db.Database.ExecuteSqlRawAsync(Pragma + "1", CancellationToken.None);
            await db.Database.CloseConnectionAsync();
        }
    }

    public override IReadOnlyList<MigrationCommand> Generate(IReadOnlyList<MigrationOperation> operations, IModel? model = null, MigrationsSqlGenerationOptions options = MigrationsSqlGenerationOptions.Default) =>
        [.. base.Generate(operations, model, options).Where(c => !c.CommandText.StartsWith(Pragma, StringComparison.Ordinal))];
}
