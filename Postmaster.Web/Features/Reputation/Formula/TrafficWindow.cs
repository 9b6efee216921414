using System.Runtime.InteropServices;
using Postmaster.Web.Features.Complaints.Fairness;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Reputation.Formula;

/// <summary>A count and what it is a share of, over the days of the window.</summary>
/// <param name="Count">As counted, undecayed.</param>
/// <param name="Total">As counted; never less than <paramref name="Count"/>, though a feeder may miss deliveries.</param>
/// <param name="WeightedCount">Decayed.</param>
/// <param name="WeightedTotal">Decayed; never less than <paramref name="WeightedCount"/>.</param>
/// <param name="SquaredTotal">Sum of the totals by the square of their weight: how certain the decayed rate is (<see cref="Certainty"/>).</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Tally(long Count, long Total, double WeightedCount, double WeightedTotal, double SquaredTotal)
{
    /// <summary>The share as counted; null when there is nothing to be a share of.</summary>
    public double? PlainRate => Total > 0 ? (double)Count / Total : null;

    /// <summary>The decayed share; null when there is nothing to be a share of.</summary>
    public double? Rate => WeightedTotal > 0 ? WeightedCount / WeightedTotal : null;

    /// <summary>Messages of equal weight that would make the rate as certain (Kish 1965): the size of sample for the interval.</summary>
    public double Certainty => SquaredTotal > 0 ? WeightedTotal * WeightedTotal / SquaredTotal : WeightedTotal;

    /// <summary>A tally of one day's counters, of weight 1.</summary>
    public static Tally Of(long count, long total) => default(Tally).Plus(count, total, 1).Closed();

    public Tally Plus(long count, long total, double weight) => new(
        Added(Count, count), Added(Total, total), WeightedCount + (weight * count), WeightedTotal + (weight * total), SquaredTotal + (weight * weight * total));

    /// <summary>With totals that are at least their counts.</summary>
    public Tally Closed() => this with { Total = Math.Max(Total, Count), WeightedTotal = Math.Max(WeightedTotal, WeightedCount) };

    // Counters stand far below this; hostile numbers must not turn negative.
    internal static long Added(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;
}

/// <summary>What the formula knows of a sender on one day: the tallies of the <see cref="Length"/> days that end with it.</summary>
public sealed class TrafficWindow
{
    /// <summary>Days that count at all, the day itself included.</summary>
    public const int Length = 30;

    /// <summary>Days after which a message counts half.</summary>
    public const int HalfLife = 7;

    /// <summary>Days before a trap hit counts, so that nobody can find traps by sending to one address after the other and looking here.</summary>
    public const int TrapDelay = 2;

    /// <summary>Fewer trap hits in the window count as none, for the same reason.</summary>
    public const int TrapLeast = 5;

    private readonly Tally[] _tallies;
    private readonly BelowFloor?[] _hidden;

    private TrafficWindow(Tally[] tallies, DateOnly firstDay, DateOnly day, long messages, double perDay, BelowFloor?[] hidden)
    {
        _tallies = tallies;
        _hidden = hidden;
        FirstDay = firstDay;
        Day = day;
        Messages = messages;
        PerDay = perDay;
    }

    /// <summary>The first day of the window on which there was mail; what came before it (a complaint without its delivery) does not count.</summary>
    public DateOnly FirstDay { get; }

    /// <summary>The last day of the window.</summary>
    public DateOnly Day { get; }

    /// <summary>Delivered or refused as unknown in the window.</summary>
    public long Messages { get; }

    /// <summary>Messages a day, recent days weighing more.</summary>
    public double PerDay { get; }

    /// <summary>Complaints as they came in, undecayed, and how many of them count in part; the tally has what they weigh (<see cref="FairRules"/>).</summary>
    public (long All, long InPart) Complaints { get; private init; }

    /// <summary>Set when there were too few recipients: complaints, and so all that people do, then neither count nor show.</summary>
    public BelowFloor? Hidden => HiddenOf(Signal.Complaints);

    public VolumeClass Volume => VolumeClasses.Of(PerDay);

    public Tally this[Signal signal] => _tallies[(int)signal];

    /// <summary>Why a signal neither counts nor shows; null: it does.</summary>
    public BelowFloor? HiddenOf(Signal signal) => _hidden[(int)signal];

    /// <summary>How much a day weighs.</summary>
    /// <param name="age">0 for the day of the verdict.</param>
    public static double Decay(int age) => Math.Pow(2, -(double)age / HalfLife);

    /// <summary>A window given as tallies, for a single day.</summary>
    /// <param name="tallies">By signal; signals that are missing have no counts.</param>
    public static TrafficWindow Of(DateOnly day, IReadOnlyDictionary<Signal, Tally> tallies)
    {
        Tally[] all = [.. Enum.GetValues<Signal>().Select(s => tallies.GetValueOrDefault(s).Closed())];
        Tally sent = all[(int)Signal.UnknownUsers];
        return new TrafficWindow(all, day, day, sent.Total, sent.WeightedTotal, new BelowFloor?[all.Length]);
    }

    /// <summary>The window of a day of all mail; null when there was no mail in it, so that there is nothing to say.</summary>
    /// <param name="days">Counters by day, from a <see cref="PrivacyFloor.Border"/> on.</param>
    /// <param name="floor">Recipients there have to be before what people do counts; 0: always.</param>
    public static TrafficWindow? Of(IReadOnlyDictionary<DateOnly, TrafficCounts> days, DateOnly day, int floor) => Of(FlooredDays.Whole(days, floor), day);

    /// <summary>The window of a day; null when there was no mail in it, so that there is nothing to say.</summary>
    /// <param name="days">Days outside the window are not looked at.</param>
    public static TrafficWindow? Of(FlooredDays days, DateOnly day)
    {
        int oldest = Length - 1;
        while (oldest >= 0 && (!days.Counted.TryGetValue(day.AddDays(-oldest), out TrafficCounts? counts) || Sent(counts) + counts[TrafficCounter.Trap] == 0))
            oldest--;
        if (oldest < 0)
            return null;
        var tallies = new Tally[Enum.GetValues<Signal>().Length];
        var told = new bool[tallies.Length];
        var all = new TrafficCounts();
        long sent = 0, complaints = 0, inPart = 0;
        double mail = 0, weights = 0;
        for (int age = oldest; age >= 0; age--)
        {
            double weight = Decay(age);
            weights += weight;
            DateOnly past = day.AddDays(-age);
            TrafficCounts? counted = days.Counted.GetValueOrDefault(past);
            if (counted is not null)
            {
                sent = Tally.Added(sent, Sent(counted));
                mail += weight * Sent(counted);
                all.Add(counted);
            }

            if (days.Told(TrafficCounter.Complaint, past) is { } said)
            {
                complaints = Tally.Added(complaints, said[TrafficCounter.Complaint]);
                inPart = Tally.Added(inPart, said[TrafficCounter.ComplaintInPart]);
            }

            foreach (SignalRule rule in ReputationFormula.Costing.Append(ReputationFormula.Rescues))
            {
                int signal = (int)rule.Signal;
                if ((ReputationFormula.IsOfPeople(rule.Signal) ? days.Told(CounterOf(rule.Signal), past) : counted) is not { } counts)
                    continue;
                (long count, long total) = Counters(rule.Signal, counts);
                told[signal] = true;
                if (rule.Signal != Signal.Traps || age >= TrapDelay)
                    tallies[signal] = tallies[signal].Plus(count, total, weight);
            }
        }

        ref Tally traps = ref tallies[(int)Signal.Traps];
        traps = Coarse(traps);
        var hidden = new BelowFloor(PrivacyFloor.People(all), days.Floor);
        return new TrafficWindow(
            [.. tallies.Select(t => t.Closed())], day.AddDays(-oldest), day, sent, Math.Round(mail / weights, 6),
            [.. told.Select((t, i) => t || !ReputationFormula.IsOfPeople((Signal)i) ? null : hidden)])
        {
            Complaints = (complaints, inPart),
        };
    }

    /// <summary>Messages of the window that ends with a day, decayed: how much a stream has to say.</summary>
    public static double Mail(IReadOnlyDictionary<DateOnly, TrafficCounts> days, DateOnly day) =>
        Enumerable.Range(0, Length).Sum(age => days.TryGetValue(day.AddDays(-age), out TrafficCounts? counts) ? Decay(age) * Sent(counts) : 0);

    /// <summary>What a signal counts, and what that is a share of.</summary>
    public static (long Count, long Total) Counters(Signal signal, TrafficCounts counts) => signal switch
    {
        Signal.UnknownUsers => (counts[TrafficCounter.RejectedUnknownUser], Sent(counts)),
        Signal.Complaints => (FairRules.Weighed(counts[TrafficCounter.Complaint], counts[TrafficCounter.ComplaintInPart]), counts[TrafficCounter.DeliveredInbox]),
        Signal.Traps => (counts[TrafficCounter.Trap], counts.Delivered + counts[TrafficCounter.Trap]),
        Signal.DeletedUnread => (counts[TrafficCounter.DeletedUnread], counts[TrafficCounter.DeliveredInbox]),
        // A feeder that knows no DMARC may know DKIM.
        Signal.Authentication when counts[TrafficCounter.DmarcKnown] > 0 => (Failed(counts, TrafficCounter.DmarcKnown, TrafficCounter.DmarcPass), counts[TrafficCounter.DmarcKnown]),
        Signal.Authentication => (Failed(counts, TrafficCounter.DkimKnown, TrafficCounter.DkimPass), counts[TrafficCounter.DkimKnown]),
        Signal.Rescues => (counts[TrafficCounter.NotSpam], counts[TrafficCounter.DeliveredSpam]),
        _ => throw new ArgumentOutOfRangeException(nameof(signal), signal, "No signal."),
    };

    /// <summary>Rounded down to 1, 2 or 5 times a power of ten.</summary>
    public static double Step(double count)
    {
        if (count < 1)
            return 0;
        double unit = Math.Pow(10, Math.Floor(Math.Log10(count)));
        return count >= 5 * unit ? 5 * unit : count >= 2 * unit ? 2 * unit : unit;
    }

    private static Tally Coarse(Tally traps) => traps.Count < TrapLeast
        ? traps with { Count = 0, WeightedCount = 0 }
        : traps with { Count = (long)Step(traps.Count), WeightedCount = Step(traps.WeightedCount) };

    private static long Sent(TrafficCounts counts) => counts.Delivered + counts[TrafficCounter.RejectedUnknownUser];

    private static long Failed(TrafficCounts counts, TrafficCounter known, TrafficCounter pass) => Math.Max(0, counts[known] - counts[pass]);

    private static TrafficCounter CounterOf(Signal signal) => signal switch
    {
        Signal.Complaints => TrafficCounter.Complaint,
        Signal.DeletedUnread => TrafficCounter.DeletedUnread,
        _ => TrafficCounter.NotSpam,
    };
}
