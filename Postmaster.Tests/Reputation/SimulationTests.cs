using System.Globalization;
using Postmaster.Web.Features.Reputation.Formula;
using Postmaster.Web.Model;
using static Postmaster.Web.Model.ReputationLevel;

namespace Postmaster.Tests.Reputation;

/// <summary>Senders whom a person would know how to judge: the formula gives the same verdict, and as fast. Each is drawn with several seeds.</summary>
public sealed class SimulationTests
{
    private const int Seeds = 5;
    private static readonly Conduct Good = new(10_000), Bad = new(10_000) { Complaints = 0.006, Unknown = 0.15, Trapped = 0.0005, DeletedUnread = 0.6 };

    [Fact]
    public void A_steady_good_sender_is_High_from_the_third_day_for_ever() => Each(90, _ => Good, verdicts =>
    {
        Assert.Equal([Medium, Medium, High], verdicts.Take(3).Select(v => v.Level));
        Assert.All(verdicts.Skip(2), v => Assert.Equal(High, v.Level));
        Assert.All(verdicts, v => Assert.True(v.Score > 95, $"{v.Day}: {v.Score}"));
    });

    [Fact]
    public void A_steady_bad_sender_is_Bad_from_the_first_day_for_ever() => Each(90, _ => Bad, verdicts =>
        Assert.All(verdicts, v => Assert.Equal(ReputationLevel.Bad, v.Level)));

    [Fact]
    public void A_sender_who_slips_leaves_High_within_a_week_and_is_Low_within_a_fortnight() => Each(100, day => day <= 40 ? Good : Good with { Complaints = 0.005 }, verdicts =>
    {
        Assert.Equal(High, verdicts[39].Level);
        Assert.InRange(FirstDay(verdicts, from: 41, Medium), 42, 47);
        Assert.InRange(FirstDay(verdicts, from: 41, Low), 46, 54);
        Assert.Equal(ReputationLevel.Bad, verdicts[99].Level);
        Assert.Equal(3, SimulatedSender.Changes(verdicts.Skip(39))); // down, step by step, without going back
    });

    [Fact]
    public void A_sender_who_mends_his_ways_rises_within_a_fortnight_and_is_High_within_four_weeks() => Each(100, day => day <= 40 ? Good with { Complaints = 0.005 } : Good, verdicts =>
    {
        Assert.Equal(ReputationLevel.Bad, verdicts[39].Level);
        Assert.InRange(FirstDay(verdicts, from: 41, Low), 50, 54);
        Assert.InRange(FirstDay(verdicts, from: 41, Medium), 54, 60);
        Assert.InRange(FirstDay(verdicts, from: 41, High), 57, 68);
        Assert.Equal(3, SimulatedSender.Changes(verdicts.Skip(39)));
    });

    [Fact]
    public void A_tiny_good_sender_is_High_and_one_complaint_does_not_change_it()
    {
        Each(90, _ => new Conduct(10) { Complaints = 0 }, verdicts => Assert.All(verdicts.Skip(5), v => Assert.Equal(High, v.Level)));
        Each(90, day => new Conduct(10) { ComplaintsExactly = day == 30 ? 1 : 0 }, verdicts => Assert.All(verdicts.Skip(5), v => Assert.Equal(High, v.Level)));
    }

    [Fact]
    public void A_tiny_sender_with_a_complaint_a_day_is_judged_within_ten_days() => Each(60, _ => new Conduct(10) { Complaints = 0.1 }, verdicts =>
    {
        Assert.True(verdicts[9].Level >= Low, $"{verdicts[9].Level} on day 10");
        Assert.All(verdicts.Skip(20), v => Assert.True(v.Level >= Low, $"{v.Level} on {v.Day}"));
    });

    [Fact]
    public void A_sender_in_bursts_does_not_flap()
    {
        Conduct newsletter = new(50_000) { Complaints = 0.0012, DeletedUnread = 0.35 };
        Each(120, day => day % 7 == 1 ? newsletter : null, verdicts =>
        {
            Assert.All(verdicts.Skip(3), v => Assert.Equal(High, v.Level));
            Assert.Equal(1, SimulatedSender.Changes(verdicts));
        });
        // Every second newsletter is disliked: the level follows no single one.
        Each(120, day => day % 7 == 1 ? newsletter with { Complaints = day % 14 == 1 ? 0.0035 : 0.0008 } : null, verdicts =>
            Assert.All(verdicts.Skip(35), v => Assert.Equal(Medium, v.Level)));
    }

