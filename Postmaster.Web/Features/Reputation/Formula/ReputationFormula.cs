using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Reputation.Formula;

/// <summary>
/// The reputation formula, whole: this folder holds pure functions of counters alone, and <c>Help/reputation.md</c> says the same in words.
/// <list type="number">
/// <item><see cref="TrafficWindow"/>: the counters of 30 days, those of a day ago 1/2^(1/7) as heavy as today's (half-life 7 days).</item>
/// <item>Each signal's rate, smoothed by a Beta prior (<see cref="SignalRule.Smooth"/>), is held against two anchors (<see cref="SignalRule.Loss"/>)
/// and costs that part of its weight (<see cref="SignalWeights"/>, by mail type), at most <see cref="Most"/> points.</item>
/// <item>Rescues give back up to <see cref="RescuePoints"/> of the points lost. What is left of <see cref="Most"/> is the score.</item>
/// <item><see cref="LevelRule"/> makes a level of the scores of the last days.</item>
/// </list>
/// Left out: contents, who owns an address, what other providers say.
/// </summary>
public static class ReputationFormula
{
    /// <summary>The best score.</summary>
    public const double Most = 100;

    /// <summary>Points that rescues give back at most: somebody with a few mailboxes of his own must not be able to press himself clean.</summary>
    public const double RescuePoints = 10;

    /// <summary>The anchors of complaints are those that the large providers publish to senders: stay below 0.1 %, never reach 0.3 %.</summary>
    public static readonly SignalRule Complaints = new(
        Signal.Complaints, "complaints", "Complaints", "complaints", "messages put into the inbox", Good: 0.001, Bad: 0.003, PriorRate: 0.0005, PriorMail: 1000,
        "Write only to people who asked for it, and make leaving as easy as the spam button. Whoever complained must get nothing more.");

    public static readonly SignalRule UnknownUsers = new(
        Signal.UnknownUsers, "unknown_users", "Unknown users", "messages to addresses that do not exist", "messages delivered or refused for that reason",
        Good: 0.02, Bad: 0.10, PriorRate: 0.01, PriorMail: 100,
        "Take an address off the list at the first answer that says it does not exist, and confirm new addresses by a mail before you write to them.");

    public static readonly SignalRule Traps = new(
        Signal.Traps, "traps", "Trap hits", "messages to addresses that nobody ever gave away", "messages delivered or caught",
        Good: 0.0001, Bad: 0.001, PriorRate: 0.00005, PriorMail: 2000,
        "Such addresses come from bought, guessed or very old lists. Write only to people who confirmed their address, and drop those who have not opened anything for a year.");

    public static readonly SignalRule DeletedUnread = new(
        Signal.DeletedUnread, "deleted_unread", "Deleted unread", "messages deleted unread", "messages put into the inbox",
        Good: 0.40, Bad: 0.80, PriorRate: 0.20, PriorMail: 50,
        "People do not want to read this so often. Send less of it, or ask those who never open it whether they still want it.");

    public static readonly SignalRule Authentication = new(
        Signal.Authentication, "authentication", "Authentication", "messages that fail DMARC", "messages whose DMARC result is known",
        Good: 0.05, Bad: 0.50, PriorRate: 0.025, PriorMail: 50,
        "Sign with a domain that is aligned with the From address, on every machine that sends in your name.");

    /// <summary>"Good" is where nothing is given back, "bad" where all <see cref="RescuePoints"/> are.</summary>
    public static readonly SignalRule Rescues = new(
        Signal.Rescues, "rescues", "Rescued", "messages that people took out of the spam folder", "messages put into the spam folder",
        Good: 0, Bad: 0.05, PriorRate: 0, PriorMail: 200,
        "People who look for your mail in the spam folder speak for you.");

    /// <summary>The signals that cost points, in the order of <see cref="Signal"/>.</summary>
    public static IReadOnlyList<SignalRule> Costing { get; } = [UnknownUsers, Complaints, Traps, DeletedUnread, Authentication];

    /// <summary>Signals that say what people do with their mail, and so stay hidden below the privacy floor.</summary>
    public static bool IsOfPeople(Signal signal) => signal is Signal.Complaints or Signal.DeletedUnread or Signal.Rescues;

    public static SignalRule RuleOf(Signal signal) => signal == Signal.Rescues ? Rescues : Costing[(int)signal];

    /// <summary>The score and what it is made of.</summary>
    public static ScoreSheet Judge(TrafficWindow window, SignalWeights weights)
    {
        double[] costs = [.. Costing.Select(rule => Math.Min(Most, weights[rule.Signal] * rule.Loss(rule.Smooth(window[rule.Signal]))))];
        double lost = costs.Sum();
        double offered = RescuePoints * Math.Min(1, Rescues.Loss(Rescues.Smooth(window[Signal.Rescues])));
        double given = Math.Min(offered, lost);
        // Nobody can lose more than there is: beyond that each cause has its share of all points.
        double scale = lost - given > Most ? (Most + given) / lost : 1;
        double score = Math.Max(0, Most - (lost - given));
        return new ScoreSheet
        {
            Window = window,
            Weights = weights,
            Score = score,
            Costs = costs,
            Offered = offered,
            Signals = [.. Costing.Select((rule, i) => SignalVerdict.Of(rule, window, weights[rule.Signal], costs[i] * scale))],
            Rescues = SignalVerdict.Of(Rescues, window, RescuePoints, given == 0 ? 0 : -given),
        };
    }
}
