using Postmaster.Web.Features.Reputation.Formula;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic;

/// <summary>A share with what it is made of.</summary>
/// <param name="Value">0 to 1.</param>
/// <param name="Interval">95 %.</param>
public sealed record Rate(long Count, long Of, double Value, Interval Interval)
{
    /// <summary>Null when there is nothing to be a share of.</summary>
    public static Rate? From(long count, long of)
    {
        // A feeder may miss deliveries that it tells of later.
        of = Math.Max(of, count);
        return of <= 0 ? null : new Rate(count, of, (double)count / of, Interval.Wilson((double)count / of, of));
    }
}

/// <summary>Why a number is not told.</summary>
/// <param name="Cell">In a file, after "hidden": "12 of 20 recipients".</param>
/// <param name="Words">On a page, after "hidden:": "only 12 recipients, shown from 20 on".</param>
public sealed record HiddenWhy(string Cell, string Words)
{
    public static HiddenWhy Of(BelowFloor below) => new(below.Cell, below.Words);
}

/// <summary>
/// Counters as a domain owner may see them. Volumes, refusals and authentication are the sender's own knowledge and always there. What mailbox users
/// did is there as far as the privacy floor lets it (<see cref="FlooredDays"/>); trap hits are never more than a word.
/// </summary>
public sealed class VisibleTraffic
{
    /// <summary>Hours would tell of the few that a day hides.</summary>
    private static readonly HiddenWhy ByDayAlone = new("told by day alone", "told by day alone");

    private readonly TrafficCounts _counts = new();
    private readonly TrafficCounts? _complaints, _others;
    private readonly HiddenWhy _why;

    private VisibleTraffic(TrafficCounts counts, TrafficCounts? complaints, TrafficCounts? others, HiddenWhy why)
    {
        _counts.Add(counts);
        _counts[TrafficCounter.Trap] = 0;
        (_complaints, _others, _why) = (complaints, others, why);
        People = PrivacyFloor.People(counts);
    }

    /// <summary>Different recipients, estimated; <see cref="RecipientSketch.Full"/> means "that many or more".</summary>
    public int People { get; }

    public long Delivered => _counts.Delivered;
    public long Rejected => _counts.Rejected;
    public long Messages => _counts.Messages;

    /// <summary>A counter of the sender's own knowledge.</summary>
    public long this[TrafficCounter counter] => PrivacyFloor.IsOfPeople(counter) || counter == TrafficCounter.Trap
        ? throw new ArgumentOutOfRangeException(nameof(counter), counter, "May be hidden: ask Of or RateOf.")
        : _counts[counter];

    /// <summary>Why a counter is hidden. Null: it is not.</summary>
    public HiddenWhy? WhyHidden(TrafficCounter counter) => PrivacyFloor.IsOfPeople(counter) && Told(counter) is null ? _why : null;

    /// <summary>Any counter; null: hidden. What people did on days below the floor is in it only as far as it is told.</summary>
    public long? Of(TrafficCounter counter) => PrivacyFloor.IsOfPeople(counter) ? Told(counter)?[counter] : _counts[counter];

    /// <summary>A share of any counters, of the mail of the same days; null: hidden, or nothing to be a share of.</summary>
    public Rate? RateOf(TrafficCounter part, TrafficCounter whole)
    {
        TrafficCounts? counts = PrivacyFloor.IsOfPeople(part) ? Told(part) : PrivacyFloor.IsOfPeople(whole) ? Told(whole) : _counts;
        // What is told of complaints is of other days than what is told of reading.
        return counts is null || (PrivacyFloor.IsOfPeople(part) && PrivacyFloor.IsOfPeople(whole) && Told(whole) != counts) ? null : Rate.From(counts[part], counts[whole]);
    }

    /// <summary>Complaints of what was put into inboxes.</summary>
    public Rate? Complaints => RateOf(TrafficCounter.Complaint, TrafficCounter.DeliveredInbox);

    public Rate? DeletedUnread => RateOf(TrafficCounter.DeletedUnread, TrafficCounter.DeliveredInbox);

    public Rate? Read => RateOf(TrafficCounter.Read, TrafficCounter.DeliveredInbox);

    public Rate? UnknownUsers => Rate.From(_counts[TrafficCounter.RejectedUnknownUser], Delivered + _counts[TrafficCounter.RejectedUnknownUser]);

    /// <summary>Of the people who left, those who got mail again; null: hidden, nobody left, or mail to them would not be seen.</summary>
    public Rate? MailedAgain => IsFollowed ? RateOf(TrafficCounter.LeftAndMailedAgain, TrafficCounter.Left) : null;

    /// <summary>Whether anything is known of who gets the mail: without, manners are not known, which is something else than good.</summary>
    public bool IsFollowed => _counts[TrafficCounter.Followed] > 0;

    /// <summary>Of the people who left, those who got no more mail of it; null as <see cref="MailedAgain"/>.</summary>
    public Rate? Honoured => MailedAgain is { } again ? Rate.From(again.Of - again.Count, again.Of) : null;

    /// <summary>The sums of a range of days, both ends included.</summary>
    public static VisibleTraffic Of(FlooredDays days, DateOnly from, DateOnly to)
    {
        var sum = TrafficCounts.Sum(days.Counted.Where(d => d.Key >= from && d.Key <= to).Select(d => d.Value));
        return new VisibleTraffic(
            sum, days.Told(TrafficCounter.Complaint, from, to), days.Told(TrafficCounter.Read, from, to), HiddenWhy.Of(new BelowFloor(PrivacyFloor.People(sum), days.Floor)));
    }

    /// <summary>One day; what is told of people is of all the days that are told of together on it.</summary>
    public static VisibleTraffic Of(FlooredDays days, DateOnly day)
    {
        TrafficCounts counts = days.Counted.GetValueOrDefault(day) ?? new TrafficCounts();
        return new VisibleTraffic(
            counts, days.Told(TrafficCounter.Complaint, day), days.Told(TrafficCounter.Read, day), HiddenWhy.Of(new BelowFloor(PrivacyFloor.People(counts), days.Floor)));
    }

    /// <summary>Counters that stand alone, such as those of a single day.</summary>
    /// <param name="floor">Recipients there have to be.</param>
    public static VisibleTraffic Of(TrafficCounts counts, int floor)
    {
        int people = PrivacyFloor.People(counts);
        TrafficCounts? told = people < floor ? null : counts;
        return new VisibleTraffic(counts, told, told, HiddenWhy.Of(new BelowFloor(people, floor)));
    }

    /// <summary>Nothing of people.</summary>
    public static VisibleTraffic OfHour(TrafficCounts counts) => new(counts, null, null, ByDayAlone);

    private TrafficCounts? Told(TrafficCounter counter) => counter is TrafficCounter.Complaint or TrafficCounter.ComplaintInPart ? _complaints : _others;
}
