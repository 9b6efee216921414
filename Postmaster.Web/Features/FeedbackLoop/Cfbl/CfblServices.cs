using Postmaster.Web.Features.FeedbackLoop.Reports;

namespace Postmaster.Web.Features.FeedbackLoop.Cfbl;

internal static class CfblServices
{
    /// <summary>After the ways of claims: those go before.</summary>
    public static void AddCfbl(this IServiceCollection services)
    {
        services.AddSingleton<CfblExamination>();
        services.AddSingleton<CfblLinks>();
        services.AddSingleton<CfblLimits>();
        services.AddSingleton<CfblReports>();
        services.AddSingleton<CfblRefusals>();
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
        if (!OneClick.IsIn(await LinkForm.ReadAsync(context.Request, context.RequestAborted)))
            return Results.Text($"{OneClick.Expected} as a form. Nothing was changed.\n", statusCode: StatusCodes.Status400BadRequest);
        // The answer is the same for a link that is none: nobody learns here which are.
        await store.RefuseAsync(token, context.RequestAborted);
        return Results.Text("No more mails about complaints will be sent to this address.\n");
    }
}
