using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Reputation.Formula;

/// <summary>One signal of a verdict.</summary>
public sealed record SignalVerdict
{
    public required SignalRule Rule { get; init; }

    /// <summary>As counted in 30 days. Trap hits are rounded down and <see cref="TrafficWindow.TrapDelay"/> days late.</summary>
    public required long Count { get; init; }

    /// <summary>What it is a share of, as counted in 30 days.</summary>
    public required long Denominator { get; init; }

    /// <summary><see cref="Count"/> of <see cref="Denominator"/>; null when there is nothing to be a share of.</summary>
    public required double? PlainRate { get; init; }

    /// <summary>The decayed rate: what the formula begins with. Null when there is nothing to be a share of.</summary>
    public required double? Rate { get; init; }

    /// <summary>Of <see cref="Rate"/>: Wilson's, for as many messages as make a decayed rate so certain. Null as the rate is.</summary>
    public required Interval? Interval { get; init; }

    /// <summary>Decayed numerator and denominator, for the page that works the score out.</summary>
    public required Tally Tally { get; init; }

    /// <summary>The rate after the prior: what is held against the anchors.</summary>
    public required double Smoothed { get; init; }

    /// <summary>Points at the bad anchor.</summary>
    public required double Weight { get; init; }

    /// <summary>Points that it cost; negative for those that it gave back.</summary>
    public required double PointsLost { get; init; }

    /// <summary>Set when the numbers are hidden and do not count.</summary>
    public required BelowFloor? Hidden { get; init; }

    public Signal Signal => Rule.Signal;

    /// <summary>What to do about it; null while it costs nothing.</summary>
    public string? Advice => PointsLost > 0 ? Rule.Advice : null;

    internal static SignalVerdict Of(SignalRule rule, TrafficWindow window, double weight, double pointsLost)
    {
        Tally tally = window[rule.Signal];
        return new SignalVerdict
        {
            Rule = rule,
            Count = tally.Count,
            Denominator = tally.Total,
            PlainRate = tally.PlainRate,
            Rate = tally.Rate,
            Interval = tally.Rate is { } rate ? Formula.Interval.Wilson(rate, tally.Certainty) : null,
            Tally = tally,
            Smoothed = rule.Smooth(tally),
            Weight = weight,
            PointsLost = pointsLost,
            Hidden = window.HiddenOf(rule.Signal),
        };
    }
}

/// <summary>The score of one day and what it is made of. 100 less all <see cref="SignalVerdict.PointsLost"/>, rescues included, is the score.</summary>
public sealed record ScoreSheet
{
    public required TrafficWindow Window { get; init; }
    public required SignalWeights Weights { get; init; }

    /// <summary>0 to 100.</summary>
    public required double Score { get; init; }

    /// <summary>The signals that cost points, in the order of <see cref="Signal"/>.</summary>
    public required IReadOnlyList<SignalVerdict> Signals { get; init; }

    public required SignalVerdict Rescues { get; init; }

    /// <summary>Points by signal before they were cut down to what there was to lose.</summary>
    public required IReadOnlyList<double> Costs { get; init; }

    /// <summary>Points that rescues would give back if so many were lost.</summary>
    public required double Offered { get; init; }

    /// <summary>The signals that cost anything, the dearest first.</summary>
    public IEnumerable<SignalVerdict> Causes => Signals.Where(s => s.PointsLost > 0).OrderByDescending(s => s.PointsLost);
}
