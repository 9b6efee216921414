namespace Postmaster.Web.Model;

/// <summary>
/// The days of a domain's mail, or of a part of it, with what may be told of people. Each told number is a sum over runs of days
/// (<see cref="PrivacyFloor.Runs"/>) and counts on the last day of its run.
/// <list type="bullet">
/// <item>Complaints of a part have the part's own runs: the owner of a domain gets a report of each complaint anyway, with the whole message.</item>
/// <item>Everything else that people do is told of a part only in the runs of the whole, and only if neither the part nor what is left of the whole
/// beside all told parts is below the floor: otherwise the whole less the parts would tell of the few.</item>
/// </list>
/// </summary>
public sealed class FlooredDays
{
    /// <summary>By which it is seen that the parts are not all of the whole.</summary>
    private static readonly TrafficCounter[] Compared =
        [TrafficCounter.Read, TrafficCounter.DeletedRead, TrafficCounter.DeletedUnread, TrafficCounter.NotSpam, TrafficCounter.Unsubscribed];

    private readonly Dictionary<DateOnly, TrafficCounts> _complaints, _others;

    private FlooredDays(IReadOnlyDictionary<DateOnly, TrafficCounts> counted, Dictionary<DateOnly, TrafficCounts> complaints, Dictionary<DateOnly, TrafficCounts> others, int floor)
    {
        (Counted, Floor) = (counted, floor);
        (_complaints, _others) = (complaints, others);
    }

    /// <summary>As counted: for volumes alone.</summary>
    public IReadOnlyDictionary<DateOnly, TrafficCounts> Counted { get; }

    public int Floor { get; }

    /// <summary>All mail of a domain, or all that is not authenticated as it.</summary>
    /// <param name="days">From a <see cref="PrivacyFloor.Border"/> on.</param>
    public static FlooredDays Whole(IReadOnlyDictionary<DateOnly, TrafficCounts> days, int floor)
    {
        Dictionary<DateOnly, TrafficCounts> told = Told(days, floor);
        return new FlooredDays(days, told, told, floor);
    }

    /// <summary>A part of which only complaints are asked.</summary>
    public static FlooredDays ComplaintsOf(IReadOnlyDictionary<DateOnly, TrafficCounts> days, int floor) => new(days, Told(days, floor), [], floor);

    /// <summary>All streams of one kind.</summary>
    /// <param name="whole">The domain's days, like those of the parts from the same <see cref="PrivacyFloor.Border"/> on.</param>
    public static IReadOnlyDictionary<int, FlooredDays> Parts(
        IReadOnlyDictionary<DateOnly, TrafficCounts> whole, IReadOnlyDictionary<int, Dictionary<DateOnly, TrafficCounts>> parts, int floor)
    {
        IReadOnlyList<DayRun> runs = PrivacyFloor.Runs(whole, floor);
        var sums = runs.Select(_ => new Dictionary<int, TrafficCounts>()).ToArray();
        foreach ((int part, Dictionary<DateOnly, TrafficCounts> days) in parts)
        {
            foreach ((DateOnly day, TrafficCounts counts) in days)
            {
                if (IndexOf(runs, day) is not { } run)
                    continue;
                if (!sums[run].TryGetValue(part, out TrafficCounts? sum))
                    sums[run].Add(part, sum = new TrafficCounts());
                sum.Add(counts);
            }
        }

        var others = parts.Keys.ToDictionary(part => part, _ => new Dictionary<DateOnly, TrafficCounts>());
        foreach ((DayRun run, Dictionary<int, TrafficCounts> some) in runs.Zip(sums))
        {
            foreach (int part in ToldParts(run.Sum, some, floor))
                others[part][run.Last] = some[part];
        }

        return parts.ToDictionary(p => p.Key, p => new FlooredDays(p.Value, Told(p.Value, floor), others[p.Key], floor));
    }

    /// <summary>What may be told of a counter's runs that end on a day, with the volumes of the same runs for rates; null: nothing.</summary>
    public TrafficCounts? Told(TrafficCounter counter, DateOnly day) => RunsOf(counter).GetValueOrDefault(day);

    /// <summary>The same for the days of a range; null: nothing may be told.</summary>
    public TrafficCounts? Told(TrafficCounter counter, DateOnly from, DateOnly to)
    {
        TrafficCounts? sum = null;
        foreach ((DateOnly day, TrafficCounts counts) in RunsOf(counter))
        {
            if (day >= from && day <= to)
                (sum ??= new TrafficCounts()).Add(counts);
        }

        return sum;
    }

    private static Dictionary<DateOnly, TrafficCounts> Told(IReadOnlyDictionary<DateOnly, TrafficCounts> days, int floor) =>
        PrivacyFloor.Runs(days, floor).ToDictionary(r => r.Last, r => r.Sum);

    /// <summary>The parts of a run that may be told: the smallest are left out until what is not told reaches the floor, or is nothing.</summary>
    private static List<int> ToldParts(TrafficCounts whole, Dictionary<int, TrafficCounts> parts, int floor)
    {
        // Streams of selectors overlap: then the whole less one of them is what counts.
        List<int> told = [.. parts.Where(p => PrivacyFloor.People(p.Value) >= floor && !IsFew(whole.Delivered - p.Value.Delivered, floor))
            .OrderBy(p => PrivacyFloor.People(p.Value)).ThenBy(p => p.Value.Delivered).ThenBy(p => p.Key).Select(p => p.Key)];
        // Mail without the field by which the parts are told apart is in none of them, and nobody counts its recipients: its messages stand for them.
        TrafficCounts all = TrafficCounts.Sum(parts.Values);
        long beside = Compared.Select(c => Math.Abs(whole[c] - all[c])).Append(Math.Abs(whole.Delivered - all.Delivered)).Max();
        TrafficCounts hidden = TrafficCounts.Sum(parts.Where(p => !told.Contains(p.Key)).Select(p => p.Value));
        while (told.Count > 0 && IsFew(Math.Max(PrivacyFloor.People(hidden), beside), floor))
        {
            hidden.Add(parts[told[0]]);
            told.RemoveAt(0);
        }

        return told;
    }

    private static bool IsFew(long people, int floor) => people != 0 && Math.Abs(people) < floor;

    private static int? IndexOf(IReadOnlyList<DayRun> runs, DateOnly day)
    {
        int low = 0, high = runs.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (runs[middle].Last < day)
                low = middle + 1;
            else
                high = middle;
        }

        return low < runs.Count && runs[low].First <= day ? low : null;
    }

    private Dictionary<DateOnly, TrafficCounts> RunsOf(TrafficCounter counter) => counter is TrafficCounter.Complaint or TrafficCounter.ComplaintInPart ? _complaints : _others;
}
