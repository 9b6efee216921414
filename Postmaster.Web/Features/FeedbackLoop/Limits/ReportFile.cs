using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop.Reports;

namespace Postmaster.Web.Features.FeedbackLoop.Limits;

/// <summary>The report of one complaint as a file, whether it has left, waits or was told together with others: nothing is out of the owner's reach.</summary>
internal static class ReportFile
{
    public static void MapReportFile(this WebApplication app) => app.MapGet("/domains/{domain}/complaints/{id:guid}/report.eml", GetAsync).RequireAuthorization();

    private static async Task<IResult> GetAsync(HttpContext context, string domain, Guid id, DomainAccess gate, ReportMaker reports, CancellationToken ct)
    {
        // Operators and readers see what stands on the pages; the message itself is the owner's.
        if (await gate.FindAsync(context.User, domain, ct) is not { IsInForce: true, CanChange: true } access || await reports.MakeAsync(access.ClaimId, access.Domain, id, ct) is not { } report)
            return TypedResults.NotFound();
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.File(report, "message/rfc822", $"report-{id:N}.eml");
    }
}
