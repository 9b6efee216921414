using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains.Pages;

/// <summary>Where whoever holds a mailbox agrees to reports, or refuses them: no account is needed, and opening the page changes nothing.</summary>
public sealed partial class FeedbackLink
{
    [Parameter]
    public string Token { get; set; } = "";

    [CascadingParameter]
    private HttpContext Http { get; set; } = default!;

    [Inject]
    private FeedbackAddressQueries Queries { get; set; } = default!;

    [Inject]
    private FeedbackAddressStore Store { get; set; } = default!;

    [Inject]
    private IOptions<ProviderOptions> Provider { get; set; } = default!;

    private FeedbackLinkView? View { get; set; }
    private FeedbackAnswer? Agreed { get; set; }
    private FeedbackAnswer? Refused { get; set; }

    protected override async Task OnInitializedAsync()
    {
        LinkPage.Guard(Http);
        View = await Queries.PeekAsync(Token, Http.RequestAborted);
    }

    private async Task AgreeAsync()
    {
        Agreed = await Store.ConfirmAsync(Token, Http.RequestAborted);
        View = null;
    }

    private async Task RefuseAsync()
    {
        Refused = await Store.DeclineAsync(Token, Http.RequestAborted);
        View = null;
    }
}
