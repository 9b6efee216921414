using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Postmaster.Web.Features.Domains.Pages;
using Postmaster.Web.Features.FeedbackLoop.Leaving;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Pages;

/// <summary>Where the link in a report leads: opening it changes nothing; <see cref="LeaveDoor"/> takes the button.</summary>
public sealed partial class StopReports
{
    [Parameter]
    public string Token { get; set; } = "";

    [SupplyParameterFromQuery]
    public string? Done { get; set; }

    [CascadingParameter]
    private HttpContext Http { get; set; } = default!;

    [Inject]
    private LeaveStore Store { get; set; } = default!;

    [Inject]
    private IOptions<ProviderOptions> Provider { get; set; } = default!;

    private LeaveView? View { get; set; }

    protected override async Task OnInitializedAsync()
    {
        LinkPage.Guard(Http);
        View = await Store.PeekAsync(Token, Http.RequestAborted);
        if (View is null)
            Http.Response.StatusCode = StatusCodes.Status410Gone; // 404 would show the page of unknown addresses instead of these words
    }
}
