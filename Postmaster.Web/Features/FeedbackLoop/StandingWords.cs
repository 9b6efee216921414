using Postmaster.Web.Components.Charts;

namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>How complaints are told, in words.</summary>
internal static class StandingWords
{
    /// <summary>"2 webhooks and the daily digest": how complaints are told beside mail; null: in no other way.</summary>
    public static string? BesideMail(DomainStanding standing)
    {
        string? webhooks = standing.Webhooks switch { 0 => null, 1 => "a webhook", int more => $"{Counted.Number(more)} webhooks" };
        string? digest = standing.HasDigest ? "the daily digest" : null;
        return webhooks is null ? digest : digest is null ? webhooks : $"{webhooks} and {digest}";
    }
}
