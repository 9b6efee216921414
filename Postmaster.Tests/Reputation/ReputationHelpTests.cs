using System.Globalization;
using Postmaster.Tests.House;
using Postmaster.Web.Features.Reputation.Formula;
using Postmaster.Web.Features.Reputation.Pages;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Reputation;

/// <summary>The manual states the numbers of the formula: each of them is the code's.</summary>
public sealed class ReputationHelpTests
{
    private static readonly string Manual = SourceTree.Read("Postmaster.Web/Help/reputation.md");

    [Fact]
    public void Priors_and_anchors_are_the_code_s()
    {
        foreach (SignalRule rule in ReputationFormula.Costing)
        {
            Says($"| {rule.Title} | {P(rule.PriorRate)} | {N(rule.PriorMail)} |");
            Says($"| {rule.Title} | {P(rule.Good)} | {P(rule.Bad)} |");
        }

        SignalRule rescues = ReputationFormula.Rescues;
        Says($"| {rescues.Title} | {P(rescues.PriorRate)} | {N(rescues.PriorMail)} |");
        Says($"Rescues give back up to {N(ReputationFormula.RescuePoints)} points, in a line from {P(rescues.Good)} to {P(rescues.Bad)} of");
        Says($"no signal costs more than {N(ReputationFormula.Most)} points");
        Says($"stay below {P(ReputationFormula.Complaints.Good)}, never reach {P(ReputationFormula.Complaints.Bad)}");
    }

    [Fact]
    public void Weights_are_the_code_s()
    {
        Says("| mail type | " + string.Join(" | ", ReputationFormula.Costing.Select(r => r.Title)) + " |");
        foreach (MailType type in Enum.GetValues<MailType>())
            Says($"| {ReputationWords.Of(type)} | " + string.Join(" | ", ReputationFormula.Costing.Select(r => N(SignalWeights.Of(type)[r.Signal]))) + " |");
    }

    [Fact]
    public void Days_levels_and_limits_are_the_code_s()
    {
        Says($"The last {TrafficWindow.Length} days count");
        Says($"loses half of its weight in {TrafficWindow.HalfLife} days");
        foreach (ReputationLevel level in Enum.GetValues<ReputationLevel>())
            Says($"| {level} | {N(LevelRule.Boundary(level))} |");
        Says($"more than {N(LevelRule.Margin)} points below the boundary of its level, and otherwise after {LevelRule.FallDays} days in a row");
        Says($"after {LevelRule.RiseDays} days in a row with scores of a better level; for a newcomer, who has had a verdict on fewer than {LevelRule.RiseDays} days, after {LevelRule.NewcomerDays};");
        Says($"a newcomer begins at {LevelRule.Start}. After {TrafficWindow.Length} days without mail");
        Says($"{new PrivacyOptions().PrivacyFloor} unless the provider has set `{PrivacyOptions.Section}:{nameof(PrivacyOptions.PrivacyFloor)}`");
        Says($"Trap hits count {TrafficWindow.TrapDelay} days late, fewer than {TrafficWindow.TrapLeast} count as none");
    }

    [Fact]
    public void The_example_is_what_the_code_works_out()
    {
        var window = TrafficWindow.Of(new DateOnly(2026, 11, 20), new Dictionary<Signal, Tally>
        {
            [Signal.Complaints] = Tally.Of(41, 18_230),
            [Signal.UnknownUsers] = Tally.Of(700, 19_000),
            [Signal.DeletedUnread] = Tally.Of(6_927, 18_230),
        });
        ScoreSheet sheet = ReputationFormula.Judge(window, SignalWeights.Of(MailType.Unknown));
        SignalVerdict complaints = sheet.Signals[(int)Signal.Complaints], unknown = sheet.Signals[(int)Signal.UnknownUsers];
        Says($"(41 + 0.5) ÷ (18,230 + 1,000) = {Long(complaints.Smoothed)} %. ({Long(complaints.Smoothed)} − 0.1) ÷ (0.3 − 0.1) × 40 = {complaints.PointsLost.ToString("0.00", CultureInfo.InvariantCulture)} points");
        Says($"(700 + 1) ÷ (19,000 + 100) = {Long(unknown.Smoothed)} %. ({Long(unknown.Smoothed)} − 2) ÷ (10 − 2) × 20 = {unknown.PointsLost.ToString("0.00", CultureInfo.InvariantCulture)} points");
        Says($"= {sheet.Score.ToString("0.00", CultureInfo.InvariantCulture)}, which is {LevelRule.Of(sheet.Score)}");
        Change change = Assert.Single(NextLevel.Of(sheet, LevelRule.Of(sheet.Score), [])!.Changes);
        Says($"With {ReputationWords.Short(change.Rule.Signal)} below {P(change.Shown)} it would be High");
    }

    private static void Says(string words) => Assert.Contains(words, Manual, StringComparison.Ordinal);

    private static string P(double rate) => (Math.Round(rate * 100, 9)).ToString("0.####", CultureInfo.InvariantCulture) + " %";

    private static string N(double number) => number.ToString("#,0.##", CultureInfo.InvariantCulture);

    private static string Long(double rate) => (rate * 100).ToString("0.0000", CultureInfo.InvariantCulture);
}
