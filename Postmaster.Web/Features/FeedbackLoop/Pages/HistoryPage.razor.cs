using Microsoft.AspNetCore.Components;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Features.Domains;

namespace Postmaster.Web.Features.FeedbackLoop.Pages;

/// <summary>Who changed what about a domain. Owners see the history of their own claim.</summary>
public sealed partial class HistoryPage
{
    private const int Rows = 50;

    [SupplyParameterFromQuery(Name = "page")]
    public string? PageWord { get; set; }

    [Inject]
    private HistoryQueries Queries { get; set; } = default!;

    private ListPage<HistoryRow> Found { get; set; } = default!;

    protected override async Task LoadAsync(AccessedDomain access) =>
        Found = await Queries.OfClaimAsync(access.ClaimId, PageNumber.Read(PageWord), Rows, Aborted);
}
