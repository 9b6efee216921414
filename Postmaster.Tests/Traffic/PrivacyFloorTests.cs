using FsCheck;
using FsCheck.Fluent;
using Postmaster.Web.Features.Reputation.Formula;
using Postmaster.Web.Features.Traffic;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Traffic;

/// <summary>
/// What somebody could work out who asks for every range and every stream and then adds and subtracts. Each cell (a part on a day) gets a bit of its own
/// as its count, so that a sum says which cells are in it; cells that are in the same shown numbers cannot be told apart by any arithmetic, and
/// together they have to reach the floor.
/// </summary>
public sealed class PrivacyFloorTests
{
    private const int Floor = 5, Days = 14;

    private const int Cases = 300;

    /// <summary>The same cases in every run.</summary>
    private static readonly Replay Seed = new(new Rnd(20261122), null);


    /// <summary>Hidden like every deletion, and nothing else is worked out from it.</summary>
    private const TrafficCounter Marked = TrafficCounter.ReminderLate;

    /// <summary>A week before runs of days begin anew.</summary>
    private static readonly DateOnly First = PrivacyFloor.Border(new DateOnly(2026, 11, 20)).AddDays(PrivacyFloor.LongestRun - (Days / 2));

    private static readonly Gen<Cell> AnyCell =
        Gen.Frequency((4, Gen.Constant(0)), (4, Gen.Choose(1, Floor - 1)), (2, Gen.Choose(Floor, 12))).Zip(Gen.Choose(0, 50)).Select(x => new Cell(x.Item1, x.Item2));

    [Fact]
    public void No_arithmetic_on_ranges_of_a_domain_and_its_streams_tells_of_fewer_people_than_the_floor() => Check(AnyCell.ListOf(4 * Days), cells =>
    {
        Dictionary<DateOnly, TrafficCounts> whole = Whole(cells, 4, Marked);
        IReadOnlyDictionary<int, FlooredDays> told = FlooredDays.Parts(whole, Enumerable.Range(1, 3).ToDictionary(part => part, part => Series(cells, part, 4, Marked)), Floor);
        return IsSafe(cells, 4, [FlooredDays.Whole(whole, Floor), .. told.Values], Marked);
    });

    [Fact]
    public void No_arithmetic_on_ranges_and_on_the_verdicts_of_successive_days_tells_of_fewer() => Check(AnyCell.ListOf(56), cells =>
    {
        FlooredDays whole = FlooredDays.Whole(Whole(cells, 1, TrafficCounter.DeletedUnread), Floor);
        IEnumerable<long> windows = Enumerable.Range(0, 80).Select(d => TrafficWindow.Of(whole, First.AddDays(d))).OfType<TrafficWindow>().Select(w => w[Signal.DeletedUnread].Count);
        return Classes(cells, [.. windows, .. Ranges(whole, 56, TrafficCounter.DeletedUnread)]).All(c => People(cells, 1, c) >= Floor);
    });

    [Fact]
    public void No_arithmetic_on_a_streams_complaints_in_different_ranges_tells_of_fewer() => Check(AnyCell.ListOf(Days), cells =>
        IsSafe(cells, 1, [FlooredDays.ComplaintsOf(Whole(cells, 1, TrafficCounter.Complaint), Floor)], TrafficCounter.Complaint));

    [Fact]
    public void Two_ranges_that_differ_by_a_day_with_one_recipient_tell_nothing_of_that_day()
    {
        FlooredDays days = FlooredDays.Whole(Counted((0, 30, 3), (1, 1, 1), (2, 30, 4)), 20);
        Assert.Equal(3, Deleted(days, 0, 0));
        Assert.Equal(3, Deleted(days, 0, 1));
        Assert.Equal((8, 5), (Deleted(days, 0, 2), Deleted(days, 1, 2))); // the day of one is told with the day after it
        Assert.Equal(5, Deleted(days, 2, 2));
        Assert.Equal("1 of 20 recipients", VisibleTraffic.Of(days, First.AddDays(1)).WhyHidden(TrafficCounter.DeletedUnread)?.Cell);
    }

