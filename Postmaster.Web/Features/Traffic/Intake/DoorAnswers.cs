using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Postmaster.Web.Features.Intake;

namespace Postmaster.Web.Features.Traffic.Intake;

/// <summary>What the HTTP doors for events answer; every refusal is problem details (RFC 9457) that say what to do.</summary>
internal static class DoorAnswers
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1), LongerWait = TimeSpan.FromSeconds(10);

    public static IResult Of(HttpContext context, IntakeOutcome outcome)
    {
        switch (outcome)
        {
            case IntakeOutcome.Counted counted:
                return TypedResults.Content(counted.Answer.ToJson(), "application/json");
            case IntakeOutcome.Unreadable { Answer: var answer }:
                return TypedResults.Problem(
                    answer.Bad == 0 ? "The body is empty. Send one event a line." : "No line could be read. Nothing was counted; what is wrong stands in problems.",
                    statusCode: StatusCodes.Status400BadRequest,
                    extensions: [new("accepted", 0), new("bad", answer.Bad), new("problems", answer.Problems)]);
            case IntakeOutcome.TooLarge large:
                context.Response.Headers.Connection = "close";
                return Problem(StatusCodes.Status413PayloadTooLarge, large.Reason + " Nothing was counted; send smaller batches.");
            case IntakeOutcome.KeyTaken:
                context.Response.Headers.Connection = "close";
                return Problem(StatusCodes.Status422UnprocessableEntity, "This Idempotency-Key was used for other lines before. Nothing of these was counted; send them with a key of their own, and the same key only with the same lines.");
            case IntakeOutcome.Busy:
                context.Response.Headers.Connection = "close";
                return Later(context, StatusCodes.Status503ServiceUnavailable, Soon, "As many batches as may be are being taken in. Send this one again after the pause that Retry-After names.");
            default:
                return Later(context, StatusCodes.Status503ServiceUnavailable, LongerWait, "The server could not store the events. Nothing was counted; send them again later.");
        }
    }

    public static ProblemHttpResult OwnFault(HttpContext context) =>
        Later(context, StatusCodes.Status503ServiceUnavailable, LongerWait, "The server could not take the events. Nothing was counted; send them again later.");

    public static ProblemHttpResult Unauthorized(HttpContext context, HttpDoorLimits limits)
    {
        if (limits.WrongToken(context) is { } wait)
            return Later(context, StatusCodes.Status429TooManyRequests, wait, "Too many requests without the right token.");
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Problem(StatusCodes.Status401Unauthorized, "Send the header \"Authorization: Bearer TOKEN\" with the token that the operator gave this feeder, or with Ingest:Token.");
    }

    public static ProblemHttpResult Problem(int status, string detail) => TypedResults.Problem(detail, statusCode: status);

    private static ProblemHttpResult Later(HttpContext context, int status, TimeSpan wait, string detail)
    {
        context.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return Problem(status, detail);
    }
}