    [Fact]
    public void One_bad_day_does_not_cost_a_good_sender_the_level() => Each(80, day => day == 40 ? Good with { Complaints = 0.012, DeletedUnread = 0.5 } : Good, verdicts =>
    {
        Assert.True(verdicts[39].Score < verdicts[38].Score, "the day is seen");
        Assert.All(verdicts.Skip(2), v => Assert.Equal(High, v.Level));
    });

    [Fact]
    public void One_huge_bad_day_costs_the_level_once_and_is_forgotten_in_four_weeks() =>
        Each(80, day => day == 40 ? new Conduct(60_000) { Complaints = 0.008, DeletedUnread = 0.6 } : Good, verdicts =>
        {
            Assert.True(verdicts[39].Level >= Low, $"{verdicts[39].Level} on the day");
            Assert.Equal(High, verdicts[67].Level);
            Assert.All(verdicts.Skip(40).Zip(verdicts.Skip(41)), pair => Assert.True(pair.Second.Level <= pair.First.Level, "it only rises again"));
        });

    [Fact]
    public void A_new_good_sender_has_to_be_good_for_three_days_and_a_new_bad_one_is_known_at_once()
    {
        Each(10, _ => new Conduct(500) { Complaints = 0.0002 }, verdicts => Assert.Equal([Medium, Medium, High], verdicts.Take(3).Select(v => v.Level)));
        Each(10, _ => new Conduct(500) { Unknown = 0.4, Complaints = 0.02 }, verdicts => Assert.Equal(ReputationLevel.Bad, verdicts[0].Level));
    }

    [Fact]
    public void A_sender_who_stays_on_a_boundary_keeps_one_level_for_weeks() => Each(180, _ => Good with { Complaints = 0.00205 }, verdicts =>
        Assert.True(SimulatedSender.Changes(verdicts.Skip(14)) <= 8, $"{SimulatedSender.Changes(verdicts.Skip(14))} changes in 166 days"));

    [Fact]
    public void Receipts_that_nobody_opens_are_not_held_against_their_sender_and_newsletters_are()
    {
        Conduct unread = Good with { DeletedUnread = 0.95 };
        Each(40, _ => unread, verdicts => Assert.All(verdicts.Skip(2), v => Assert.Equal(High, v.Level)), MailType.Transactional);
        Each(40, _ => unread, verdicts => Assert.All(verdicts.Skip(2), v => Assert.Equal(Medium, v.Level)), MailType.Marketing);
    }

    [Fact]
    public void A_sender_to_traps_is_Low_after_the_delay() => Each(40, _ => Good with { Trapped = 0.004 }, verdicts =>
    {
        Assert.Equal(100, verdicts[1].Score, 3.0);
        Assert.True(verdicts[4].Level >= Low, $"{verdicts[4].Level} on day 5");
    });

    [Fact]
    public void Whoever_stops_sending_is_forgotten_after_thirty_days_and_begins_anew()
    {
        IReadOnlyList<DayVerdict> verdicts = SimulatedSender.Judge(90, 1, day => day is <= 20 or > 60 ? Bad : null);
        Assert.Equal(SimulatedSender.Begin.AddDays(48), verdicts.Last(v => v.Day < SimulatedSender.Begin.AddDays(60)).Day);
        IReadOnlyList<DayVerdict> again = SimulatedSender.Judge(90, 1, day => day <= 20 ? Bad : day > 60 ? Good : null);
        Assert.Equal(Medium, again.First(v => v.Day >= SimulatedSender.Begin.AddDays(60)).Level);
    }

    private static void Each(int days, Func<int, Conduct?> conduct, Action<IReadOnlyList<DayVerdict>> check, MailType type = MailType.Marketing)
    {
        for (int seed = 1; seed <= Seeds; seed++)
        {
            IReadOnlyList<DayVerdict> verdicts = SimulatedSender.Judge(days, seed, conduct, type);
            try
            {
                check(verdicts);
            }
            catch (Exception failure) when (failure is Xunit.Sdk.XunitException)
            {
                string course = string.Join(' ', verdicts.Select((v, i) => string.Create(CultureInfo.InvariantCulture, $"{i + 1}:{v.Level.ToString()[0]}{v.Score:0}")));
                Assert.Fail($"{course}\n{failure.Message}");
            }
        }
    }

    /// <summary>The first day (from 1) with the level.</summary>
    private static int FirstDay(IReadOnlyList<DayVerdict> verdicts, int from, ReputationLevel level) =>
        verdicts.Where(v => v.Level == level).Select(v => v.Day.DayNumber - SimulatedSender.Begin.DayNumber + 1).FirstOrDefault(d => d >= from);
}
