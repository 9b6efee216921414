using Microsoft.Extensions.Primitives;

namespace Postmaster.Web.Features.FeedbackLoop.Leaving;

/// <summary>
/// Takes the click that ends all mail because of complaints: of a mail program (RFC 8058 §3.2: a POST with <c>List-Unsubscribe=One-Click</c>, no cookies, no redirect), and of the
/// button on the page that a GET shows. The token in the path is all that it needs; a GET changes nothing, because programs open links to look at them.
/// </summary>
internal static class LeaveDoor
{
    private const string Gone = "This link is none of this portal's. Nothing was changed.\n";

    public static void MapLeaving(this WebApplication app) => app.MapPost($"{LeaveLinks.Route}/{{token}}", PostAsync)
        // The page of the same address takes what is not posted.
        .WithOrder(-1).AllowAnonymous().DisableAntiforgery();

    private static async Task<IResult> PostAsync(HttpContext context, string token, LeaveStore store, CancellationToken ct)
    {
        IFormCollection form = await LinkForm.ReadAsync(context.Request, ct);
        bool byButton = !StringValues.IsNullOrEmpty(form["stop"]);
        if (!byButton && !OneClick.IsIn(form))
            return TypedResults.Text($"{OneClick.Expected} to end these mails, or open this address in a browser. Nothing was changed.\n", statusCode: StatusCodes.Status400BadRequest);
        LeaveView? left = await store.LeaveAsync(token, ct);
        if (byButton)
            return TypedResults.LocalRedirect($"{LeaveLinks.Route}/{Uri.EscapeDataString(token)}{(left is null ? "" : "?done=stopped")}");
        return left is null
            ? TypedResults.Text(Gone, statusCode: StatusCodes.Status404NotFound)
            : TypedResults.Text("No more mails about complaints will be sent to this address.\n");
    }
}
