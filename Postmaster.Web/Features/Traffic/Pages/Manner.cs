using Postmaster.Web.Components.Charts;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Pages;

/// <summary>One of the manners of sending that are measured: what it asks, why, and how a sender keeps it.</summary>
/// <param name="Unit">What is counted, such as "invitations".</param>
/// <param name="Good">The share that may be against it by accident.</param>
/// <param name="Against">The share that is against it; null: hidden, or there was nothing to be a share of.</param>
internal sealed record Manner(string Title, string Rule, string Why, string Advice, string Unit, double Good, Func<VisibleTraffic, Rate?> Against)
{
    /// <summary>From this share on it is no accident.</summary>
    private const double Fault = 0.05;

    /// <summary>Of mail, so much may be a slip.</summary>
    private const double Slip = 0.01;

    public static readonly Manner Leaving = new(
        "Leaving is honoured",
        "Who calls your mail spam or unsubscribes gets nothing more of the same list 48 hours after you were told of it. Receipts and personal mail may still come.",
        "Two days are what the large providers give bulk senders. To somebody who has left, the next mail is the next complaint, and one that you were warned of.",
        "Take people off every list when they unsubscribe and when a feedback report names their mail. Do it by machine: by hand it takes too long.",
        "people", 0, t => t.MailedAgain);

    public static readonly Manner TwoInvitations = new(
        "No more than two invitations", "One person gets at most two invitations of a domain.",
        "Who does not answer twice does not want to.", "Count what you send to each address, and stop at two.", "invitations", Slip, t => t.RateOf(TrafficCounter.InvitationOver, TrafficCounter.Invitation));

    public static readonly Manner TwoWeeks = new(
        "Two weeks between reminders", "A reminder comes no sooner than 14 days after the mail before it.",
        "A reminder that comes before one has had the time to act is pressure, and is called spam.", "Let two weeks pass before the next one.", "invitations", Slip, t => t.RateOf(TrafficCounter.ReminderClose, TrafficCounter.Invitation));

    public static readonly Manner ThreeMonths = new(
        "No reminders after three months", "Reminders end 92 days after the first mail, which stands for the sign-up mail.",
        "After three months people no longer know why you write, and their address may have become somebody else’s, or a trap.", "End each series of reminders three months after its first mail.", "invitations", Slip, t => t.RateOf(TrafficCounter.ReminderLate, TrafficCounter.Invitation));

    /// <summary>Those of invitations and reminders.</summary>
    public static IReadOnlyList<Manner> OfInvitations { get; } = [TwoInvitations, TwoWeeks, ThreeMonths];

    public (Tone Tone, string Word) StateOf(VisibleTraffic traffic) => Against(traffic) switch
    {
        null when traffic.WhyHidden(TrafficCounter.Left) is not null => (Tone.Neutral, "Hidden"),
        null => (Tone.Neutral, "Not known"),
        { } rate when rate.Value <= Good => (Tone.Ok, "Kept"),
        { } rate when rate.Value < Fault => (Tone.Warn, "Look at it"),
        _ => (Tone.Bad, "Not kept"),
    };
}
