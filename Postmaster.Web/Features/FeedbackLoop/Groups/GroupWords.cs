using Postmaster.Web.Components.Shared;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Groups;

/// <summary>The words for states and refusals, in one table.</summary>
internal static class GroupWords
{
    public static string Of(GroupInvite result) => result switch
    {
        GroupInvite.BadAddress => "is not a mail address; write it as name@example.org",
        GroupInvite.NotAscii => "has other signs than plain letters and digits before the @, which many mail servers do not take",
        GroupInvite.WouldLoop => "is at this portal's own domain",
        GroupInvite.Same => "is a member already",
        GroupInvite.Full => $"does not fit in: a group has at most {GroupStore.MostMembers} members",
        GroupInvite.NotInForce => "cannot be invited while the domain is not proved",
        GroupInvite.TooMany => "was sent a mail only a moment ago, or as many as it may get in 24 hours; try again later",
        GroupInvite.Declined => "has said that the request was not theirs; ask them first",
        _ => "was invited",
    };

    public static string Of(GroupDeliveryState state) => state switch
    {
        GroupDeliveryState.Open => "Tried again",
        GroupDeliveryState.Accepted => "Delivered",
        GroupDeliveryState.Refused => "Refused",
        GroupDeliveryState.Bounced => "Came back",
        _ => "Left out",
    };

    public static Tone ToneOf(GroupDeliveryState state) => state switch
    {
        GroupDeliveryState.Accepted => Tone.Ok,
        GroupDeliveryState.Open => Tone.Warn,
        GroupDeliveryState.Dropped => Tone.Neutral,
        _ => Tone.Bad,
    };
}
