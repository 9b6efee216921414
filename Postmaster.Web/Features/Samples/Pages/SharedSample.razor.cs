using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Samples.Pages;

/// <summary>A result by the link that its owner made: to look at, nothing to change.</summary>
public sealed partial class SharedSample
{
    [Parameter]
    public string Token { get; set; } = "";

    [Inject]
    private SampleQueries Queries { get; set; } = default!;

    [Inject]
    private IOptions<ProviderOptions> Provider { get; set; } = default!;

    private SampleDetail? Detail { get; set; }

    protected override async Task OnInitializedAsync()
    {
        Detail = await Queries.FindSharedAsync(Token, Aborted);
        if (Detail is null)
            Navigation.NotFound();
    }
}
