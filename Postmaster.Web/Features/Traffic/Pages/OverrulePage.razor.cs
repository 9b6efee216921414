using Microsoft.AspNetCore.Components;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Pages;

/// <summary>Where an operator says what a stream is, against its owner.</summary>
public sealed partial class OverrulePage
{
    [Parameter]
    public int Stream { get; set; }

    [SupplyParameterFromQuery]
    public string? Done { get; set; }

    [SupplyParameterFromForm(FormName = "overrule")]
    public string? Type { get; set; }

    [CascadingParameter]
    private HttpContext Http { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private StreamStore Store { get; set; } = default!;

    [Inject]
    private TrafficQueries Traffic { get; set; } = default!;

    private NamedMailStream? Found { get; set; }

    protected override async Task OnInitializedAsync()
    {
        Found = await Traffic.FindStreamAsync(Stream, Http.RequestAborted);
        if (Found is null)
            Navigation.NotFound();
    }

    private async Task SaveAsync()
    {
        _ = Enum.TryParse(Type, out MailType type);
        await Store.OverruleAsync(Stream, type, Http.RequestAborted);
        Navigation.NavigateTo($"/operator/streams/{Stream}?done=saved");
    }
}
