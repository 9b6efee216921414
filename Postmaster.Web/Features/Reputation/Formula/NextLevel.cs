using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Reputation.Formula;

/// <summary>What one signal would have to come down to.</summary>
/// <param name="Below">The decayed rate, as a share.</param>
/// <param name="Shown">The same with two digits, rounded down, so that it is enough also as it is shown.</param>
/// <param name="Now">The decayed rate today.</param>
public sealed record Change(SignalRule Rule, double Below, double Shown, double Now);

/// <summary>The smallest change that would reach the next better level, all else being as it is.</summary>
/// <param name="Level">The next better one.</param>
/// <param name="Changes">One signal if one can do it: that whose rate would have to fall by the smallest part. Otherwise several together. Empty: the score is there already.</param>
/// <param name="DaysLeft">Days that the score has to stay there after today, so that the level rises: <see cref="LevelRule.DaysToRise"/> in a row. Counted from the change, when one is needed.</param>
public sealed record NextLevel(ReputationLevel Level, IReadOnlyList<Change> Changes, int DaysLeft)
{
    /// <summary>Null for a level that has none above it.</summary>
    /// <param name="level">The level given, which may lag behind the score.</param>
    /// <param name="before">As in <see cref="LevelRule.Next"/>.</param>
    public static NextLevel? Of(ScoreSheet sheet, ReputationLevel level, IReadOnlyList<DayLevel> before)
    {
        if (level == ReputationLevel.High)
            return null;
        ReputationLevel next = level - 1;
        double missing = sheet.Costs.Sum() - sheet.Offered - (ReputationFormula.Most - LevelRule.Boundary(next));
        if (sheet.Score >= LevelRule.Boundary(next) || missing <= 0)
            return new NextLevel(next, [], LevelRule.DaysToRise(before) - LevelRule.DaysWithin(next, sheet.Score, before));
        List<Change> single = [.. sheet.Signals.Select((s, i) => Solve(s, sheet.Costs[i] - missing)).OfType<Change>()];
        IReadOnlyList<Change> changes = single.Count > 0 ? [single.MinBy(c => (c.Now - c.Below) / c.Now)!] : Together(sheet, missing);
        return new NextLevel(next, changes, LevelRule.DaysToRise(before));
    }

    /// <summary>Down to two digits.</summary>
    public static double RoundDown(double rate)
    {
        if (!(rate > 0))
            return 0;
        double unit = Math.Pow(10, Math.Floor(Math.Log10(rate)) - 1);
        return Math.Floor((rate / unit) + 1e-9) * unit;
    }

    /// <summary>The dearest signals down to their good anchors, the last of them as far as is needed.</summary>
    private static List<Change> Together(ScoreSheet sheet, double missing)
    {
        var changes = new List<Change>();
        foreach ((SignalVerdict signal, double cost) in sheet.Signals.Zip(sheet.Costs).OrderByDescending(s => s.Second))
        {
            if (missing <= 0 || cost <= 0)
                break;
            if (Solve(signal, Math.Max(0, cost - missing)) is { } change)
                changes.Add(change);
            missing -= cost;
        }

        return changes;
    }

    /// <summary>The rate at which a signal costs so many points; null when it cannot cost so few.</summary>
    private static Change? Solve(SignalVerdict signal, double points)
    {
        if (points < 0 || signal.Rate is not { } now || signal.Weight <= 0)
            return null;
        double below = signal.Rule.RateAt(points / signal.Weight, signal.Tally.WeightedTotal);
        return below < now ? new Change(signal.Rule, below, RoundDown(below), now) : null;
    }
}
