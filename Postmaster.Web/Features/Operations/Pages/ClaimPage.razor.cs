using Microsoft.AspNetCore.Components;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop.Reports;

namespace Postmaster.Web.Features.Operations.Pages;

/// <summary>What the operator decides about one claim.</summary>
public sealed partial class ClaimPage
{
    [Parameter]
    public Guid ClaimId { get; set; }

    [SupplyParameterFromQuery]
    public string? Done { get; set; }

    [CascadingParameter]
    private HttpContext Http { get; set; } = default!;

    [Inject]
    private OperatorQueries Queries { get; set; } = default!;

    [Inject]
    private FeedbackSettingsStore Store { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private ClaimSwitches? View { get; set; }

    protected override async Task OnInitializedAsync()
    {
        View = await Queries.ClaimAsync(ClaimId, Http.RequestAborted);
        if (View is null)
            Navigation.NotFound();
    }

    private async Task ToggleAsync()
    {
        await Store.AllowClearAsync(ClaimId, Http.User.PortalId()!.Value, !View!.ClearAllowed, Http.RequestAborted);
        Navigation.NavigateTo($"/operator/domains/{ClaimId}?done=saved");
    }
}
