using Microsoft.AspNetCore.Components;
using Postmaster.Web.Features.Domains;

namespace Postmaster.Web.Features.FeedbackLoop.Digests.Pages;

/// <summary>Who gets the day's complaints in one mail, and when?</summary>
public sealed partial class DigestPage
{
    private const string Tab = "feedback/digest";

    [SupplyParameterFromForm(FormName = "digest")]
    public string? Address { get; set; }

    [SupplyParameterFromForm(FormName = "digest")]
    public int? Hour { get; set; }

    [SupplyParameterFromForm(FormName = "digest")]
    public bool AlsoEmpty { get; set; }

    [Inject]
    private DigestQueries Queries { get; set; } = default!;

    [Inject]
    private DigestStore Store { get; set; } = default!;

    private DigestView? View { get; set; }
    private string? Confirmed { get; set; }
    private string? Problem { get; set; }

    private string? DoneWords => Done switch
    {
        "begins" => "Saved. The digest leaves at its hour.",
        "sent" => "The mail with the link is on its way. Look into the spam folder too.",
        "removed" => "The digest has ended. Nothing more is sent.",
        _ => null,
    };

    protected override async Task LoadAsync(AccessedDomain access)
    {
        View = await Queries.FindAsync(access.ClaimId, Aborted);
        Confirmed = await Queries.ConfirmedAddressAsync(access.ClaimId, Aborted);
    }

    private async Task RequestAsync()
    {
        DigestRequest result = await Store.RequestAsync(Access!.ClaimId, Http.User.PortalId()!.Value, Address, Hour ?? DigestStore.UsualHour, AlsoEmpty, Aborted);
        if (result is DigestRequest.Begins or DigestRequest.Sent)
            Leave(Tab, result is DigestRequest.Begins ? "begins" : "sent");
        else
            Problem = Words(result);
    }

    private async Task RemoveAsync()
    {
        await Store.RemoveAsync(Access!.ClaimId, Http.User.PortalId()!.Value, Aborted);
        Leave(Tab, "removed");
    }

    private static string Words(DigestRequest result) => result switch
    {
        DigestRequest.NotAscii => "The part before the @ has to be plain letters, digits and signs.",
        DigestRequest.WouldLoop => "That address is at this portal's own domain. Name one of yours.",
        DigestRequest.NotInForce => "The domain is not proved at the moment. Prove it first, then ask for a digest.",
        DigestRequest.TooMany => "A mail was sent only a moment ago, or several today. Look into the mailbox, its spam folder too, and try again later.",
        DigestRequest.Declined => "Whoever reads this mailbox has said that the request was not theirs. Ask them first, or name another address.",
        _ => "That is not a mail address. Write it as name@example.org, without a display name.",
    };
}
