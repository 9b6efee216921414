using System.Runtime.InteropServices;
using Postmaster.Web.Features.Traffic.Events;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic;

/// <summary>Which counters an event raises by one, the same in every cell that it belongs to; pure.</summary>
internal static class EventCounts
{
    /// <summary>As many as an event can raise, and some.</summary>
    public const int Most = 24;

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

    /// <param name="counters">Room for <see cref="Most"/>.</param>
    /// <returns>How many were written.</returns>
    public static int Write(EventLine line, Attribution of, Span<byte> counters)
    {
        var list = new Counters(counters);
        list.Add(Of(line.Kind, line.Folder, line.Reason));
        // Rates are of messages that were taken or refused for good: a deferred one comes again, a later event is of one that was counted.
        if (line.Kind is not (EventKind.Delivered or EventKind.Rejected))
            return list.Count;
        list.AddRate(line.DkimKnown, TrafficCounter.DkimKnown, of.DkimPassed, TrafficCounter.DkimPass);
        list.AddIf(of.DkimAligned, TrafficCounter.DkimAligned);
        list.AddRate(line.Spf != AuthenticationWord.Unknown, TrafficCounter.SpfKnown, line.Spf == AuthenticationWord.Pass, TrafficCounter.SpfPass);
        list.AddIf(of.SpfAligned, TrafficCounter.SpfAligned);
        list.AddRate(line.DkimKnown && line.Spf != AuthenticationWord.Unknown, TrafficCounter.BothKnown, of.DkimPassed && line.Spf == AuthenticationWord.Pass, TrafficCounter.BothPass);
        list.AddRate(line.Dmarc != AuthenticationWord.Unknown, TrafficCounter.DmarcKnown, line.Dmarc == AuthenticationWord.Pass, TrafficCounter.DmarcPass);
        list.AddRate(line.Tls != Answer.Unknown, TrafficCounter.TlsKnown, line.Tls == Answer.Yes, TrafficCounter.Tls);
        list.AddRate(line.FormatOk != Answer.Unknown, TrafficCounter.FormatKnown, line.FormatOk == Answer.No, TrafficCounter.FormatBad);
        list.AddRate(line.ReverseOk != Answer.Unknown, TrafficCounter.ReverseKnown, line.ReverseOk == Answer.No, TrafficCounter.ReverseBad);
        list.AddRate(line.OneClick != Answer.Unknown, TrafficCounter.OneClickKnown, line.OneClick == Answer.Yes, TrafficCounter.OneClick);
        return list.Count;
    }

    private static TrafficCounter[] MakeReasons()
    {
        var counters = new TrafficCounter[Enum.GetValues<RejectReason>().Length];
        foreach (RejectReason reason in Enum.GetValues<RejectReason>())
            counters[(int)reason] = Enum.Parse<TrafficCounter>("Rejected" + reason);
        return counters;
    }

    [StructLayout(LayoutKind.Auto)]
    private ref struct Counters(Span<byte> room)
    {
        private readonly Span<byte> _room = room;

        public int Count { get; private set; }

        public void Add(TrafficCounter counter) => _room[Count++] = (byte)counter;

        public void AddIf(bool wanted, TrafficCounter counter)
        {
            if (wanted)
                Add(counter);
        }

        public void AddRate(bool known, TrafficCounter ofAll, bool counted, TrafficCounter part)
        {
            AddIf(known, ofAll);
            AddIf(known && counted, part);
        }
    }
}
