using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Postmaster.Web.Data.Sqlite;

/// <summary>Lets <c>dotnet ef migrations add NAME -- </c> build the context without starting the product.</summary>
internal sealed class SqliteDesignFactory : IDesignTimeDbContextFactory<SqlitePostmasterDb>
{
    public SqlitePostmasterDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqlitePostmasterDb>().UseSqlite("Data Source=:memory:").Options);
}
