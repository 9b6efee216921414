using System.Globalization;
using Postmaster.Web.Features.Reputation.Formula;
using Postmaster.Web.Model;
using static Postmaster.Web.Model.ReputationLevel;

namespace Postmaster.Tests.Reputation;

/// <summary>Levels from rows of scores.</summary>
public sealed class LevelRuleTests
{
    // Scores of the first, second, third day and so on, and the level of the last.
    [Theory]
    [InlineData("100", Medium)] // nobody is High on the first day
    [InlineData("100 100", Medium)]
    [InlineData("100 100 100", High)]
    [InlineData("100 100 100 79", High)] // not clearly below 80
    [InlineData("100 100 100 79 79", High)]
    [InlineData("100 100 100 79 79 79", Medium)] // for three days
    [InlineData("100 100 100 79 79 80 79 79", High)]
    [InlineData("100 100 100 74.9", Medium)] // clearly
    [InlineData("100 100 100 75", High)]
    [InlineData("100 100 100 58", Medium)] // clearly below High, not clearly below Medium
    [InlineData("100 100 100 50", Low)]
    [InlineData("100 100 100 0", Bad)]
    [InlineData("10", Bad)]
    [InlineData("10 90 90", Bad)]
    [InlineData("10 90 90 90", High)] // the first day is no fall
    [InlineData("10 90 70 90", Medium)] // the worst of the three days
    [InlineData("58 58", Medium)]
    [InlineData("58 58 58", Low)]
    [InlineData("90 90 90 90 90 90 90 90 70 90 90 90 90 90 90 90 90 90", Medium)] // nine days above
    [InlineData("90 90 90 90 90 90 90 90 70 90 90 90 90 90 90 90 90 90 90", High)] // ten
    [InlineData("90 90 90 90 90 90 90 90 70 90 90 90 90 79 90 90 90 90 90", Medium)] // ten, but not in a row
    [InlineData("50 50 50 50 50 50 50 50 70 70 70 70 70 90 90 90 90 90", Medium)] // ten for Medium, five for High
    [InlineData("70 70 70 70 70 70 70 90 90 90", High)] // still a newcomer
    [InlineData("70 70 70 70 70 70 70 70 90 90 90", Medium)]
    [InlineData("90 90 90 70 90 90 40", Low)] // falls are never held up
    public void Levels_follow_scores_by_the_rule(string scores, ReputationLevel last)
    {
        var before = new List<DayLevel>();
        foreach (double score in scores.Split(' ').Select(s => double.Parse(s, CultureInfo.InvariantCulture)))
            before.Insert(0, new DayLevel(score, LevelRule.Next(score, before)));
        Assert.Equal(last, before[0].Level);
    }

    [Fact]
    public void A_score_that_wavers_around_a_boundary_changes_nothing()
    {
        var before = new List<DayLevel> { new(90, High), new(90, High) };
        double[] waver = [81, 79, 78, 82, 76, 79, 80, 79, 77, 84];
        for (int day = 0; day < 200; day++)
            before.Insert(0, new DayLevel(waver[day % 10], LevelRule.Next(waver[day % 10], before)));
        Assert.All(before, d => Assert.Equal(High, d.Level));
    }

    [Fact]
    public void Days_are_counted_in_a_row()
    {
        Assert.Equal(2, LevelRule.DaysWithin(High, 85, [new(80, Medium), new(79.9, Medium)]));
        Assert.Equal(0, LevelRule.DaysWithin(High, 79, [new(85, Medium), new(85, Medium)]));
        Assert.Equal(3, LevelRule.DaysWithin(Medium, 60, [new(61, Low), new(100, Low)]));
    }

    [Fact]
    public void Ten_days_are_enough_to_know()
    {
        var random = new Random(7);
        for (int run = 0; run < 200; run++)
        {
            var all = new List<DayLevel>();
            for (int day = 0; day < 60; day++)
            {
                double score = random.Next(50, 100);
                Assert.Equal(LevelRule.Next(score, all), LevelRule.Next(score, [.. all.Take(LevelRule.Memory)]));
                all.Insert(0, new DayLevel(score, LevelRule.Next(score, all)));
            }
        }
    }
}
