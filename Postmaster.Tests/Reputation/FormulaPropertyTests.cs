using FsCheck;
using FsCheck.Fluent;
using Postmaster.Web.Features.Reputation.Formula;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Reputation;

/// <summary>What holds for any counters at all.</summary>
public sealed class FormulaPropertyTests
{
    private const double Tiny = 1e-9;

    private const int Cases = 400;

    /// <summary>The same cases in every run.</summary>
    private static readonly Replay Seed = new(new Rnd(20261122), null);

    private static readonly DateOnly Today = new(2026, 11, 20);

    /// <summary>0, small numbers and numbers beyond any traffic, equally likely.</summary>
    private static readonly Gen<long> Counts = Gen.Choose(0, 17).SelectMany(digits => Gen.Choose(0, 999_999).Select(n => digits == 0 ? 0 : (long)(n / 1e6 * Math.Pow(10, digits))));

    private static readonly Gen<TrafficWindow> AnyWindow = Counts.ListOf(12).Select(n => TrafficWindow.Of(Today, Tallies([.. n])));

    private static readonly Gen<TypeMix> AnyMix = Gen.Choose(0, 100).ListOf(7).Select(shares =>
        TypeMix.Of(0, MailType.Unknown, shares.Select((share, i) => (StreamKind.ListId, (MailType)i, (double)share))));

    private static readonly Arbitrary<(TrafficWindow Window, TypeMix Mix)> Any = AnyWindow.Zip(AnyMix).ToArbitrary();

    [Fact]
    public void Weights_sum_to_a_hundred_for_every_type_and_every_mix()
    {
        Assert.All(Enum.GetValues<MailType>(), type => Assert.Equal(100, SignalWeights.Of(type).Sum, 9));
        Check(AnyMix.ToArbitrary(), mix => Math.Abs(SignalWeights.Of(mix).Sum - 100) < 1e-6 && Math.Abs(mix.Shares.Sum(s => s.Share) - 1) < Tiny);
    }

    [Fact]
    public void The_score_is_a_number_from_0_to_100_whatever_was_counted() => Check(Any, x =>
    {
        ScoreSheet sheet = ReputationFormula.Judge(x.Window, SignalWeights.Of(x.Mix));
        return sheet.Score is >= 0 and <= 100 && sheet.Signals.Append(sheet.Rescues).All(s =>
            double.IsFinite(s.PointsLost) && s.Smoothed is >= 0 and <= 1 && (s.Rate is null or (>= 0 and <= 1))
            && (s.Interval is not { } i || (i.Low is >= 0 and <= 1 && i.High is >= 0 and <= 1 && i.Low <= s.Rate + Tiny && i.High >= s.Rate - Tiny)));
    });

    [Fact]
    public void Points_lost_and_given_back_make_up_the_score() => Check(Any, x =>
    {
        ScoreSheet sheet = ReputationFormula.Judge(x.Window, SignalWeights.Of(x.Mix));
        return Math.Abs(100 - sheet.Signals.Sum(s => s.PointsLost) - sheet.Rescues.PointsLost - sheet.Score) < 1e-6
            && sheet.Signals.All(s => s.PointsLost >= 0) && sheet.Rescues.PointsLost is <= 0 and >= -ReputationFormula.RescuePoints;
    });

    [Theory]
    [InlineData(Signal.UnknownUsers)]
    [InlineData(Signal.Complaints)]
    [InlineData(Signal.Traps)]
    [InlineData(Signal.DeletedUnread)]
    [InlineData(Signal.Authentication)]
    public void More_of_a_bad_signal_never_raises_the_score(Signal signal) => Check(Any, x =>
        ReputationFormula.Judge(More(x.Window, signal), SignalWeights.Of(x.Mix)).Score <= ReputationFormula.Judge(x.Window, SignalWeights.Of(x.Mix)).Score + Tiny);

    [Fact]
    public void More_rescues_never_lower_the_score() => Check(Any, x =>
        ReputationFormula.Judge(More(x.Window, Signal.Rescues), SignalWeights.Of(x.Mix)).Score >= ReputationFormula.Judge(x.Window, SignalWeights.Of(x.Mix)).Score - Tiny);

    [Fact]
    public void More_good_mail_never_lowers_the_score() => Check(Any, x =>
    {
        Dictionary<Signal, Tally> more = Enum.GetValues<Signal>().ToDictionary(s => s, s => s == Signal.Rescues ? x.Window[s] : x.Window[s].Plus(0, 1000, 1));
        return ReputationFormula.Judge(TrafficWindow.Of(Today, more), SignalWeights.Of(x.Mix)).Score >= ReputationFormula.Judge(x.Window, SignalWeights.Of(x.Mix)).Score - Tiny;
    });

