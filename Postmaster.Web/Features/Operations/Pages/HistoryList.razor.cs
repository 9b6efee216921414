using Microsoft.AspNetCore.Components;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Features.FeedbackLoop;

namespace Postmaster.Web.Features.Operations.Pages;

/// <summary>The trail of all claims.</summary>
public sealed partial class HistoryList
{
    private const int Rows = 50, LongestText = 253;

    [SupplyParameterFromQuery(Name = "q")]
    public string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    public string? PageWord { get; set; }

    [CascadingParameter]
    private HttpContext Http { get; set; } = default!;

    [Inject]
    private HistoryQueries Queries { get; set; } = default!;

    private ListPage<HistoryRow> Found { get; set; } = default!;
    private string Wanted => (Search ?? "").Trim() is { Length: <= LongestText } text ? text : "";

    protected override async Task OnInitializedAsync() => Found = await Queries.AllAsync(Wanted, PageNumber.Read(PageWord), Rows, Http.RequestAborted);
}
