using Microsoft.AspNetCore.Components;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Features.FeedbackLoop;

namespace Postmaster.Web.Features.Domains.Pages;

/// <summary>Where do reports go, and are they arriving?</summary>
public sealed partial class Feedback
{
    [SupplyParameterFromForm(FormName = "name")]
    public string? Address { get; set; }

    [Inject]
    private FeedbackAddressQueries Queries { get; set; } = default!;

    [Inject]
    private FeedbackAddressStore Store { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    [Inject]
    private FeedbackLoopQueries Loop { get; set; } = default!;

    private FeedbackAddressView? View { get; set; }

    /// <summary>How complaints are told beside mail; null: in no other way.</summary>
    private string? Others { get; set; }
    private string? Problem { get; set; }
    private bool LinkEnded => View?.LinkEnds is { } ends && ends <= Time.GetUtcNow();

    private Tone StateTone => View switch
    {
        { ConfirmedAt: null } => Tone.Warn,
        { PausedAt: not null } => Tone.Bad,
        _ when !Access!.IsInForce => Tone.Bad,
        _ => Tone.Ok,
    };

    private string StateWords => View switch
    {
        { LeftAt: not null } => "Ended by its reader",
        { ConfirmedAt: null } => "Not confirmed yet",
        { PausedAt: not null } => "Paused",
        _ when !Access!.IsInForce => "Stopped",
        _ => "Confirmed",
    };

    private string? DoneWords => Done switch
    {
        "sent" => "The mail with the link is on its way. Look into the spam folder too.",
        "ended" => "The group has ended. No report goes out until an address or a group is there again.",
        "removed" => "The address was removed. No report goes there any more.",
        _ => null,
    };

    protected override async Task LoadAsync(AccessedDomain access)
    {
        View = await Queries.FindAsync(access.ClaimId, Aborted);
        Others = await Loop.StandingAsync(access.ClaimId, Aborted) is { } standing ? StandingWords.BesideMail(standing) : null;
    }

    private async Task RequestAsync() => Answer(await Store.RequestAsync(Access!.ClaimId, Http.User.PortalId()!.Value, Address, Aborted));

    private async Task ResendAsync() => Answer(await Store.ResendAsync(Access!.ClaimId, Aborted));

    private async Task RemoveAsync()
    {
        await Store.RemoveAsync(Access!.ClaimId, Http.User.PortalId()!.Value, Aborted);
        Leave("feedback", "removed");
    }

    private void Answer(FeedbackRequestResult result)
    {
        if (result == FeedbackRequestResult.Sent)
            Leave("feedback", "sent");
        else
            Problem = ClaimWords.Of(result);
    }
}
