using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Cfbl.Pages;

/// <summary>The invitations of a domain's latest complaints, or of one. Stands on pages that have checked who may see the domain; shows nothing when there are none.</summary>
public sealed partial class CfblSection
{
    private const int Latest = 10;

    /// <summary>A-labels.</summary>
    [Parameter, EditorRequired]
    public string Domain { get; set; } = "";

    /// <summary>Null: the latest complaints.</summary>
    [Parameter]
    public Guid? ComplaintId { get; set; }

    [CascadingParameter]
    private HttpContext Http { get; set; } = default!;

    [Inject]
    private CfblQueries Queries { get; set; } = default!;

    [Inject]
    private IOptions<ProviderOptions> Provider { get; set; } = default!;

    [Inject]
    private IOptions<CfblOptions> Options { get; set; } = default!;

    private IReadOnlyList<CfblInvitationRow> Rows { get; set; } = [];
    private IReadOnlyList<(CfblFate Limit, int Count, int Waiting)> KeptBack { get; set; } = [];
    private CfblMode Mode => Options.Value.Mode;

    protected override async Task OnInitializedAsync()
    {
        Rows = ComplaintId is { } id ? await Queries.OfComplaintAsync(Domain, id, Http.RequestAborted) : await Queries.LatestAsync(Domain, Latest, Http.RequestAborted);
        if (ComplaintId is null && Rows.Count > 0)
            KeptBack = await Queries.KeptBackAsync(Domain, Http.RequestAborted);
    }
}
