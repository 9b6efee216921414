using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Postmaster.Web.Data.Postgres;

/// <summary>Lets <c>dotnet ef migrations add NAME -- </c> build the context without starting the product; it connects to nothing.</summary>
internal sealed class PostgresDesignFactory : IDesignTimeDbContextFactory<PostgresPostmasterDb>
{
    public PostgresPostmasterDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgresPostmasterDb>().UseNpgsql("Host=localhost;Database=postmaster").Options);
}
