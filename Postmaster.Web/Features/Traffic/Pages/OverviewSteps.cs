using Postmaster.Web.Components.Charts;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Features.Reputation;
using Postmaster.Web.Features.Reputation.Formula;
using Postmaster.Web.Features.Traffic.Compliance;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Pages;

/// <summary>One thing to do.</summary>
/// <param name="Text">A sentence; outside text in it is made fit to be looked at.</param>
/// <param name="Href">Where to go on; null: nowhere.</param>
internal sealed record NextThing(string Text, string? Href = null, string? LinkWords = null);

/// <summary>What is known of a domain when it is asked what to do next.</summary>
/// <param name="Path">Of its pages.</param>
/// <param name="MayChange">Whether the visitor may change the feedback address.</param>
/// <param name="Total">Null: nothing is known of the range.</param>
/// <param name="Dns">What DNS last said; null: it was not looked at.</param>
internal sealed record OverviewFacts(
    string Path, string Domain, bool MayChange, DomainStanding? Standing, VisibleTraffic? Total, VisibleTraffic? Unauthenticated, ReputationNow? Reputation, Culprit? Culprit,
    TrafficFreshness Freshness, DomainDns? Dns);

/// <summary>What to do next, the most useful first; pure.</summary>
internal static class OverviewSteps
{
    private const int Most = 7, LongestName = 60;

    /// <summary>Mail that is not authenticated is worth a look from this share of all on.</summary>
    private const double UnauthenticatedShare = 0.02;

    public static IReadOnlyList<NextThing> Of(OverviewFacts facts) => [.. All(facts).Take(Most)];

    private static IEnumerable<NextThing> All(OverviewFacts facts)
    {
        if (facts.Culprit is { } culprit)
        {
            yield return new NextThing(
                $"Stop \u201c{OutsideWords.Line(culprit.Title ?? culprit.Value, LongestName)}\u201d: {Counted.Number(culprit.Count)} of the {Counted.Of(culprit.OfAll, "complaint", "complaints")} in 30 days.",
                $"{facts.Path}/streams/{culprit.StreamId}", "this stream");
        }

        foreach (NextThing step in OfManners(facts))
            yield return step;
        foreach (SignalVerdict cause in facts.Reputation?.Verdict?.Sheet.Causes ?? [])
        {
            if (cause.Advice is { } advice)
                yield return new NextThing($"{cause.Rule.Title}: {advice}", facts.Path + PageOf(cause.Signal), "where it happens");
        }

        foreach (NextThing step in OfDns(facts))
            yield return step;
        foreach (NextThing step in OfReports(facts))
            yield return step;
        long strange = facts.Unauthenticated?.Messages ?? 0;
        if (strange > 0 && strange > UnauthenticatedShare * (strange + (facts.Total?.Messages ?? 0)))
        {
            yield return new NextThing(
                $"{Counted.Of(strange, "message", "messages")} with your From address could not be authenticated as you. If some are yours, sign them.",
                $"{facts.Path}/authentication#not-you", "not authenticated as you");
        }

        foreach (FeederState silent in facts.Freshness.Silent)
            yield return new NextThing($"Read the numbers with care: the provider\u2019s feeder \u201c{silent.Name}\u201d has been silent since {silent.SilentSince:d MMM HH:mm} UTC. You need not do anything.");
    }

    private static IEnumerable<NextThing> OfManners(OverviewFacts facts)
    {
        if (facts.Total is not { } total)
            yield break;
        if (total.MailedAgain is { Count: > 0 } again)
        {
            yield return new NextThing(
                $"{Counted.Of(again.Count, "person", "people")} who complained or unsubscribed got mail again more than 48 hours later. Take them off every list.",
                $"{facts.Path}/manners#honoured", "sending manners");
        }

        List<string> broken = [];
        Add(TrafficCounter.InvitationOver, "were the third or later to the same person");
        Add(TrafficCounter.ReminderClose, "came less than 14 days after the one before");
        Add(TrafficCounter.ReminderLate, "came more than three months after the first");
        if (broken.Count > 0)
        {
            yield return new NextThing(
                $"Send fewer invitations and reminders: of {Counted.Number(total[TrafficCounter.Invitation])}, {string.Join(", ", broken)}.", $"{facts.Path}/manners#invitations", "sending manners");
        }

        void Add(TrafficCounter counter, string words)
        {
            if (total.Of(counter) is > 0 and { } count)
                broken.Add($"{Counted.Number(count)} {words}");
        }
    }

    private static IEnumerable<NextThing> OfDns(OverviewFacts facts)
    {
        if (facts.Dns?.Has("no-spf") == true)
            yield return new NextThing($"SPF has no record for {facts.Domain}. Mail still counts by its DKIM signature, but the providers ask for both.", $"{facts.Path}/compliance#spf", "SPF");
        if (facts.Dns?.Has("no-dmarc") == true)
            yield return new NextThing($"DMARC has no record for {facts.Domain}, so anybody may use its name. Begin with p=none and read the reports.", $"{facts.Path}/compliance#dmarc-policy", "DMARC");
    }

    private static IEnumerable<NextThing> OfReports(OverviewFacts facts)
    {
        if (facts.Standing is not { } standing)
            yield break;
        string? href = facts.MayChange ? $"{facts.Path}/feedback" : null;
        if (!standing.IsTold && (standing.FeedbackAddress is null || standing.IsMailOff || standing.GroupMembers is 0))
            yield return new NextThing("Choose where feedback reports go, to an address, a group or a webhook, so that you learn of each complaint at once and can take the person off the list.", href, "where reports go");
        else if (standing.FeedbackAddress is null || standing.IsMailOff)
            yield break;
        else if (standing.FeedbackConfirmedAt is null)
            yield return new NextThing("The feedback address is not confirmed: open the link in our mail to it, and the reports begin.", href, "feedback address");
        else if (standing.PausedAt is not null)
            yield return new NextThing("Reports wait, because the feedback address answered with errors. Mend it and confirm it again, and they go out.", href, "feedback address");
        if (standing.FailedLately > 0)
            yield return new NextThing($"{Counted.Of(standing.FailedLately, "report", "reports")} could not be delivered in the last 7 days. Look what the mail server answered.", $"{facts.Path}/complaints?range=7d&state=failed", "failed reports");
    }

    private static string PageOf(Signal signal) => signal switch
    {
        Signal.Complaints => "/complaints",
        Signal.Authentication => "/authentication",
        _ => "/delivery",
    };
}