    [Fact]
    public void More_good_mail_on_any_day_never_lowers_the_score_of_its_days() => Check(Gen.Choose(0, 29).Zip(Counts.ListOf(30)).ToArbitrary(), x =>
    {
        Dictionary<DateOnly, TrafficCounts> days = Enumerable.Range(0, 30).ToDictionary(age => Today.AddDays(-age), age => Mail(1000 + (x.Item2[age] % 5000), x.Item2[age] % 7));
        double before = VerdictWalk.Run(FlooredDays.Whole(days, 20), SignalWeights.Of(MailType.Marketing), [], Today, Today)[0].Score;
        days[Today.AddDays(-x.Item1)].Add(Mail(500, 0));
        return VerdictWalk.Run(FlooredDays.Whole(days, 20), SignalWeights.Of(MailType.Marketing), [], Today, Today)[0].Score >= before - Tiny;
    });

    [Fact]
    public void The_smallest_change_reaches_the_next_level_when_it_is_put_back_in() => Check(Any, x =>
    {
        SignalWeights weights = SignalWeights.Of(x.Mix);
        ScoreSheet sheet = ReputationFormula.Judge(x.Window, weights);
        ReputationLevel level = LevelRule.Of(sheet.Score);
        if (NextLevel.Of(sheet, level, []) is not { } next)
            return level == ReputationLevel.High;
        bool reached = LevelRule.Of(Put(x.Window, next.Changes, c => c.Below, weights) + 1e-6) <= next.Level;
        bool asShown = LevelRule.Of(Put(x.Window, next.Changes, c => c.Shown, weights) + 1e-6) <= next.Level;
        bool notSooner = next.Changes.Count != 1 || LevelRule.Of(Put(x.Window, next.Changes, c => c.Below + ((c.Now - c.Below) * 0.01), weights) - 1e-9) > next.Level;
        return next.Level == level - 1 && next.Changes.Count > 0 && reached && asShown && notSooner;
    });

    [Fact]
    public void Levels_rise_only_after_ten_better_days_and_newcomers_after_three() => Check(Gen.Choose(0, 100).ListOf(60).ToArbitrary(), scores =>
    {
        var before = new List<DayLevel>();
        for (int day = 0; day < scores.Count; day++)
        {
            ReputationLevel was = day == 0 ? LevelRule.Start : before[0].Level, now = LevelRule.Next(scores[day], before);
            int needed = day >= 10 ? 10 : 3;
            if (now < was && (day + 1 < needed || Enumerable.Range(day + 1 - needed, needed).Any(d => LevelRule.Of(scores[d]) > now)))
                return false;
            if (scores[day] < LevelRule.Boundary(now) - LevelRule.Margin)
                return false;
            before.Insert(0, new DayLevel(scores[day], now));
        }

        return true;
    });

    private static void Check<T>(Arbitrary<T> values, Func<T, bool> holds) =>
        Prop.ForAll(values, holds).Check(Config.QuickThrowOnFailure.WithMaxTest(Cases).WithReplay(Seed));

    private static Dictionary<Signal, Tally> Tallies(long[] counts) =>
        Enum.GetValues<Signal>().ToDictionary(s => s, s => Tally.Of(counts[2 * (int)s], counts[(2 * (int)s) + 1]));

    private static TrafficWindow More(TrafficWindow window, Signal signal)
    {
        Dictionary<Signal, Tally> tallies = Enum.GetValues<Signal>().ToDictionary(s => s, s => window[s]);
        tallies[signal] = tallies[signal].Plus(1 + (tallies[signal].Count / 10), 0, 1);
        return TrafficWindow.Of(Today, tallies);
    }

    private static double Put(TrafficWindow window, IReadOnlyList<Change> changes, Func<Change, double> rate, SignalWeights weights)
    {
        Dictionary<Signal, Tally> tallies = Enum.GetValues<Signal>().ToDictionary(s => s, s => window[s]);
        foreach (Change change in changes)
            tallies[change.Rule.Signal] = tallies[change.Rule.Signal] with { WeightedCount = rate(change) * tallies[change.Rule.Signal].WeightedTotal };
        return ReputationFormula.Judge(TrafficWindow.Of(Today, tallies), weights).Score;
    }

    private static TrafficCounts Mail(long inbox, long complaints) => new()
    {
        [TrafficCounter.DeliveredInbox] = inbox,
        [TrafficCounter.Complaint] = complaints,
        [TrafficCounter.DmarcKnown] = inbox,
        [TrafficCounter.DmarcPass] = inbox,
    };
}
