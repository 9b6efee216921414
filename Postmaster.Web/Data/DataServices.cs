using Microsoft.EntityFrameworkCore;
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
        services.AddDbContextFactory<SqlitePostmasterDb>((provider, options) =>
        {
            string configured = Options(provider).ConnectionString;
            string connection = configured.Length > 0 ? configured : $"Data Source={provider.GetRequiredService<DataDirectory>().DatabaseFile}";
            options.UseSqlite(connection).AddInterceptors(new SqliteConnectionSettings());
        });
        services.AddDbContextFactory<PostgresPostmasterDb>((provider, options) =>
            options.UseNpgsql(Options(provider).ConnectionString).AddInterceptors(new PostgresText()));
        services.AddSingleton<IDbContextFactory<PostmasterDb>>(provider => Options(provider).Kind is DatabaseKind.Postgres
            ? new Factory<PostgresPostmasterDb>(provider.GetRequiredService<IDbContextFactory<PostgresPostmasterDb>>())
            : new Factory<SqlitePostmasterDb>(provider.GetRequiredService<IDbContextFactory<SqlitePostmasterDb>>()));
        services.AddScoped<PostmasterDb>(provider => Options(provider).Kind is DatabaseKind.Postgres
            ? provider.GetRequiredService<PostgresPostmasterDb>()
            : provider.GetRequiredService<SqlitePostmasterDb>());
        return services;
    }

    /// <summary>Brings the tables up to this version of the product.</summary>
    public static async Task MigrateAsync(IServiceProvider services, CancellationToken ct)
    {
        await using PostmasterDb db = await services.GetRequiredService<IDbContextFactory<PostmasterDb>>().CreateDbContextAsync(ct);
        await db.Database.MigrateAsync(ct);
        if (Options(services) is { Kind: DatabaseKind.Sqlite, ConnectionString.Length: 0 })
            SqliteFile.KeepPrivate(services.GetRequiredService<DataDirectory>().DatabaseFile);
    }

    private static DatabaseOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<DatabaseOptions>>().Value;

    private sealed class Factory<T>(IDbContextFactory<T> inner) : IDbContextFactory<PostmasterDb>
        where T : PostmasterDb
    {
        public PostmasterDb CreateDbContext() => inner.CreateDbContext();
    }
}