    [Fact]
    public void Days_below_the_floor_are_told_of_together_once_they_reach_it_and_never_across_the_border()
    {
        FlooredDays days = FlooredDays.Whole(Counted((3, 12, 1), (4, 11, 2), (5, 11, 4), (6, 12, 8), (7, 12, 16)), 20);
        Assert.Null(Deleted(days, 0, 4)); // the same people twice
        FlooredDays others = FlooredDays.Whole(new Dictionary<DateOnly, TrafficCounts>
        {
            [First.AddDays(3)] = Mail(0, 12, 1), [First.AddDays(4)] = Mail(20, 11, 2), [First.AddDays(6)] = Mail(0, 12, 8), [First.AddDays(7)] = Mail(20, 12, 16), [First.AddDays(8)] = Mail(40, 12, 32),
        }, 20);
        Assert.Equal((null, 3L), (Deleted(others, 0, 3), Deleted(others, 0, 6))); // the last day before the border never comes up to it
        Assert.Equal((null, 48L), (Deleted(others, 7, 7), Deleted(others, 7, 8)));
    }

    [Fact]
    public void What_a_small_stream_hides_the_whole_less_its_large_sisters_does_not_tell()
    {
        Dictionary<DateOnly, TrafficCounts> large = Counted((0, 40, 8)), middle = Counted((0, 30, 4)), small = Counted((0, 3, 1));
        IReadOnlyDictionary<int, FlooredDays> told = Told(Sum(large, middle, small), large, middle, small);
        Assert.Equal((8L, null, null), (Deleted(told[0], 0, 0), Deleted(told[1], 0, 0), Deleted(told[2], 0, 0)));
        Assert.Equal("too few recipients a day, or beside it", VisibleTraffic.Of(told[1], First, First).WhyHidden(TrafficCounter.DeletedUnread)?.Cell);
    }

    [Fact]
    public void Mail_without_the_field_counts_as_a_stream_of_which_each_message_is_somebodys()
    {
        Dictionary<DateOnly, TrafficCounts> list = Counted((0, 40, 8));
        Assert.Null(Deleted(Told(Sum(list, Counted((0, 3, 1))), list)[0], 0, 0));
        Assert.Equal(8, Deleted(Told(Sum(list, Counted((0, 25, 1))), list)[0], 0, 0));
        Assert.Equal(8, Deleted(Told(list, list)[0], 0, 0)); // nothing is beside it
    }

    [Fact]
    public void Of_selectors_that_sign_the_same_mail_none_is_told_that_lacks_a_few_messages_of_the_whole()
    {
        Dictionary<DateOnly, TrafficCounts> both = Counted((0, 40, 8));
        IReadOnlyDictionary<int, FlooredDays> told = Told(Sum(both, Counted((0, 1, 1))), both, both);
        Assert.Equal((null, null), (Deleted(told[0], 0, 0), Deleted(told[1], 0, 0)));
    }

    [Fact]
    public void A_streams_complaints_are_told_as_soon_as_it_reaches_the_floor_itself_because_each_is_reported_to_the_owner()
    {
        Dictionary<DateOnly, TrafficCounts> large = Counted((0, 40, 8), (1, 40, 8)), small = new() { [First] = Mail(0, 12, 1), [First.AddDays(1)] = Mail(20, 12, 1) };
        large[First][TrafficCounter.Complaint] = 5;
        small[First][TrafficCounter.Complaint] = 2;
        IReadOnlyDictionary<int, FlooredDays> told = Told(Sum(large, small), large, small);
        VisibleTraffic both = VisibleTraffic.Of(told[1], First, First.AddDays(1));
        Assert.Equal((2L, null), (both.Of(TrafficCounter.Complaint), both.Of(TrafficCounter.DeletedUnread)));
        Assert.Equal("13 of 20 recipients", VisibleTraffic.Of(told[1], First).WhyHidden(TrafficCounter.Complaint)?.Cell); // 12 bits of 64 are 13 by linear counting
    }

    [Fact]
    public void A_rate_is_of_the_mail_of_the_days_that_are_told_and_volumes_are_whole()
    {
        FlooredDays days = FlooredDays.Whole(Counted((0, 30, 3), (1, 10, 1)), 20);
        VisibleTraffic both = VisibleTraffic.Of(days, First, First.AddDays(1));
        Assert.Equal((40, 3, 30), ((int)both.Delivered, (int)both.DeletedUnread!.Count, (int)both.DeletedUnread.Of));
    }

    [Fact]
    public void In_a_verdict_the_days_of_a_run_weigh_the_same_so_that_decimals_do_not_tell_them_apart()
    {
        TrafficWindow window = TrafficWindow.Of(FlooredDays.Whole(Counted((0, 1, 1), (6, 30, 3)), 20), First.AddDays(6))!;
        Assert.Equal((4.0, 31.0), (window[Signal.DeletedUnread].WeightedCount, window[Signal.DeletedUnread].WeightedTotal));
    }

