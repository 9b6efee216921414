using Microsoft.AspNetCore.Components;

namespace Postmaster.Web.Features.Operations.Pages;

/// <summary>One complaint as it came in, with the header of its message.</summary>
public sealed partial class KeptPage
{
    [Parameter]
    public Guid Id { get; set; }

    [CascadingParameter]
    private HttpContext Http { get; set; } = default!;

    [Inject]
    private OperatorQueries Queries { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private KeptDetail? Detail { get; set; }

    protected override async Task OnInitializedAsync()
    {
        Detail = await Queries.KeptAsync(Id, Http.RequestAborted);
        if (Detail is null)
            Navigation.NotFound();
    }
}
