using System.Runtime.InteropServices;
using Postmaster.Web.Features.Traffic.Directory;
using Postmaster.Web.Features.Traffic.Events;

namespace Postmaster.Web.Features.Traffic.Commit;

/// <summary>A line that was not counted.</summary>
/// <param name="Line">From 1.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LineProblem(int Line, EventProblem Problem);

/// <summary>Streams of <see cref="EventDelta.Streams"/> that belong together.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct StreamRange(int First, int Count);

/// <summary>A message that was put into a mailbox.</summary>
/// <param name="Key">Keyed hash of Message-ID and mailbox.</param>
/// <param name="Time">UTC ticks.</param>
/// <param name="Recipient">Keyed hash of the mailbox.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Delivery(UInt128 Key, long Time, ulong Recipient, MailFolder Folder, StreamRange Streams);

/// <summary>What a mailbox's user did with a message later.</summary>
/// <param name="Key">As <see cref="Delivery.Key"/>; null without Message-ID or mailbox.</param>
/// <param name="Recipient">Null without mailbox.</param>
/// <param name="Streams">Those that the event itself leads to; none when it does not say whose the message is.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LaterEvent(EventKind Kind, UInt128? Key, long Time, ulong? Recipient, StreamRange Streams);

/// <summary>What one batch adds up to. Nothing of it is anywhere else until it is committed; used again for the next batch.</summary>
internal sealed class EventDelta
{
    /// <summary>Problems that are told one by one; the rest are counted.</summary>
    public const int MaxProblems = 100;

    private int _lastHour = -1;

    public CellSums Days { get; } = new();

    /// <summary>Of the streams that have hours.</summary>
    public CellSums Hours { get; } = new();

    /// <summary>In the order of the lines; empty while deliveries are not remembered.</summary>
    public List<Delivery> Deliveries { get; } = [];

    /// <summary>In the order of the lines.</summary>
    public List<LaterEvent> Later { get; } = [];

    public List<StreamEntry> Streams { get; } = [];
    public List<LineProblem> Problems { get; } = [];

    /// <summary>First mails that broke a requirement.</summary>
    public FailedExamples Failed { get; } = new();

    /// <summary>Hours since the first one of all that the batch has events of: its feeder was alive then.</summary>
    public HashSet<int> HoursSeen { get; } = [];

    public int Accepted { get; set; }
    public int Bad { get; set; }

    /// <summary>Later events that neither say whose the message is nor lead to a delivery that is remembered.</summary>
    public int Unjoined { get; set; }

    /// <summary>Other events that name no domain.</summary>
    public int Unattributed { get; set; }

    /// <summary>UTC ticks of the newest event; 0 without any.</summary>
    public long Newest { get; set; }

    public ReadOnlySpan<StreamEntry> Of(StreamRange range) => CollectionsMarshal.AsSpan(Streams).Slice(range.First, range.Count);

    /// <param name="time">UTC ticks.</param>
    public void See(long time)
    {
        Newest = Math.Max(Newest, time);
        int hour = (int)(time / TimeSpan.TicksPerHour);
        if (hour != _lastHour)
            HoursSeen.Add(_lastHour = hour);
    }

    public void Refuse(int line, EventProblem problem)
    {
        Bad++;
        if (Problems.Count < MaxProblems)
            Problems.Add(new LineProblem(line, problem));
    }

    public void Clear()
    {
        Days.Clear();
        Hours.Clear();
        Deliveries.Clear();
        Later.Clear();
        Streams.Clear();
        Problems.Clear();
        Failed.Clear();
        HoursSeen.Clear();
        _lastHour = -1;
        Accepted = Bad = Unjoined = Unattributed = 0;
        Newest = 0;
    }
}
