using Microsoft.AspNetCore.Components;

namespace Postmaster.Web.Features.Operations.Pages;

/// <summary>One complaint as it came in, with the header of its message.</summary>
public sealed partial class KeptPage
{
    [Parameter]
    public Guid Id { get; set; }

    [Inject]
    private OperatorQueries Queries { get; set; } = default!;

    private KeptDetail? Detail { get; set; }

    protected override async Task OnInitializedAsync()
    {
        Detail = await Queries.KeptAsync(Id, Aborted);
        if (Detail is null)
            Navigation.NotFound();
    }
}
