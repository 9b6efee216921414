using Microsoft.AspNetCore.Http.HttpResults;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.Traffic.Pages;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Export;

/// <summary>The files beside the charts, for whoever may see the domain's pages, with the range of days as those have it in the URL.</summary>
internal static class NumberFiles
{
    private delegate Task<CsvTable?> Table(NumberTables tables, AccessedDomain access, DateRange range, CancellationToken ct);

    public static void MapNumberFiles(this WebApplication app)
    {
        RouteGroupBuilder files = app.MapGroup("/domains/{Domain}/numbers").RequireAuthorization().AllowCookieRedirect();
        Map(files, "days.csv", async (tables, access, range, ct) => await tables.DaysAsync(access.Domain, range, ct));
        Map(files, "hours.csv", async (tables, access, range, ct) => await tables.HoursAsync(access.Domain, range, ct));
        Map(files, "unauthenticated.csv", async (tables, access, range, ct) => await tables.UnauthenticatedAsync(access.Domain, range, ct));
        Map(files, "reputation.csv", async (tables, access, range, ct) => await tables.ReputationAsync(access.Domain, range, ct));
        Map(files, "manners.csv", async (tables, access, range, ct) => await tables.MannersAsync(access.Domain, range, ct));
        Map(files, "compliance.csv", async (tables, access, range, ct) => await tables.ComplianceAsync(access.Domain, range, ct));
        files.MapGet("streams.csv", (HttpContext context, string domain, string? kind, CancellationToken ct) => AnswerAsync(
            context, domain, async (tables, access, range, token) => await tables.StreamsAsync(access.Domain, TrafficWords.KindOf(kind) ?? StreamKind.ListId, range, token), ct));
        files.MapGet("streams/{Stream:int}.csv", (HttpContext context, string domain, int stream, CancellationToken ct) => AnswerAsync(
            context, domain, async (tables, access, range, token) => await tables.StreamAsync(access.Domain, stream, range, token), ct));
    }

    private static void Map(RouteGroupBuilder files, string name, Table table) =>
        files.MapGet(name, (HttpContext context, string domain, CancellationToken ct) => AnswerAsync(context, domain, table, ct));

    private static async Task<Results<PushStreamHttpResult, NotFound, ProblemHttpResult>> AnswerAsync(HttpContext context, string domain, Table table, CancellationToken ct)
    {
        IServiceProvider services = context.RequestServices;
        // Data is shown only while the claim is in force.
        if (await services.GetRequiredService<DomainAccess>().FindAsync(context.User, domain, ct) is not { IsInForce: true } access)
            return TypedResults.NotFound();
        IQueryCollection query = context.Request.Query;
        DateOnly today = DateOnly.FromDateTime(services.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime);
        if (!DateRange.TryParse(query["range"], query["from"], query["to"], today, out DateRange range, out string? problem))
            return TypedResults.Problem(problem, statusCode: StatusCodes.Status400BadRequest);
        if (await table(services.GetRequiredService<NumberTables>(), access, range, ct) is not { } found)
            return TypedResults.NotFound();
        return TypedResults.Stream(found.WriteAsync, "text/csv; charset=utf-8", $"{found.Name}.csv");
    }
}
