using Microsoft.Extensions.Primitives;
using Postmaster.Fbl.Names;

namespace Postmaster.Web.Features.FeedbackLoop.Groups;

/// <summary>
/// Takes the click by which a member leaves: of a mail program (RFC 8058 §3.2), of the button on the page that a GET shows, and, at the link that all members
/// share, the address whose own link is to be mailed. A GET changes nothing, because programs open links to look at them.
/// </summary>
internal static class GroupLeaveDoor
{
    public static void MapGroups(this WebApplication app) => app.MapPost($"{LeaveTokens.Route}/{{token}}", PostAsync)
        // The page of the same address takes what is not posted.
        .WithOrder(-1).AllowAnonymous().DisableAntiforgery();

    private static async Task<IResult> PostAsync(HttpContext context, string token, GroupAnswers answers, CancellationToken ct)
    {
        IFormCollection form = await LinkForm.ReadAsync(context.Request, ct);
        string page = $"{LeaveTokens.Route}/{Uri.EscapeDataString(token)}";
        if (!StringValues.IsNullOrEmpty(form["address"]))
        {
            if (!MailAddress.TryParse(form["address"].ToString().Trim(), out MailAddress? address, out _))
                return TypedResults.LocalRedirect(page + "?done=bad");
            await answers.AskedAsync(token, address, proved: false, ct);
            return TypedResults.LocalRedirect(page + "?done=asked");
        }

        bool byButton = !StringValues.IsNullOrEmpty(form["leave"]);
        if (!byButton && !OneClick.IsIn(form))
            return TypedResults.Text($"{OneClick.Expected} to leave the group, or open this address in a browser. Nothing was changed.\n", statusCode: StatusCodes.Status400BadRequest);
        MembershipView? left = await answers.LeaveAsync(token, ct);
        if (byButton)
            return TypedResults.LocalRedirect(page);
        return left is null
            ? TypedResults.Text("This link is none of this portal's. Nothing was changed.\n", statusCode: StatusCodes.Status404NotFound)
            : TypedResults.Text("You have left the group. No more of its reports will be sent to this address.\n");
    }
}
