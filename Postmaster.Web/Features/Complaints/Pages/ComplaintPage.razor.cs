using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints.Pages;

/// <summary>One complaint: the mail, why it counts, what became of the report. Never who complained.</summary>
public sealed partial class ComplaintPage
{
    [Parameter]
    public Guid Id { get; set; }

    [Inject]
    private IOptions<ProviderOptions> Provider { get; set; } = default!;

    [Inject]
    private HandledStore Handling { get; set; } = default!;

    [Inject]
    private ReplayStore Replays { get; set; } = default!;

    private ComplaintDetail? Detail { get; set; }

    /// <summary>How complaints are told now; null unless nobody was told of this one.</summary>
    private DomainStanding? Standing { get; set; }

    private string? DoneWords => Done switch
    {
        "handled" => "Marked as handled.",
        "open" => "Marked as not handled.",
        "again" => "The report is on its way.",
        "gone" => $"The report cannot be sent any more: its message is no longer kept, or the complaint is older than {ReplayStore.Window.Days} days.",
        "waits" => "The report is in the queue already.",
        "noaddress" => "Reports are sent only to a confirmed feedback address. There is none.",
        "paused" => "Reports to the feedback address came back. Confirm the address again first.",
        "mailoff" => "Reports by mail are turned off for this domain.",
        "toomany" => "As many reports were sent again in the last 24 hours as may be. Try again tomorrow.",
        _ => null,
    };

    protected override async Task LoadDataAsync(AccessedDomain access)
    {
        Detail = await Loop.FindAsync(access.ClaimId, access.Domain, Id, Aborted);
        if (Detail is null)
            Navigation.NotFound();
        else if (Detail.Row is { Delivery: null, Posted.Count: 0 })
            Standing = await Loop.StandingAsync(access.ClaimId, Aborted);
    }

    private async Task MarkAsync()
    {
        if (Detail is null || !Access!.CanChange)
            return;
        bool handled = Detail.Row.HandledAt is null;
        await Handling.MarkAsync(Access.Domain, [Id], Http.User.PortalId()!.Value, handled, Aborted);
        Leave($"complaints/{Id}", handled ? "handled" : "open");
    }

    private async Task AgainAsync()
    {
        if (Detail is null || !Access!.CanChange)
            return;
        ReplayOutcome outcome = await Replays.ReplayAsync(Access.ClaimId, Http.User.PortalId()!.Value, [Id], Aborted);
        Leave($"complaints/{Id}", outcome switch
        {
            { Queued: 1 } => "again",
            { Refusal: SendRefusal.NoAddress } => "noaddress",
            { Refusal: SendRefusal.Paused } => "paused",
            { Refusal: SendRefusal.MailOff } => "mailoff",
            { Refusal: not null } or { Left: > 0 } => "toomany",
            { Waiting: > 0 } => "waits",
            _ => "gone",
        });
    }

    private static string NextStep(DeliveryRow delivery) => delivery.State switch
    {
        OutboxState.Sent => "The relay took it. If it is not in the mailbox, look at the logs of your own mail server around that time.",
        OutboxState.Failed => "It will not be tried again. The complaint is counted all the same; mend what the answer says, and the next report will arrive.",
        OutboxState.Cancelled => "It was taken out of the queue because the address was changed or removed, or by an operator.",
        _ when delivery.HeldBy is not null => "It waits for what the last answer says and then leaves by itself. Nothing is lost meanwhile.",
        _ when delivery.Attempts > 0 => "It is tried again until it arrives or is too old. Nothing is lost meanwhile.",
        _ => "It leaves within moments.",
    };
}
