using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.Domains.Pages;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Groups.Pages;

/// <summary>Where whoever holds a mailbox agrees to be in a group, or refuses: no account is needed, and opening the page changes nothing.</summary>
public sealed partial class JoinGroup
{
    [Parameter]
    public string Token { get; set; } = "";

    [CascadingParameter]
    private HttpContext Http { get; set; } = default!;

    [Inject]
    private GroupAnswers Answers { get; set; } = default!;

    [Inject]
    private IOptions<ProviderOptions> Provider { get; set; } = default!;

    private JoinView? View { get; set; }
    private FeedbackAnswer? Agreed { get; set; }
    private FeedbackAnswer? Refused { get; set; }

    protected override async Task OnInitializedAsync()
    {
        LinkPage.Guard(Http);
        View = await Answers.PeekAsync(Token, Http.RequestAborted);
    }

    private async Task AgreeAsync()
    {
        Agreed = await Answers.ConfirmAsync(Token, Http.RequestAborted);
        View = null;
    }

    private async Task RefuseAsync()
    {
        Refused = await Answers.DeclineAsync(Token, Http.RequestAborted);
        View = null;
    }
}
