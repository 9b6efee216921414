using Postmaster.Web.Features.FeedbackLoop.Reports;

namespace Postmaster.Web.Features.FeedbackLoop.Cfbl;

internal static class CfblServices
{
    /// <summary>RFC 8058 §3.2: all that the body says.</summary>
    private const string OneClickField = "List-Unsubscribe", OneClickValue = "One-Click";

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
        IFormCollection form = await LinkForm.ReadAsync(context.Request, context.RequestAborted);
        if (!string.Equals(form[OneClickField], OneClickValue, StringComparison.OrdinalIgnoreCase))
            return Results.Text("Send List-Unsubscribe=One-Click as a form.", statusCode: StatusCodes.Status400BadRequest);
        // The answer is the same for a link that is none: nobody learns here which are.
        await store.RefuseAsync(token, context.RequestAborted);
        return Results.Text("No more reports will be sent.");
    }
}
