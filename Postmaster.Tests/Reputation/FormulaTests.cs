using Postmaster.Web.Features.Reputation.Formula;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Reputation;

/// <summary>The formula by hand: each expected number was worked out on paper.</summary>
public sealed class FormulaTests
{
    private static readonly DateOnly Today = new(2026, 11, 20);

    [Fact]
    public void Complaints_at_the_anchors_cost_nothing_and_the_whole_weight()
    {
        // 1,000,000 messages make the prior of 1,000 count for a thousandth.
        Assert.Equal(0, Lost(Signal.Complaints, 1_000, 1_000_000));
        Assert.Equal(40, Lost(Signal.Complaints, 3_000, 1_000_000), 0.1);
        Assert.Equal(20, Lost(Signal.Complaints, 2_000, 1_000_000), 0.1);
        Assert.Equal(80, Lost(Signal.Complaints, 5_000, 1_000_000), 0.2);
    }

    [Fact]
    public void The_prior_holds_few_messages_to_what_is_usual()
    {
        // (1 + 0.5) / (20 + 1000) = 0.147 %: a quarter of the way from 0.1 to 0.3 %.
        Assert.Equal(40 * ((1.5 / 1020) - 0.001) / 0.002, Lost(Signal.Complaints, 1, 20), 9);
        Assert.Equal(0, Lost(Signal.Complaints, 0, 1));
        // (6 + 1) / (10 + 100): a list of strangers is seen from ten messages.
        Assert.Equal(20 * ((7.0 / 110) - 0.02) / 0.08, Lost(Signal.UnknownUsers, 6, 10), 9);
    }

    [Fact]
    public void No_single_signal_costs_more_than_there_is_and_several_share_it()
    {
        ScoreSheet sheet = Judge((Signal.Complaints, 50_000, 100_000), (Signal.Traps, 50_000, 100_000));
        Assert.Equal(0, sheet.Score);
        Assert.Equal([0, 50, 50, 0, 0], sheet.Signals.Select(s => Math.Round(s.PointsLost, 9)));
    }

    [Fact]
    public void Rescues_give_back_ten_points_and_never_more_than_was_lost()
    {
        ScoreSheet sheet = Judge((Signal.Complaints, 3_000, 1_000_000), (Signal.Rescues, 10_000, 100_000));
        Assert.Equal(-10, sheet.Rescues.PointsLost);
        Assert.Equal(70, sheet.Score, 0.1);
        Assert.Equal(100, Judge((Signal.Rescues, 10_000, 100_000)).Score);
        Assert.Equal(100, Judge((Signal.Complaints, 1_100, 1_000_000), (Signal.Rescues, 10_000, 100_000)).Score);
    }

    [Fact]
    public void Deleting_unread_weighs_little_for_receipts_and_notifications()
    {
        double[] lost = [.. ((MailType[])[MailType.Marketing, MailType.Transactional, MailType.Social]).Select(t => Lost(Signal.DeletedUnread, 800_000, 1_000_000, t))];
        Assert.Equal([20, 5, 5], lost.Select(l => Math.Round(l, 1)));
    }

    [Fact]
    public void The_weights_of_a_mix_are_the_mean_of_its_types()
    {
        TypeMix mix = TypeMix.Of(1000, MailType.Unknown,
            [(StreamKind.ListId, MailType.Marketing, 600), (StreamKind.ListId, MailType.Transactional, 200), (StreamKind.Selector, MailType.Personal, 300)]);
        Assert.Equal([new(MailType.Marketing, 0.6), new(MailType.Unknown, 0.2), new TypeShare(MailType.Transactional, 0.2)], mix.Shares.OrderByDescending(s => s.Share).ThenBy(s => s.Type == MailType.Unknown ? 0 : 1));
        Assert.Equal((0.6 * 20) + (0.2 * 5) + (0.2 * 10), SignalWeights.Of(mix)[Signal.DeletedUnread], 9);
    }

    [Fact]
    public void Without_a_named_stream_the_mix_is_the_domain_s_own_type()
    {
        Assert.Equal([new TypeShare(MailType.Personal, 1)], TypeMix.Of(10, MailType.Personal, []).Shares);
        Assert.Equal([new TypeShare(MailType.Unknown, 1)], TypeMix.Of(0, MailType.Unknown, []).Shares);
        // Streams may hold more than the whole, where a message has two of their values.
        Assert.Equal([new TypeShare(MailType.List, 1)], TypeMix.Of(10, MailType.Personal, [(StreamKind.Selector, MailType.List, 15)]).Shares);
    }

