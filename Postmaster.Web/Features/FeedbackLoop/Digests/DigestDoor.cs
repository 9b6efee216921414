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
        if (!OneClick.IsIn(await LinkForm.ReadAsync(context.Request, ct)))
            return Results.Text($"{OneClick.Expected} to end these mails. Nothing was changed.\n", statusCode: StatusCodes.Status400BadRequest);
        if (await leaving.ReadAsync(token, ct) is not { } id)
            return Results.Text("This link is none of this portal's. Nothing was changed.\n", statusCode: StatusCodes.Status404NotFound);
        await store.LeaveAllAsync(id, ct);
        return Results.Text("No more mails about complaints will be sent to this address.\n");
    }
}
