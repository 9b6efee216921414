using Postmaster.Web.Components.Shared;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Webhooks.Pages;

/// <summary>The words for states and refusals, in one table.</summary>
internal static class WebhookWords
{
    public static string Of(WebhookRow row) => row switch
    {
        { State: WebhookState.Waiting } => "Not tested yet",
        { State: WebhookState.Off } => "Off",
        { State: WebhookState.Disabled } => "Switched off by the portal",
        { FailingSince: not null } => "Failing",
        _ => "On",
    };

    public static Tone ToneOf(WebhookRow row) => row switch
    {
        { State: WebhookState.Waiting } => Tone.Warn,
        { State: WebhookState.Off } => Tone.Neutral,
        { State: WebhookState.Disabled } => Tone.Bad,
        { FailingSince: not null } => Tone.Warn,
        _ => Tone.Ok,
    };

    public static string Of(WebhookDeliveryState state) => state switch
    {
        WebhookDeliveryState.Queued => "Waits",
        WebhookDeliveryState.Delivered => "Delivered",
        WebhookDeliveryState.Failed => "Failed",
        _ => "Cancelled",
    };

    public static Tone ToneOf(WebhookDeliveryState state) => state switch
    {
        WebhookDeliveryState.Queued => Tone.Warn,
        WebhookDeliveryState.Delivered => Tone.Ok,
        WebhookDeliveryState.Failed => Tone.Bad,
        _ => Tone.Neutral,
    };

    public static string Of(AddWebhookProblem problem, int most) => problem switch
    {
        AddWebhookProblem.Port => "Only port 443 is contacted. Write the address without a port.",
        AddWebhookProblem.UserInTarget => "The address holds a user name. Leave it out: the signature tells your server that the request is ours.",
        AddWebhookProblem.NoHostName => "The host has to be a full domain name of the public DNS, not an IP address and not a single word.",
        AddWebhookProblem.WouldLoop => "That is this portal itself. Write the address of your own server.",
        AddWebhookProblem.Same => "This address is a webhook of the domain already. Nothing was changed.",
        AddWebhookProblem.TooMany => most == 0 ? "The provider has switched webhooks off." : $"A domain may have {most} webhooks. Remove one that you no longer need.",
        AddWebhookProblem.NotInForce => "The domain is not proved at the moment. Prove it first, then add a webhook.",
        _ => "That is no https address. Write it whole, such as https://hooks.example.org/complaints.",
    };

    public static string Of(PingResult result) => result switch
    {
        PingResult.Failed => "The test event was not answered with a status between 200 and 299. The list below says what came back; nothing was changed.",
        PingResult.NoChallenge => "The webhook answered, but without the challenge of the test event. It has to send back the value of data.challenge; see the help.",
        PingResult.TooOften => $"As many test events were sent as an account may send in an hour ({WebhookPing.MostPerAccount}). Try again later.",
        _ => "There is no such webhook any more, or the domain is not proved. Nothing was sent.",
    };
}