    [Fact]
    public void A_verdict_names_what_would_reach_the_next_level()
    {
        // 0.22 % of 1,000,000: 24 points lost. High begins at 80: no more than 20 may be lost, which is 0.2 %.
        ScoreSheet sheet = Judge((Signal.Complaints, 2_200, 1_000_000));
        NextLevel next = NextLevel.Of(sheet, ReputationLevel.Medium, [])!;
        Change change = Assert.Single(next.Changes);
        Assert.Equal((ReputationLevel.High, Signal.Complaints), (next.Level, change.Rule.Signal));
        Assert.Equal(0.002, change.Below, 0.00001);
        Assert.Equal(0.002, change.Shown, 9);
        Assert.Equal(0.0022, change.Now, 9);
    }

    [Fact]
    public void Where_one_signal_is_not_enough_several_are_named()
    {
        // Each costs all 100 points; for Low no more than 70 may be lost: one of them has to go, the other to fall to 70.
        ScoreSheet sheet = Judge((Signal.Complaints, 6_100, 1_000_000), (Signal.UnknownUsers, 700_000, 1_000_000));
        NextLevel next = NextLevel.Of(sheet, ReputationLevel.Bad, [])!;
        Assert.Equal(ReputationLevel.Low, next.Level);
        Assert.Equal([Signal.UnknownUsers, Signal.Complaints], next.Changes.Select(c => c.Rule.Signal).Order());
        Assert.Equal(0.02, next.Changes.Single(c => c.Rule.Signal == Signal.UnknownUsers).Below, 0.0001);
        Assert.Equal(0.0045, next.Changes.Single(c => c.Rule.Signal == Signal.Complaints).Below, 0.0001);
    }

    [Fact]
    public void A_score_that_is_there_already_has_only_to_hold()
    {
        ScoreSheet sheet = Judge((Signal.Complaints, 1_500, 1_000_000));
        DayLevel above = new(81, ReputationLevel.Medium), below = new(79, ReputationLevel.Medium), high = new(90, ReputationLevel.High);
        Assert.Equal((0, 1), Left(NextLevel.Of(sheet, ReputationLevel.Medium, [above, below, below])!));
        Assert.Equal((0, 2), Left(NextLevel.Of(sheet, ReputationLevel.Medium, [])!));
        // No newcomer any more: ten days in a row, of which this is the third.
        Assert.Equal((0, 7), Left(NextLevel.Of(sheet, ReputationLevel.Medium, [above, above, .. Enumerable.Repeat(below, 7), high])!));
        Assert.Null(NextLevel.Of(sheet, ReputationLevel.High, [high]));

        static (int Changes, int Days) Left(NextLevel next) => (next.Changes.Count, next.DaysLeft);
    }

    [Theory]
    [InlineData(0.00178, 0.0017)]
    [InlineData(0.0017, 0.0017)]
    [InlineData(0.999, 0.99)]
    [InlineData(1, 1)]
    [InlineData(0, 0)]
    public void Rates_to_stay_below_are_rounded_down_to_two_digits(double rate, double shown) => Assert.Equal(shown, NextLevel.RoundDown(rate), 12);

    // Expected values: Wilson's formula, from the tables of Newcombe (1998), Statistics in Medicine 17:857, first example and its complement.
    [Theory]
    [InlineData(81.0 / 263, 263, 0.2553, 0.3662)]
    [InlineData(15.0 / 148, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0, 0.1611)]
    [InlineData(1.0 / 29, 29, 0.0061, 0.1718)]
    public void The_interval_is_Wilson_s(double rate, double size, double low, double high)
    {
        Interval interval = Interval.Wilson(rate, size);
        Assert.Equal(low, interval.Low, 0.00005);
        Assert.Equal(high, interval.High, 0.00005);
    }

    [Fact]
    public void Of_nothing_the_interval_is_everything() => Assert.Equal(new Interval(0, 1), Interval.Wilson(0, 0));

    private static double Lost(Signal signal, long count, long total, MailType type = MailType.Unknown) =>
        Judge(type, (signal, count, total)).Signals.Single(s => s.Signal == signal).PointsLost;

    private static ScoreSheet Judge(params (Signal Signal, long Count, long Total)[] tallies) => Judge(MailType.Unknown, tallies);

    private static ScoreSheet Judge(MailType type, params (Signal Signal, long Count, long Total)[] tallies) =>
        ReputationFormula.Judge(TrafficWindow.Of(Today, tallies.ToDictionary(t => t.Signal, t => Tally.Of(t.Count, t.Total))), SignalWeights.Of(type));
}
