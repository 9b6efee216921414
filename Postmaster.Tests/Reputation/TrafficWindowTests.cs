using Postmaster.Web.Features.Reputation.Formula;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Reputation;

/// <summary>What of the counters reaches the formula, and how heavy.</summary>
public sealed class TrafficWindowTests
{
    private static readonly DateOnly Today = new(2026, 11, 20);

    [Fact]
    public void A_day_a_week_ago_counts_half_and_one_thirty_days_ago_nothing()
    {
        TrafficWindow window = Read(0, (0, Mail(100, 4)), (7, Mail(100, 4)), (30, Mail(1_000_000, 500_000)))!;
        Tally complaints = window[Signal.Complaints];
        Assert.Equal((8, 200), (complaints.Count, complaints.Total));
        Assert.Equal((6.0, 150.0), (complaints.WeightedCount, complaints.WeightedTotal));
        Assert.Equal(150 * 150 / 125.0, complaints.Certainty, 9);
    }

    [Fact]
    public void Nothing_at_all_has_no_verdict_and_one_message_has()
    {
        Assert.Null(Read(20));
        Assert.Null(Read(20, (30, Mail(100, 0))));
        Assert.NotNull(Read(20, (29, Mail(1, 0))));
    }

    [Fact]
    public void Complaints_without_any_delivery_are_measured_against_nothing()
    {
        Assert.Null(Read(20, (0, Mail(0, 50))));
        TrafficWindow since = Read(20, (3, Mail(1000, 1)), (9, Mail(0, 50)))!;
        Assert.Equal((1, Today.AddDays(-3)), ((int)since[Signal.Complaints].Count, since.FirstDay));
    }

    [Fact]
    public void Complaints_on_a_day_without_mail_count_for_the_mail_before() => Assert.Equal(25, Read(20, (0, Mail(0, 25)), (3, Mail(1000, 0)))![Signal.Complaints].Count);

    [Fact]
    public void Complaints_of_few_wait_for_the_next_day_that_reaches_the_floor()
    {
        Assert.Equal(0, Read(20, (0, Mail(0, 5)), (3, Mail(1000, 0)))![Signal.Complaints].Count);
        Assert.Equal((5, 1000.0), ((int)Read(20, (0, Mail(1000, 0)), (2, Mail(0, 5)), (3, Mail(0, 0)))![Signal.Complaints].Count, Read(20, (0, Mail(1000, 0)), (2, Mail(0, 5)))![Signal.Complaints].WeightedTotal));
    }

    [Fact]
    public void Counts_beyond_their_total_raise_it() => Assert.Equal(1.0, Read(20, (0, Mail(30, 40)))![Signal.Complaints].Rate);

    [Fact]
    public void Trap_hits_come_late_and_in_steps()
    {
        TrafficCounts hits = Mail(1000, 0);
        hits[TrafficCounter.Trap] = 9;
        Assert.Equal(0, Read(20, (0, hits))![Signal.Traps].Count);
        Assert.Equal(0, Read(20, (1, hits))![Signal.Traps].Total);
        Tally seen = Read(20, (2, hits))![Signal.Traps];
        Assert.Equal((5, 1009, 5.0), (seen.Count, seen.Total, seen.WeightedCount)); // 9 × 2^(-2/7) = 7.4
        hits[TrafficCounter.Trap] = 4;
        Assert.Equal((0, 0.0), (Read(20, (2, hits))![Signal.Traps].Count, Read(20, (2, hits))![Signal.Traps].WeightedCount));
    }

    [Theory]
    [InlineData(0.99, 0)]
    [InlineData(1, 1)]
    [InlineData(1.99, 1)]
    [InlineData(2, 2)]
    [InlineData(4.9, 2)]
    [InlineData(5, 5)]
    [InlineData(99, 50)]
    [InlineData(1000, 1000)]
    public void Steps_are_one_two_five(double count, double step) => Assert.Equal(step, TrafficWindow.Step(count));

