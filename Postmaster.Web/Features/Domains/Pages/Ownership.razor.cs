using Microsoft.AspNetCore.Components;
using Postmaster.Web.Components.Shared;

namespace Postmaster.Web.Features.Domains.Pages;

/// <summary>Is it still proved, by which record, and what does DNS say right now?</summary>
public sealed partial class Ownership
{
    [Inject]
    private OwnershipQueries Queries { get; set; } = default!;

    [Inject]
    private ClaimStore Store { get; set; } = default!;

    [Inject]
    private ClaimChecks Checks { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private OwnershipView View { get; set; } = default!;
    private DateTimeOffset Now => Time.GetUtcNow();

    private Tone DoneTone => Done is "wait" ? Tone.Warn : Tone.Ok;

    private string? DoneWords => Done switch
    {
        "added" => "The domain was added. We look for its record every 5 minutes on the first day, then less often, and mail you when it is there.",
        "already" => "This domain is on your list already.",
        "checked" => "We have asked DNS. Its answer is below.",
        "wait" => "DNS was asked only a moment ago. Wait a few seconds before you try again.",
        _ => null,
    };

    protected override async Task LoadAsync(AccessedDomain access)
    {
        if (await Queries.FindAsync(access.ClaimId, Aborted) is { } view)
            View = view;
        else
            Navigation.NotFound();
    }

    private async Task CheckAsync() => Leave("ownership", await Checks.CheckNowAsync(Access!.ClaimId, Aborted) ? "checked" : "wait");

    private async Task RemoveAsync()
    {
        await Store.RemoveAsync(Access!.ClaimId, Http.User.PortalId()!.Value, Aborted);
        Navigation.NavigateTo("/domains?done=removed");
    }
}
