using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Webhooks.Pages;

/// <summary>Which programs are told of complaints, do they take them, and what did they answer?</summary>
public sealed partial class Webhooks
{
    private const string Tab = "feedback/webhooks";

    [SupplyParameterFromForm(FormName = "add")]
    public string? Url { get; set; }

    [SupplyParameterFromForm(FormName = "add")]
    public string? Format { get; set; }

    [Inject]
    private WebhookQueries Queries { get; set; } = default!;

    [Inject]
    private WebhookStore Store { get; set; } = default!;

    [Inject]
    private WebhookPing Ping { get; set; } = default!;

    [Inject]
    private IOptions<WebhooksOptions> Options { get; set; } = default!;

    [Inject]
    private MailSwitch Mail { get; set; } = default!;

    /// <summary>Null: no address is named.</summary>
    private bool? MailIsOn { get; set; }

    private IReadOnlyList<WebhookRow> List { get; set; } = [];
    private IReadOnlyList<WebhookDeliveryRow> Deliveries { get; set; } = [];
    private string? Problem { get; set; }

    /// <summary>Only in the answer to the form that made it.</summary>
    private string? Secret { get; set; }

    private bool Rotated { get; set; }
    private Guid Self => Http.User.PortalId()!.Value;
    private Tone DoneTone => Done is "gone" or "none" ? Tone.Warn : Tone.Ok;

    private string? DoneWords => Done switch
    {
        "proved" => "The webhook gave the challenge back: it works and is on.",
        "off" => "The webhook was switched off. Nothing more is posted to it; what waited can be sent when it is on again.",
        "removed" => "The webhook was removed.",
        "format" => "From the next request on the other format is posted.",
        "mail" => "Reports by mail were switched over.",
        "again" => "It is sent again, under the same webhook-id.",
        "none" => "Nothing was sent: the webhook has to be on.",
        "gone" => "That had been changed already. The list below is how it stands now.",
        _ => null,
    };

    protected override async Task LoadAsync(AccessedDomain access)
    {
        List = await Queries.ListAsync(access.ClaimId, Aborted);
        Deliveries = await Queries.DeliveriesAsync(access.ClaimId, Aborted);
        MailIsOn = await Mail.IsOnAsync(access.ClaimId, Aborted);
    }

    private async Task AddAsync()
    {
        WebhookFormat format = string.Equals(Format, nameof(WebhookFormat.Xarf), StringComparison.Ordinal) ? WebhookFormat.Xarf : WebhookFormat.Event;
        switch (await Store.AddAsync(Access!.ClaimId, Self, Url, format, Aborted))
        {
            case AddWebhookResult.Added added:
                (Secret, Url) = (added.Secret, null);
                await LoadAsync(Access);
                break;
            case AddWebhookResult.Refused refused:
                Problem = WebhookWords.Of(refused.Problem, Options.Value.MaxPerClaim);
                break;
        }
    }

    private async Task RotateAsync(WebhookRow hook)
    {
        Secret = await Store.RotateAsync(Access!.ClaimId, Self, hook.Id, Aborted);
        Rotated = true;
        if (Secret is null)
            Leave(Tab, "gone");
        else
            await LoadAsync(Access);
    }

    private async Task TestAsync(WebhookRow hook)
    {
        PingResult result = await Ping.SendAsync(Access!.ClaimId, Self, hook.Id, Aborted);
        if (result == PingResult.Proved)
        {
            Leave(Tab, "proved");
            return;
        }

        Problem = WebhookWords.Of(result);
        await LoadAsync(Access);
    }

    private async Task SetFormatAsync(WebhookRow hook)
    {
        WebhookFormat other = hook.Format == WebhookFormat.Xarf ? WebhookFormat.Event : WebhookFormat.Xarf;
        Leave(Tab, await Store.SetFormatAsync(Access!.ClaimId, Self, hook.Id, other, Aborted) ? "format" : "gone");
    }

    private async Task SwitchOffAsync(WebhookRow hook) => Leave(Tab, await Store.SwitchOffAsync(Access!.ClaimId, Self, hook.Id, Aborted) ? "off" : "gone");

    private async Task RemoveAsync(WebhookRow hook) => Leave(Tab, await Store.RemoveAsync(Access!.ClaimId, Self, hook.Id, Aborted) ? "removed" : "gone");

    private async Task SendFailedAsync(WebhookRow hook) => Leave(Tab, await Store.SendFailedAgainAsync(Access!.ClaimId, Self, hook.Id, Aborted) > 0 ? "again" : "none");

    private async Task SwitchMailAsync()
    {
        await Mail.SetAsync(Access!.ClaimId, Self, MailIsOn == false, Aborted);
        Leave(Tab, "mail");
    }

    private async Task SendAgainAsync(Guid delivery) => Leave(Tab, await Store.SendAgainAsync(Access!.ClaimId, Self, delivery, Aborted) > 0 ? "again" : "none");
}
