using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Operations.Pages;

/// <summary>Everything that came through a door, and what became of it.</summary>
public sealed partial class KeptList
{
    private const int Rows = 25;

    [SupplyParameterFromQuery(Name = "state")]
    public string? StateWord { get; set; }

    [SupplyParameterFromQuery(Name = "door")]
    public string? DoorWord { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    public string? PageWord { get; set; }

    [Inject]
    private ComplaintQueries Complaints { get; set; } = default!;

    [Inject]
    private IOptions<ProviderOptions> Provider { get; set; } = default!;

    private KeptFilter Filter { get; set; } = new();
    private ListPage<KeptRow> Found { get; set; } = default!;
    private IReadOnlyDictionary<KeptState, int> States { get; set; } = default!;
    private bool IsFiltered => Filter.State is not null || Filter.Door is not null;

    protected override async Task OnInitializedAsync()
    {
        Filter = new KeptFilter(KeptWords.Read<KeptState>(StateWord), KeptWords.Read<IntakeDoor>(DoorWord), PageNumber.Read(PageWord), Rows);
        Found = await Complaints.KeptAsync(Filter, Aborted);
        States = await Complaints.StatesAsync(Aborted);
    }

    private string PageHref(int page)
    {
        List<string> query = [];
        if (Filter.State is { } state)
            query.Add($"state={KeptWords.Word(state)}");
        if (Filter.Door is { } door)
            query.Add($"door={KeptWords.Word(door)}");
        if (page > 1)
            query.Add($"page={page}");
        return query.Count == 0 ? "/operator/complaints" : $"/operator/complaints?{string.Join('&', query)}";
    }
}
