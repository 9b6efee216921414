using System.Runtime.InteropServices;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Reputation.Formula;

/// <summary>What the days before are asked about.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct DayLevel(double Score, ReputationLevel Level);

/// <summary>
/// Makes a level of scores without flapping. A clear fall counts at once and an unclear one after three days; a rise takes ten days in a row:
/// a score that wavers around a boundary changes little, and one that swings across it every week leaves the lower level.
/// A newcomer begins at <see cref="Start"/> and rises in three days.
/// </summary>
public static class LevelRule
{
    /// <summary>The least score of each level.</summary>
    public const double HighFrom = 80, MediumFrom = 60, LowFrom = 30;

    /// <summary>A score that is so many points below its level's boundary makes the level fall on the same day.</summary>
    public const double Margin = 5;

    /// <summary>Days in a row that the score has to be below the boundary otherwise.</summary>
    public const int FallDays = 3;

    /// <summary>Days in a row that the score has to mean a better level.</summary>
    public const int RiseDays = 10;

    /// <summary>The same for a newcomer, who has had a verdict on fewer than <see cref="RiseDays"/> days.</summary>
    public const int NewcomerDays = 3;

    /// <summary>Days before that have to be known.</summary>
    public const int Memory = RiseDays;

    /// <summary>The level before the first mail.</summary>
    public const ReputationLevel Start = ReputationLevel.Medium;

    /// <summary>The level that a score means by itself.</summary>
    public static ReputationLevel Of(double score) =>
        score >= HighFrom ? ReputationLevel.High : score >= MediumFrom ? ReputationLevel.Medium : score >= LowFrom ? ReputationLevel.Low : ReputationLevel.Bad;

    /// <summary>The least score of a level.</summary>
    public static double Boundary(ReputationLevel level) => level switch
    {
        ReputationLevel.High => HighFrom,
        ReputationLevel.Medium => MediumFrom,
        ReputationLevel.Low => LowFrom,
        _ => 0,
    };

    /// <summary>The level of a day.</summary>
    /// <param name="before">The days before it, the latest first; <see cref="Memory"/> are enough, and there may be none.</param>
    public static ReputationLevel Next(double score, IReadOnlyList<DayLevel> before)
    {
        ReputationLevel level = before.Count > 0 ? before[0].Level : Start;
        // The enumeration runs from High down, so a worse level is a greater number.
        ReputationLevel fall = Of(score + Margin);
        if (fall > level)
            return fall;
        List<ReputationLevel> lately = [Of(score), .. before.Take(FallDays - 1).Select(d => Of(d.Score))];
        if (lately.Count == FallDays && lately.TrueForAll(l => l > level))
            return lately.Min();
        for (ReputationLevel better = ReputationLevel.High; better < level; better++)
        {
            if (DaysWithin(better, score, before) >= DaysToRise(before))
                return better;
        }

        return level;
    }

    /// <summary>Days in a row, the day itself included, before a level rises.</summary>
    public static int DaysToRise(IReadOnlyList<DayLevel> before) => before.Count >= RiseDays ? RiseDays : NewcomerDays;

    /// <summary>For how many days in a row, the day itself included, the score has meant at least this level.</summary>
    public static int DaysWithin(ReputationLevel level, double score, IReadOnlyList<DayLevel> before) =>
        before.Select(d => d.Score).Prepend(score).TakeWhile(s => Of(s) <= level).Count();
}
