using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data.Postgres;
using Postmaster.Web.Data.Sqlite;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Data;

internal static class DataServices
{
    /// <summary>Registers the configured database. Everybody asks for <c>IDbContextFactory&lt;PostmasterDb&gt;</c>; Identity gets a scoped context.</summary>
    public static IServiceCollection AddPostmasterData(this IServiceCollection services)
    {
        services.AddPooledDbContextFactory<SqlitePostmasterDb>((provider, options) =>
        {
            string configured = Options(provider).ConnectionString;
            string connection = configured.Length > 0 ? configured : $"Data Source={provider.GetRequiredService<DataDirectory>().DatabaseFile}";
            options.UseSqlite(connection).AddInterceptors(new SqliteConnectionSettings()).ReplaceService<IMigrationsSqlGenerator, WholeMigrations>();
        });
        services.AddPooledDbContextFactory<PostgresPostmasterDb>((provider, options) =>
            options.UseNpgsql(Options(provider).ConnectionString).AddInterceptors(new PostgresText()));
        services.AddSingleton<IDbContextFactory<PostmasterDb>>(provider => Options(provider).Kind is DatabaseKind.Postgres
            ? new Factory<PostgresPostmasterDb>(provider.GetRequiredService<IDbContextFactory<PostgresPostmasterDb>>())
            : new Factory<SqlitePostmasterDb>(provider.GetRequiredService<IDbContextFactory<SqlitePostmasterDb>>()));
        services.AddSingleton<AuditTrail>();
        services.AddScoped<PostmasterDb>(provider => Options(provider).Kind is DatabaseKind.Postgres
            ? provider.GetRequiredService<IDbContextFactory<PostgresPostmasterDb>>().CreateDbContext()
            : provider.GetRequiredService<IDbContextFactory<SqlitePostmasterDb>>().CreateDbContext());
        return services;
    }

    /// <summary>Brings the tables up to this version of the product.</summary>
    public static async Task MigrateAsync(IServiceProvider services, CancellationToken ct)
    {
        await using PostmasterDb db = await services.GetRequiredService<IDbContextFactory<PostmasterDb>>().CreateDbContextAsync(ct);
        if (db is SqlitePostmasterDb)
            await WholeMigrations.RunAsync(db, ct);
        else
            await db.Database.MigrateAsync(ct);
        if (Options(services) is { Kind: DatabaseKind.Sqlite, ConnectionString.Length: 0 })
            SqliteFile.KeepPrivate(services.GetRequiredService<DataDirectory>().DatabaseFile);
        await TryKeysAsync(db, services, ct);
    }

    /// <summary>A portal whose keys open nothing in its database would run and fail at each step.</summary>
    private static async Task TryKeysAsync(PostmasterDb db, IServiceProvider services, CancellationToken ct)
    {
        if (await db.ProviderKeys.OrderBy(k => k.Name).Select(k => k.SealedValue).FirstOrDefaultAsync(ct) is not { } secret)
            return;
        try
        {
            services.GetRequiredService<Sealer>().Open(secret);
        }
        catch (CryptographicException)
        {
            string folder = services.GetRequiredService<DataDirectory>().Keys;
            throw new OptionsValidationException(KeysOptions.Section, typeof(KeysOptions), [
                $"The keys in {folder} do not open the secrets in the database: they were sealed with others. Bring the keys back from a back-up, or name in Keys:Directory the folder that all machines of the portal share."]);
        }
    }

    private static DatabaseOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<DatabaseOptions>>().Value;

    private sealed class Factory<T>(IDbContextFactory<T> inner) : IDbContextFactory<PostmasterDb>
        where T : PostmasterDb
    {
        public PostmasterDb CreateDbContext() => inner.CreateDbContext();
    }
}
