using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Reputation.Formula;

/// <summary>The verdict of one UTC day.</summary>
/// <param name="Next">Null for High.</param>
public sealed record DayVerdict(DateOnly Day, ScoreSheet Sheet, ReputationLevel Level, NextLevel? Next)
{
    public double Score => Sheet.Score;
}

/// <summary>Goes through days one after the other, because the level of a day depends on the days before it.</summary>
public static class VerdictWalk
{
    /// <summary>Verdicts of the days that have one, oldest first. A day with nothing in its window has none, and what comes after it begins anew.</summary>
    /// <param name="days">From the border before <see cref="TrafficWindow.Length"/> - 1 days before <paramref name="from"/>.</param>
    /// <param name="before">Verdicts of the days before <paramref name="from"/>, the latest first, as <see cref="LevelRule.Next"/> wants them.</param>
    public static IReadOnlyList<DayVerdict> Run(
        FlooredDays days, SignalWeights weights, IReadOnlyList<DayLevel> before, DateOnly from, DateOnly to)
    {
        var verdicts = new List<DayVerdict>();
        List<DayLevel> known = [.. before];
        for (DateOnly day = from; day <= to; day = day.AddDays(1))
        {
            if (TrafficWindow.Of(days, day) is not { } window)
            {
                known.Clear();
                continue;
            }

            ScoreSheet sheet = ReputationFormula.Judge(window, weights);
            ReputationLevel level = LevelRule.Next(sheet.Score, known);
            verdicts.Add(new DayVerdict(day, sheet, level, NextLevel.Of(sheet, level, known)));
            known.Insert(0, new DayLevel(sheet.Score, level));
            if (known.Count > LevelRule.Memory)
                known.RemoveAt(LevelRule.Memory);
        }

        return verdicts;
    }
}
