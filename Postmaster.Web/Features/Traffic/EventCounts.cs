using Postmaster.Web.Features.Traffic.Commit;
using Postmaster.Web.Features.Traffic.Events;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic;

/// <summary>Which counters an event raises by one, the same in every cell that it belongs to; pure.</summary>
internal static class EventCounts
{
    private static readonly TrafficCounter[] Reasons = MakeReasons();

    /// <summary>The counter of what happened.</summary>
    public static TrafficCounter Of(EventKind kind, MailFolder folder = MailFolder.Inbox, RejectReason reason = RejectReason.Other) => kind switch
    {
        EventKind.Delivered => folder == MailFolder.Spam ? TrafficCounter.DeliveredSpam : TrafficCounter.DeliveredInbox,
        EventKind.Rejected => Reasons[(int)reason],
        EventKind.Deferred => TrafficCounter.Deferred,
        EventKind.Trap => TrafficCounter.Trap,
        EventKind.Complaint => TrafficCounter.Complaint,
        EventKind.NotSpam => TrafficCounter.NotSpam,
        EventKind.Read => TrafficCounter.Read,
        EventKind.DeletedRead => TrafficCounter.DeletedRead,
        EventKind.DeletedUnread => TrafficCounter.DeletedUnread,
        _ => TrafficCounter.Unsubscribed,
    };

    /// <param name="isFollowed">Whether the mail is remembered with its recipient, if it was delivered.</param>
    /// <returns>A bit for each <see cref="TrafficCounter"/>.</returns>
    public static ulong Raised(EventLine line, Attribution of, bool isFollowed)
    {
        ulong raised = CellSum.Bit(Of(line.Kind, line.Folder, line.Reason)) | If(isFollowed && line.Kind == EventKind.Delivered, TrafficCounter.Followed);
        // Rates are of messages that were taken or refused for good: a deferred one comes again, a later event is of one that was counted.
        if (line.Kind is not (EventKind.Delivered or EventKind.Rejected))
            return raised;
        bool spfKnown = line.Spf != AuthenticationWord.Unknown, spf = line.Spf == AuthenticationWord.Pass;
        return raised
            | Rate(line.DkimKnown, TrafficCounter.DkimKnown, of.DkimPassed, TrafficCounter.DkimPass)
            | If(of.DkimAligned, TrafficCounter.DkimAligned)
            | Rate(spfKnown, TrafficCounter.SpfKnown, spf, TrafficCounter.SpfPass)
            | If(of.SpfAligned, TrafficCounter.SpfAligned)
            | Rate(line.DkimKnown && spfKnown, TrafficCounter.BothKnown, of.DkimPassed && spf, TrafficCounter.BothPass)
            | Rate(line.Dmarc != AuthenticationWord.Unknown, TrafficCounter.DmarcKnown, line.Dmarc == AuthenticationWord.Pass, TrafficCounter.DmarcPass)
            | Rate(line.Tls != Answer.Unknown, TrafficCounter.TlsKnown, line.Tls == Answer.Yes, TrafficCounter.Tls)
            | Rate(line.FormatOk != Answer.Unknown, TrafficCounter.FormatKnown, line.FormatOk == Answer.No, TrafficCounter.FormatBad)
            | Rate(line.ReverseOk != Answer.Unknown, TrafficCounter.ReverseKnown, line.ReverseOk == Answer.No, TrafficCounter.ReverseBad)
            | Rate(line.OneClick != Answer.Unknown, TrafficCounter.OneClickKnown, line.OneClick == Answer.Yes, TrafficCounter.OneClick);
    }

    private static ulong If(bool wanted, TrafficCounter counter) => wanted ? CellSum.Bit(counter) : 0;

    private static ulong Rate(bool known, TrafficCounter ofAll, bool counted, TrafficCounter part) => If(known, ofAll) | If(known && counted, part);

    private static TrafficCounter[] MakeReasons()
    {
        var counters = new TrafficCounter[Enum.GetValues<RejectReason>().Length];
        foreach (RejectReason reason in Enum.GetValues<RejectReason>())
            counters[(int)reason] = Enum.Parse<TrafficCounter>("Rejected" + reason);
        return counters;
    }
}
