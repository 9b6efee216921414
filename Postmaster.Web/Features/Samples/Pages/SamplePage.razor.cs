using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Samples.Pages;

/// <summary>One mail of the viewer's: what is right, what is not, and what to do about it. Somebody else's does not exist.</summary>
public sealed partial class SamplePage
{
    /// <summary>How long an answer may wait for the check.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(4);

    [Parameter]
    public Guid Id { get; set; }

    /// <summary>An earlier mail of the viewer's to compare with.</summary>
    [SupplyParameterFromQuery]
    public string? With { get; set; }

    [SupplyParameterFromQuery]
    public string? Done { get; set; }

    [Inject]
    private SampleQueries Queries { get; set; } = default!;

    [Inject]
    private SampleStore Store { get; set; } = default!;

    [Inject]
    private OneClickButton OneClick { get; set; } = default!;

    [Inject]
    private SampleTokens Tokens { get; set; } = default!;

    [Inject]
    private SampleLimits Limits { get; set; } = default!;

    [Inject]
    private VisitorCookie Visitors { get; set; } = default!;

    [Inject]
    private PortalUrl Portal { get; set; } = default!;

    [Inject]
    private IOptions<ProviderOptions> Provider { get; set; } = default!;

    private SampleViewer Viewer { get; set; } = default!;
    private SampleDetail? Detail { get; set; }
    private SampleDetail? Earlier { get; set; }
    private IReadOnlyList<SampleRow> Others { get; set; } = [];
    private string Address { get; set; } = "";
    private string? Link { get; set; }
    private string Path => $"/samples/{Id}";
    private Tone DoneTone => Done is "often" or "presses" ? Tone.Warn : Tone.Ok;

    private string? DoneWords => Done switch
    {
        "again" => "It was checked again, with what DNS says now.",
        "shared" => "The link is below. It shows the result, and nothing else of yours.",
        "revoked" => "The link no longer works.",
        "unsubscribe" => "The request was sent. What came of it stands at the end of this page.",
        "presses" => "That were many unsubscriptions in a short time. Nothing was sent; try again within the hour.",
        "often" => "That were many checks in a short time. Try again within the hour.",
        _ => null,
    };

    protected override async Task OnInitializedAsync()
    {
        if (Visitors.Read(Http) is not { } viewer || await Queries.FindAsync(viewer, Id, Aborted) is not { } found)
        {
            Navigation.NotFound();
            return;
        }

        (Viewer, Detail) = (viewer, found);
        if (found.Row.State == SampleState.Waiting)
        {
            Address = $"{SampleMailbox.Prefix}{await Tokens.OfAddressAsync(Id, Aborted)}@{Provider.Value.Domain}";
            return;
        }

        if (found.ShareNonce is { } nonce)
            Link = Portal.To($"/samples/shared/{await Tokens.OfLinkAsync(Id, nonce, Aborted)}");
        Others = await Queries.OthersAsync(viewer, Id, Aborted);
        if (Guid.TryParse(With, out Guid with) && with != Id && await Queries.FindAsync(viewer, with, Aborted) is { Report: not null } earlier)
            Earlier = earlier;
    }

    private async Task AgainAsync()
    {
        if (!Limits.Allows(Viewer, Http))
        {
            Navigation.NavigateTo($"{Path}?done=often");
            return;
        }

        if (await Store.CheckAgainAsync(Viewer, Id, Aborted))
            await Queries.WaitAsync(Viewer, Id, Moment, Aborted);
        Navigation.NavigateTo($"{Path}?done=again");
    }

    private async Task UnsubscribeAsync()
    {
        OneClickPress press = await OneClick.PressAsync(Viewer, Http, Id, Aborted);
        Navigation.NavigateTo(press switch
        {
            OneClickPress.Tried => $"{Path}?done=unsubscribe#one-click",
            OneClickPress.TooOften => $"{Path}?done=presses",
            _ => Path,
        });
    }

    private async Task ShareAsync()
    {
        await Store.ShareAsync(Viewer, Id, Aborted);
        Navigation.NavigateTo($"{Path}?done=shared");
    }

    private async Task RevokeAsync()
    {
        await Store.RevokeAsync(Viewer, Id, Aborted);
        Navigation.NavigateTo($"{Path}?done=revoked");
    }

    private async Task DeleteAsync()
    {
        await Store.DeleteAsync(Viewer, Id, Aborted);
        Navigation.NavigateTo("/samples?done=deleted");
    }
}
