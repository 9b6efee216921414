using Postmaster.Web.Components.Shared;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains.Pages;

/// <summary>The words for states and refusals, in one table.</summary>
internal static class ClaimWords
{
    public static string Of(ClaimState state) => state switch
    {
        ClaimState.Pending => "Not proved yet",
        ClaimState.Proved => "Proved",
        ClaimState.Warned => "Record missing",
        _ => "Suspended",
    };

    public static Tone ToneOf(ClaimState state) => state switch
    {
        ClaimState.Pending => Tone.Neutral,
        ClaimState.Proved => Tone.Ok,
        ClaimState.Warned => Tone.Warn,
        _ => Tone.Bad,
    };

    public static string Of(MemberRole role) => role == MemberRole.Owner ? "Owner" : "Reader";

    public static string Of(AddClaimProblem problem, string providerName) => problem switch
    {
        AddClaimProblem.Empty => "Write the domain that signs your mail, such as news.example.org.",
        AddClaimProblem.SingleLabel => "That is a single word, not a domain. A domain has at least two parts, such as example.org.",
        AddClaimProblem.IpAddress => "That is an IP address. Complaints are matched to the domain in your DKIM signature; add that domain.",
        AddClaimProblem.MailAddress => "That is a mail address. Add only the part behind the @, if that is the domain that signs your mail.",
        AddClaimProblem.WebAddress => "That is a web address. Add only the domain.",
        AddClaimProblem.Registry => "DNS says that this name belongs to a registry (psd=y in its DMARC record): many owners have domains under it. Add your own domain below it.",
        AddClaimProblem.ProvidersOwn => $"That domain belongs to {providerName} itself. Its operators can add it.",
        AddClaimProblem.TooLong => "That name is too long: there is no room in DNS for the record that would prove it. Add the domain above it.",
        AddClaimProblem.TooMany => "This account has as many domains as an account may have. Remove one that you no longer need, or ask the provider.",
        _ => "That is not a domain name. It may hold letters of any script, digits, hyphens and dots, such as example.org.",
    };

    public static string Of(InviteResult result, string email) => result switch
    {
        InviteResult.BadAddress => "That is not a mail address. Write it as name@example.org, without a display name.",
        InviteResult.AlreadyMember => $"{email} is a member already. You can change the role in the list.",
        InviteResult.NotInForce => "The domain is not proved at the moment. Prove it first, then invite people.",
        InviteResult.TooManyOfClaim => $"This domain has sent {InvitationStore.MostPerClaim} invitations in 24 hours. Try again tomorrow.",
        _ => $"{email} has been sent several invitations in the last 24 hours. Try again tomorrow.",
    };

    public static string Of(FeedbackRequestResult result) => result switch
    {
        FeedbackRequestResult.BadAddress => "That is not a mail address. Write it as name@example.org, without a display name.",
        FeedbackRequestResult.NotAscii => "The part before the @ has to be plain letters, digits and signs: many mail servers could not take a report for another one.",
        FeedbackRequestResult.WouldLoop => "That address is at this portal's own domain. A report sent there could come back as a complaint; name one of yours.",
        FeedbackRequestResult.Same => "Reports go to this address already. Nothing was changed.",
        FeedbackRequestResult.NotInForce => "The domain is not proved at the moment. Prove it first, then name an address.",
        FeedbackRequestResult.TooManyOfClaim => "A mail was sent only a moment ago, or several today. Look into the mailbox, its spam folder too, and try again later.",
        FeedbackRequestResult.TooManyToMailbox => "This mailbox has been sent as many confirmation mails as it may get in 24 hours. Try again tomorrow.",
        FeedbackRequestResult.Declined => "Whoever reads this mailbox has said that the request was not theirs. Ask them first, or name another address.",
        _ => "No address waits for its link. Nothing was sent.",
    };
}
