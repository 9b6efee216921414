namespace Postmaster.Web.Model;

/// <summary>Why numbers of what people do are not shown: too few different people.</summary>
/// <param name="Recipients">How many there were. As many as the floor or more: not on any one day, or what stands beside it would be too few.</param>
/// <param name="Floor">How many there have to be.</param>
public sealed record BelowFloor(int Recipients, int Floor)
{
    /// <summary>In a cell of a file, after "hidden".</summary>
    public string Cell => Recipients < Floor ? FormattableString.Invariant($"{Recipients} of {Floor} recipients") : "too few recipients a day, or beside it";

    /// <summary>For people, after "hidden:".</summary>
    public string Words => Recipients == 0 ? "no recipient is known"
        : Recipients < Floor ? FormattableString.Invariant($"only {Recipients} {(Recipients == 1 ? "recipient" : "recipients")}, shown from {Floor} on")
        : FormattableString.Invariant($"on each day fewer than {Floor} recipients, here or in what is left beside it");
}

/// <summary>Days that are told of together, because only together they reach the floor.</summary>
/// <param name="First">The day after the run before, so that every day up to <paramref name="Last"/> is in.</param>
/// <param name="Last">The day on which the floor was reached: there all of the run counts.</param>
public sealed record DayRun(DateOnly First, DateOnly Last, TrafficCounts Sum);

/// <summary>
/// The privacy floor over days: what people did on a day with too few recipients is told together with the days after it, as soon as they reach the floor
/// together. So each shown number is a sum of whole runs of days, whatever range is asked for, and no two of them differ by fewer people than the floor.
/// </summary>
public static class PrivacyFloor
{
    /// <summary>Days after which a run ends at the latest, told or not: nobody has to read further back than that to know where runs begin.</summary>
    public const int LongestRun = 28;

    private static readonly TrafficCounter[] OfPeople =
    [
        TrafficCounter.Complaint, TrafficCounter.ComplaintInPart, TrafficCounter.NotSpam, TrafficCounter.Read, TrafficCounter.DeletedRead, TrafficCounter.DeletedUnread, TrafficCounter.Unsubscribed,
        TrafficCounter.Left, TrafficCounter.LeftAndMailedAgain, TrafficCounter.MailAfterLeaving, TrafficCounter.InvitationOver, TrafficCounter.ReminderClose, TrafficCounter.ReminderLate,
    ];

    /// <summary>Whether a counter says what mailbox users did, or could be read as that.</summary>
    public static bool IsOfPeople(TrafficCounter counter) => Array.IndexOf(OfPeople, counter) >= 0;

    /// <summary>Different people behind the counters. Where no event named one, each message, and each thing done with one, may be somebody's.</summary>
    public static int People(TrafficCounts counts)
    {
        long done = OfPeople.Max(c => counts[c]);
        return counts.Recipients == default
            ? (int)Math.Min(RecipientSketch.Full, Math.Max(counts.Delivered, done))
            : Math.Max(counts.Recipients.Estimate, done > 0 ? 1 : 0);
    }

    /// <summary>The first day of the <see cref="LongestRun"/> days that a day belongs to: the same for every range.</summary>
    public static DateOnly Border(DateOnly day) => DateOnly.FromDayNumber(day.DayNumber / LongestRun * LongestRun);

    /// <summary>The runs that are told, oldest first.</summary>
    /// <param name="days">Counters by day, from a <see cref="Border"/> on.</param>
    public static IReadOnlyList<DayRun> Runs(IReadOnlyDictionary<DateOnly, TrafficCounts> days, int floor)
    {
        var runs = new List<DayRun>();
        DateOnly first = DateOnly.MinValue;
        var sum = new TrafficCounts();
        foreach (DateOnly day in days.Keys.Order())
        {
            if (first < Border(day))
                (first, sum) = (Border(day), new TrafficCounts());
            sum.Add(days[day]);
            // A day that reaches the floor by its messages alone does so beside days that name a few recipients.
            if (Math.Max(People(sum), People(days[day])) < floor)
                continue;
            runs.Add(new DayRun(first, day, sum));
            (first, sum) = (day.AddDays(1), new TrafficCounts());
        }

        return runs;
    }
}
