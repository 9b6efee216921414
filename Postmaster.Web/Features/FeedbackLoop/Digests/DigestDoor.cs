namespace Postmaster.Web.Features.FeedbackLoop.Digests;

/// <summary>Where mail programs post to leave a digest (RFC 8058 §3.2): no cookie, no page, no question.</summary>
internal static class DigestDoor
{
    public static void Map(WebApplication app)
    {
        app.MapPost(DigestLeaving.PostRoute, PostAsync).AllowAnonymous().DisableAntiforgery();
        // Programs that know nothing of the POST open the address: people get a page with a button, because links are also followed by scanners.
        app.MapGet(DigestLeaving.PostRoute, (string token) => Results.Redirect($"/digest/leave/{Uri.EscapeDataString(token)}")).AllowAnonymous();
    }

    private static async Task<IResult> PostAsync(string token, HttpContext context, DigestLeaving leaving, DigestStore store, CancellationToken ct)
    {
        if ((await LinkForm.ReadAsync(context.Request, ct))["List-Unsubscribe"] != "One-Click")
            return Results.Text("Post List-Unsubscribe=One-Click (RFC 8058).", statusCode: StatusCodes.Status400BadRequest);
        if (await leaving.ReadAsync(token, ct) is not { } id)
            return Results.Text("There is no such link.", statusCode: StatusCodes.Status404NotFound);
        await store.LeaveAsync(id, ct);
        return Results.Text("The digest has ended. Nothing more will be sent.");
    }
}
