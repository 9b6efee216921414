using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Postmaster.Web.Features.Domains.Pages;
using Postmaster.Web.Features.FeedbackLoop.Leaving;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Cfbl.Pages;

/// <summary>Where whoever reads an address that mail named agrees to reports or refuses them for ever: no account is needed, and opening the page changes nothing.</summary>
public sealed partial class CfblLinkPage
{
    [Parameter]
    public string Token { get; set; } = "";

    [Inject]
    private CfblQueries Queries { get; set; } = default!;

    [Inject]
    private CfblContactStore Store { get; set; } = default!;

    [Inject]
    private IOptions<ProviderOptions> Provider { get; set; } = default!;

    [Inject]
    private IOptions<CfblOptions> Options { get; set; } = default!;

    [Inject]
    private LeaveStore Leaving { get; set; } = default!;

    private CfblLinkView? View { get; set; }

    /// <summary>Null: nothing else goes to the address.</summary>
    private LeaveView? Also { get; set; }

    private string? Done { get; set; }

    protected override async Task OnInitializedAsync()
    {
        LinkPage.Guard(Http);
        View = await Queries.PeekAsync(Token, Aborted);
        LeaveView? all = View?.Address is { } address ? await Leaving.PeekAddressAsync(address, Aborted) : null;
        Also = all is not null && all.Reports.Count + all.Groups.Count + all.Digests.Count > 0 ? all : null;
    }

    private async Task AgreeAsync() => Done = await Store.ConfirmAsync(Token, Aborted) ? "agreed" : "";

    private async Task RefuseAsync() => Done = await Store.RefuseAsync(Token, Aborted) ? "refused" : "";
}
