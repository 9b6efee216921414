using System.Globalization;
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

/// <summary>
/// Counters as a domain owner may see them. Volumes, refusals and authentication are the sender's own knowledge and always there. What mailbox users
/// did is hidden below the privacy floor; trap hits are never more than a word.
/// </summary>
public sealed class VisibleTraffic
{
    private static readonly TrafficCounter[] OfPeople =
    [
        TrafficCounter.Complaint, TrafficCounter.NotSpam, TrafficCounter.Read, TrafficCounter.DeletedRead, TrafficCounter.DeletedUnread, TrafficCounter.Unsubscribed,
        TrafficCounter.Left, TrafficCounter.LeftAndMailedAgain, TrafficCounter.MailAfterLeaving, TrafficCounter.InvitationOver, TrafficCounter.ReminderClose, TrafficCounter.ReminderLate,
    ];

    private readonly TrafficCounts _counts = new();

    private VisibleTraffic(TrafficCounts counts, int people, BelowFloor? hidden)
    {
        _counts.Add(counts);
        (People, Hidden, NamesRecipients) = (people, hidden, counts.Recipients != default);
        _counts[TrafficCounter.Trap] = 0;
        if (hidden is null)
            return;
        foreach (TrafficCounter counter in OfPeople)
            _counts[counter] = 0;
    }

    /// <summary>Different recipients, estimated; <see cref="RecipientSketch.Full"/> means "that many or more".</summary>
    public int People { get; }

    /// <summary>Set when there were too few recipients: what they did is then not told.</summary>
    public BelowFloor? Hidden { get; }

    /// <summary>Whether any event said who the recipient was: without, manners are not known, which is something else than good.</summary>
    public bool NamesRecipients { get; }

    public long Delivered => _counts.Delivered;
    public long Rejected => _counts.Rejected;
    public long Messages => _counts.Messages;

    /// <summary>A counter of the sender's own knowledge.</summary>
    public long this[TrafficCounter counter] => IsOfPeople(counter) || counter == TrafficCounter.Trap
        ? throw new ArgumentOutOfRangeException(nameof(counter), counter, "May be hidden: ask Of or RateOf.")
        : _counts[counter];

    /// <summary>Any counter; null: hidden.</summary>
    public long? Of(TrafficCounter counter) => Hidden is not null && IsOfPeople(counter) ? null : _counts[counter];

    /// <summary>A share of any counters; null: hidden, or nothing to be a share of.</summary>
    public Rate? RateOf(TrafficCounter part, TrafficCounter whole) =>
        Hidden is not null && (IsOfPeople(part) || IsOfPeople(whole)) ? null : Rate.From(_counts[part], _counts[whole]);

    /// <summary>Complaints of what was put into inboxes.</summary>
    public Rate? Complaints => RateOf(TrafficCounter.Complaint, TrafficCounter.DeliveredInbox);

    public Rate? DeletedUnread => RateOf(TrafficCounter.DeletedUnread, TrafficCounter.DeliveredInbox);

    public Rate? Read => RateOf(TrafficCounter.Read, TrafficCounter.DeliveredInbox);

    public Rate? UnknownUsers => Rate.From(_counts[TrafficCounter.RejectedUnknownUser], Delivered + _counts[TrafficCounter.RejectedUnknownUser]);

    /// <summary>Of the people who left, those who got mail again.</summary>
    public Rate? MailedAgain => RateOf(TrafficCounter.LeftAndMailedAgain, TrafficCounter.Left);

    /// <summary>Of the people who left, those who got no more mail of it; null: hidden, or nobody left.</summary>
    public Rate? Honoured => MailedAgain is { } again ? Rate.From(again.Of - again.Count, again.Of) : null;

    /// <summary>"12 of 20 recipients": why something is hidden. Null: it is not.</summary>
    public string? HiddenWords => Hidden is { } hidden ? string.Create(CultureInfo.InvariantCulture, $"{hidden.Recipients} of {hidden.Floor} recipients") : null;

    public static bool IsOfPeople(TrafficCounter counter) => Array.IndexOf(OfPeople, counter) >= 0;

    /// <param name="floor">Recipients there have to be.</param>
    public static VisibleTraffic Of(TrafficCounts counts, int floor)
    {
        // Where no event named a recipient, each message may be somebody's: there cannot be more people than messages.
        int people = counts.Recipients == default ? (int)Math.Min(RecipientSketch.Full, counts.Delivered) : counts.Recipients.Estimate;
        return new VisibleTraffic(counts, people, people < floor ? new BelowFloor(people, floor) : null);
    }
}