    [Fact]
    public void Below_the_floor_only_what_the_sender_knows_himself_counts()
    {
        TrafficCounts few = Mail(200, 60);
        few[TrafficCounter.RejectedUnknownUser] = 50;
        few.Recipients = Enumerable.Range(0, 12).Aggregate(default(RecipientSketch), (sketch, i) => sketch.With((ulong)i));
        TrafficWindow hidden = Read(20, (0, few))!;
        Assert.Equal(new BelowFloor(13, 20), hidden.Hidden); // 12 bits of 64 are 13 by linear counting
        Assert.Equal(default, hidden[Signal.Complaints]);
        Assert.Equal(50, hidden[Signal.UnknownUsers].Count);
        TrafficWindow shown = Read(10, (0, few))!;
        Assert.Equal((null, 60), (shown.Hidden, (int)shown[Signal.Complaints].Count));
        SignalVerdict verdict = ReputationFormula.Judge(hidden, SignalWeights.Of(MailType.Unknown)).Signals[(int)Signal.Complaints];
        Assert.Equal((0, null, null, 0.0), ((int)verdict.Count, verdict.Rate, verdict.Interval, verdict.PointsLost));
        Assert.NotNull(verdict.Hidden);
    }

    [Fact]
    public void A_recipient_of_several_days_is_one() =>
        Assert.NotNull(Read(20, (0, To(12)), (1, To(12)), (2, To(12)))!.Hidden);

    [Fact]
    public void Where_no_event_names_its_recipient_there_are_at_most_as_many_as_messages()
    {
        Assert.Equal(new BelowFloor(19, 20), Read(20, (0, Mail(19, 0)))!.Hidden);
        Assert.Null(Read(20, (0, Mail(20, 0)))!.Hidden);
    }

    [Fact]
    public void Authentication_is_DMARC_where_it_is_known_and_DKIM_where_it_is_not()
    {
        TrafficCounts dmarc = Mail(100, 0), dkim = Mail(100, 0);
        (dmarc[TrafficCounter.DmarcKnown], dmarc[TrafficCounter.DmarcPass], dmarc[TrafficCounter.DkimKnown]) = (90, 80, 100);
        (dkim[TrafficCounter.DkimKnown], dkim[TrafficCounter.DkimPass]) = (100, 70);
        Assert.Equal((10, 90), TrafficWindow.Counters(Signal.Authentication, dmarc));
        Assert.Equal((30, 100), TrafficWindow.Counters(Signal.Authentication, dkim));
    }

    [Theory]
    [InlineData(49, VolumeClass.Few)]
    [InlineData(50, VolumeClass.Some)]
    [InlineData(4999, VolumeClass.Some)]
    [InlineData(5000, VolumeClass.Bulk)]
    public void The_volume_is_what_comes_a_day(int perDay, VolumeClass volume) =>
        Assert.Equal(volume, Read(0, [.. Enumerable.Range(0, 10).Select(age => (age, Mail(perDay, 0)))])!.Volume);

    [Fact]
    public void Counters_that_would_overflow_stay_positive()
    {
        TrafficWindow window = Read(0, (0, Mail(long.MaxValue / 2, long.MaxValue / 2)), (1, Mail(long.MaxValue / 2, 1)), (2, Mail(long.MaxValue / 2, 1)))!;
        Assert.Equal(long.MaxValue, window[Signal.Complaints].Total);
        Assert.InRange(ReputationFormula.Judge(window, SignalWeights.Of(MailType.Unknown)).Score, 0, 100);
    }

    private static TrafficWindow? Read(int floor, params (int Age, TrafficCounts Counts)[] days) =>
        TrafficWindow.Of(days.ToDictionary(d => Today.AddDays(-d.Age), d => d.Counts), Today, floor);

    private static TrafficCounts Mail(long inbox, long complaints) => new() { [TrafficCounter.DeliveredInbox] = inbox, [TrafficCounter.Complaint] = complaints };

    private static TrafficCounts To(int people)
    {
        TrafficCounts counts = Mail(100, 0);
        counts.Recipients = Enumerable.Range(0, people).Aggregate(default(RecipientSketch), (sketch, i) => sketch.With((ulong)i));
        return counts;
    }
}
