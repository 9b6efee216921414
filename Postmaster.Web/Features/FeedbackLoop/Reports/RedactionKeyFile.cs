using System.Text;
using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;

namespace Postmaster.Web.Features.FeedbackLoop.Reports;

/// <summary>
/// Hands the redaction key to the one account that it belongs to, by a form that the account posts itself: a link cannot fetch it unseen. Who fetched it
/// when stays in the trail of the domain.
/// </summary>
internal static class RedactionKeyFile
{
    public const string FileName = "postmaster-redaction-key.txt";

    public static void MapRedactionKey(this WebApplication app) =>
        app.MapPost("/domains/{domain}/feedback/redaction-key", PostAsync).RequireAuthorization().DisableAntiforgery();

    private static async Task<IResult> PostAsync(
        HttpContext context, string domain, Microsoft.AspNetCore.Antiforgery.IAntiforgery antiforgery, DomainAccess gate, ReportQueries reports, AuditTrail audit,
        IDbContextFactory<PostmasterDb> databases, CancellationToken ct)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
            return TypedResults.BadRequest();
        if (await gate.FindAsync(context.User, domain, ct) is not { CanChange: true, IsInForce: true } access || context.User.PortalId() is not { } visitor)
            return TypedResults.NotFound();
        if (await reports.FindAsync(access.ClaimId, ct) is not { } view || view.KeyOwnerId != visitor)
            return TypedResults.NotFound();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await audit.AddAsync(db, access.ClaimId, access.Domain, visitor, "fetched the redaction key", null, ct);
        await db.SaveChangesAsync(ct);
        context.Response.Headers.CacheControl = "no-store";
        string key = (await reports.KeyAsync(view.KeyOwnerId, ct)).ToText();
        return TypedResults.File(Encoding.ASCII.GetBytes(key + "\n"), "text/plain; charset=us-ascii", FileName);
    }
}