    private static void Check(Gen<List<Cell>> cells, Func<List<Cell>, bool> holds) => Prop.ForAll(cells.ToArbitrary(), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(Cases).WithReplay(Seed));

    private static void Check<T>(Gen<T> cells, Func<List<Cell>, bool> holds)
        where T : IEnumerable<Cell> => Check(cells.Select(c => c.ToList()), holds);

    /// <summary>Of all ranges there are.</summary>
    private static bool IsSafe(List<Cell> cells, int parts, IEnumerable<FlooredDays> series, TrafficCounter counter) =>
        Classes(cells, [.. series.SelectMany(s => Ranges(s, Days, counter))]).All(c => People(cells, parts, c) >= Floor);

    private static IEnumerable<long> Ranges(FlooredDays series, int days, TrafficCounter counter) =>
        from first in Enumerable.Range(0, days)
        from last in Enumerable.Range(first, days - first)
        select VisibleTraffic.Of(series, First.AddDays(first), First.AddDays(last)).Of(counter) ?? 0;

    /// <summary>Cells by the shown numbers that they are in; those in none are left out.</summary>
    private static IEnumerable<List<int>> Classes(List<Cell> cells, HashSet<long> shown) =>
        Enumerable.Range(0, cells.Count).Where(i => cells[i].People > 0 && shown.Any(s => (s >> i & 1) != 0))
            .GroupBy(i => string.Concat(shown.Select(s => s >> i & 1))).Select(g => g.ToList());

    /// <summary>The first part is what has none of the field: its messages stand for people.</summary>
    private static int People(List<Cell> cells, int parts, List<int> some) => Math.Max(
        some.Aggregate(default(RecipientSketch), (all, i) => all.Union(cells[i].Sketch)).Estimate, parts == 1 ? 0 : some.Where(i => i % parts == 0).Sum(i => cells[i].People));

    private static Dictionary<DateOnly, TrafficCounts> Series(List<Cell> cells, int part, int parts, TrafficCounter counter) => Enumerable.Range(0, cells.Count / parts)
        .Where(day => cells[(day * parts) + part].People > 0).ToDictionary(day => First.AddDays(day), day => cells[(day * parts) + part].Counts((day * parts) + part, counter));

    private static Dictionary<DateOnly, TrafficCounts> Whole(List<Cell> cells, int parts, TrafficCounter counter) =>
        Sum([.. Enumerable.Range(0, parts).Select(part => Series(cells, part, parts, counter))]);

    private static Dictionary<DateOnly, TrafficCounts> Sum(params Dictionary<DateOnly, TrafficCounts>[] parts) =>
        parts.SelectMany(p => p).GroupBy(d => d.Key).ToDictionary(g => g.Key, g => TrafficCounts.Sum(g.Select(d => d.Value)));

    private static IReadOnlyDictionary<int, FlooredDays> Told(Dictionary<DateOnly, TrafficCounts> whole, params Dictionary<DateOnly, TrafficCounts>[] parts) =>
        FlooredDays.Parts(whole, parts.Select((days, part) => (days, part)).ToDictionary(p => p.part, p => p.days), 20);

    private static long? Deleted(FlooredDays days, int from, int to) => VisibleTraffic.Of(days, First.AddDays(from), First.AddDays(to)).Of(TrafficCounter.DeletedUnread);

    /// <summary>One message each to people who are the same every day.</summary>
    private static Dictionary<DateOnly, TrafficCounts> Counted(params (int Day, int People, int Deleted)[] days) =>
        days.ToDictionary(d => First.AddDays(d.Day), d => Mail(0, d.People, d.Deleted));

    private static TrafficCounts Mail(int firstPerson, int people, int deleted) => new()
    {
        [TrafficCounter.DeliveredInbox] = people,
        [TrafficCounter.DeletedUnread] = deleted,
        Recipients = new Cell(people, firstPerson).Sketch,
    };

    private sealed record Cell(int People, int FirstPerson)
    {
        public RecipientSketch Sketch => Enumerable.Range(FirstPerson, People).Aggregate(default(RecipientSketch), (sketch, i) => sketch.With((ulong)i));

        public TrafficCounts Counts(int number, TrafficCounter counter) => new() { [TrafficCounter.DeliveredInbox] = People, [counter] = 1L << number, Recipients = Sketch };
    }
}
