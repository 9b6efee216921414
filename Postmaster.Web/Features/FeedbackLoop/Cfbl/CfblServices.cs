using Microsoft.AspNetCore.Http.Features;
using Postmaster.Web.Features.FeedbackLoop.Reports;

namespace Postmaster.Web.Features.FeedbackLoop.Cfbl;

internal static class CfblServices
{
    /// <summary>RFC 8058 §3.2: all that the body says.</summary>
    private const string OneClickField = "List-Unsubscribe", OneClickValue = "One-Click";

    /// <summary>Octets of a body that is read; that of a one-click request has 26, a multipart one a few hundred.</summary>
    private const int MaxBody = 8 * 1024;

    /// <summary>After the ways of claims: those go before.</summary>
    public static void AddCfbl(this IServiceCollection services)
    {
        services.AddSingleton<CfblExamination>();
        services.AddSingleton<CfblLinks>();
        services.AddSingleton<CfblReports>();
        services.AddSingleton<CfblContactStore>();
        services.AddSingleton<CfblQueries>();
        services.AddSingleton<IReportWay, CfblWay>();
    }

    /// <summary>The link of List-Unsubscribe: a POST refuses at once, without cookies or a question; whoever opens it in a browser gets the page.</summary>
    public static void MapCfbl(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/cfbl/refuse/{token}", RefuseAsync).AllowAnonymous().DisableAntiforgery();
        routes.MapGet("/cfbl/refuse/{token}", static (string token) => Results.LocalRedirect($"/cfbl/{Uri.EscapeDataString(token)}")).AllowAnonymous();
    }

    private static async Task<IResult> RefuseAsync(string token, HttpContext context, CfblContactStore store)
    {
        if (!await IsOneClickAsync(context.Request, context.RequestAborted))
            return Results.Text("Send List-Unsubscribe=One-Click as a form.", statusCode: StatusCodes.Status400BadRequest);
        // The answer is the same for a link that is none: nobody learns here which are.
        await store.RefuseAsync(token, context.RequestAborted);
        return Results.Text("No more reports will be sent.");
    }

    private static async Task<bool> IsOneClickAsync(HttpRequest request, CancellationToken ct)
    {
        if (!request.HasFormContentType || request.ContentLength > MaxBody)
            return false;
        try
        {
            IFormCollection form = await request.ReadFormAsync(new FormOptions { BufferBodyLengthLimit = MaxBody, MultipartBodyLengthLimit = MaxBody }, ct);
            return string.Equals(form[OneClickField], OneClickValue, StringComparison.OrdinalIgnoreCase);
        }
        catch (InvalidDataException)
        {
            return false; // no form after all, or one without end
        }
    }
}
