using System.Data.Common;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Web.Data.Postgres;
using Postmaster.Web.Data.Sqlite;

namespace Postmaster.Tests.Support;

/// <summary>Counts what a portal asks its database through the model. Cells are read below it, by one command a stream or one message for many.</summary>
internal sealed class QueryCount : DbCommandInterceptor
{
    private int _asked;

    /// <summary>To be handed to the portal's start.</summary>
    public void Attach(WebApplicationBuilder builder)
    {
        builder.Services.ConfigureDbContext<SqlitePostmasterDb>(options => options.AddInterceptors(this));
        builder.Services.ConfigureDbContext<PostgresPostmasterDb>(options => options.AddInterceptors(this));
    }

    /// <summary>Questions that something takes.</summary>
    public async Task<int> OfAsync(Func<Task> look)
    {
        int before = Volatile.Read(ref _asked);
        await look();
        return Volatile.Read(ref _asked) - before;
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _asked);
        return base.ReaderExecutingAsync(command, eventData, result, cancellationToken);
    }
}
