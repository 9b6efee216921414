using Microsoft.AspNetCore.Components;
using Postmaster.Web.Features.Domains.Pages;

namespace Postmaster.Web.Features.FeedbackLoop.Groups.Pages;

/// <summary>Where a link to leave leads: opening it changes nothing; <see cref="GroupLeaveDoor"/> takes the button. A link of a whole group asks who one is.</summary>
public sealed partial class LeaveGroup
{
    [Parameter]
    public string Token { get; set; } = "";

    [SupplyParameterFromQuery]
    public string? Done { get; set; }

    [CascadingParameter]
    private HttpContext Http { get; set; } = default!;

    [Inject]
    private GroupAnswers Answers { get; set; } = default!;

    private MembershipView? View { get; set; }

    protected override async Task OnInitializedAsync()
    {
        LinkPage.Guard(Http);
        View = await Answers.MembershipAsync(Token, Http.RequestAborted);
    }
}
