using System.Runtime.InteropServices;
using Postmaster.Web.Features.Traffic.Commit;
using Postmaster.Web.Features.Traffic.Events;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Memory;

/// <summary>
/// How a sender treats people, measured within one commit by keyed hashes of recipients that expire (<see cref="TrafficOptions.PeopleDays"/>).
/// <list type="bullet">
/// <item>Leaving: a complaint or an unsubscription, of the list of the mail, else of its kind, else of all mail of the domain
/// (<see cref="KeptStream.IsLeft"/>). Mail of the same to the same person more than 48 hours later is <see cref="TrafficCounter.MailAfterLeaving"/>, unless
/// its stream is transactional or personal.</item>
/// <item>Of those whose sender was told (<see cref="TrafficCounter.Left"/>: who unsubscribed, and whose report was delivered), each counts once as
/// <see cref="TrafficCounter.LeftAndMailedAgain"/>, in the streams of the mail that was left with, when such mail comes 48 hours after the telling.</item>
/// <item>Invitations: mail of streams of that type. Events cannot tell an invitation from a reminder, nor do they show the sign-up itself: the first such mail of
/// a domain to a person stands for the sign-up mail, each later one is a reminder.</item>
/// </list>
/// What a commit holds is taken in the order of the events' times; mail that was committed before the leaving is not judged again.
/// </summary>
internal sealed class Manners(RoomStep people, CommitScope scope, StreamTypes types)
{
    /// <summary>Invitations that one recipient may get.</summary>
    private const int Invitations = 2;

    /// <summary>Happenings that are looked up together.</summary>
    private const int Slice = 4096;

    /// <summary>How soon a leaving has to be honoured: the two days of the large providers' rules for bulk senders.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromHours(48);

    private static readonly TimeSpan ReminderPause = TimeSpan.FromDays(14), ReminderEnd = TimeSpan.FromDays(92);

    private readonly List<Happening> _happenings = [];
    private readonly HashSet<ulong> _leaving = [];
    private readonly List<KeptStream> _streams = [];

    /// <summary>A later event was counted.</summary>
    public void Happened(EventKind kind, long time, ulong? recipient, ReadOnlySpan<KeptStream> streams)
    {
        if (recipient is not { } person || kind is not (EventKind.Complaint or EventKind.Unsubscribed or EventKind.NotSpam))
            return;
        for (; !streams.IsEmpty; streams = streams[StreamSet.OfDomain(streams)..])
        {
            ReadOnlySpan<KeptStream> domain = streams[..StreamSet.OfDomain(streams)];
            if (LeftHash(person, domain) is not { } left)
                continue;
            _leaving.Add(left);
            _happenings.Add(new Happening(kind, time, person, left, 0, domain.ToArray()));
        }
    }

    /// <summary>A message was delivered. To be called when all later events of the commit are known.</summary>
    /// <param name="domain">Streams of one domain.</param>
    public void Delivered(long time, ulong recipient, ReadOnlySpan<KeptStream> domain)
    {
        ulong? left = LeftHash(recipient, domain);
        if (left is { } hash && !_leaving.Contains(hash) && !people.MayHave(hash))
            left = null;
        ulong invited = types.HasInvitation(domain) ? PersonHash.Invited(recipient, domain[0].Id) : 0;
        if (left is not null || invited != 0)
            _happenings.Add(new Happening(EventKind.Delivered, time, recipient, left ?? 0, invited, domain.ToArray()));
    }

    /// <summary>Counts what all that means.</summary>
    public async Task CountAsync(CancellationToken ct)
    {
        foreach (Happening[] slice in _happenings.OrderBy(h => h.Time).Chunk(Slice))
        {
            Dictionary<ulong, byte[]> found = await people.FindAsync(slice.SelectMany(h => (ulong[])[h.Left, h.Invited]).Where(h => h != 0).Distinct(), ct);
            foreach (Happening happening in slice)
                Count(happening, found);
        }
    }

    /// <summary>The report of a complaint was delivered.</summary>
    /// <param name="time">UTC ticks.</param>
    public void Tell(ulong left, LeftRecord record, long time)
    {
        if (record is { At: > 0, ToldAt: 0 })
            Put(left, CountTold(record, time, recipient: null));
    }

    internal static ulong? LeftHash(ulong recipient, ReadOnlySpan<KeptStream> domain)
    {
        foreach (KeptStream stream in domain)
        {
            if (stream.IsLeft)
                return PersonHash.Left(recipient, stream.Id);
        }

        return null;
    }

    private void Count(in Happening happening, Dictionary<ulong, byte[]> found)
    {
        if (happening.Kind != EventKind.Delivered)
        {
            CountLeaving(happening, Record(happening.Left, found));
            return;
        }

        if (happening.Left != 0 && Record(happening.Left, found) is { } left)
            CountMail(happening, LeftRecord.Read(left));
        if (happening.Invited != 0)
            CountInvitation(happening, Record(happening.Invited, found));
    }

    private byte[]? Record(ulong hash, Dictionary<ulong, byte[]> found) => people.AtHand(hash) ?? found.GetValueOrDefault(hash);

    private void CountLeaving(in Happening happening, byte[]? before)
    {
        LeftRecord? known = before is null ? null : LeftRecord.Read(before);
        if (happening.Kind == EventKind.NotSpam)
        {
            if (known is { At: > 0 } left && left.At <= happening.Time)
                Put(happening.Left, left with { At = 0 });
            return;
        }

        LeftRecord record = known is { At: > 0 } same ? same with { At = Math.Min(same.At, happening.Time) }
            : (known ?? new LeftRecord(0, 0, false, StreamSet.Pack(happening.Streams, people.Pool))) with { At = happening.Time };
        if (happening.Kind == EventKind.Unsubscribed && record.ToldAt == 0)
            record = CountTold(record, happening.Time, happening.Recipient);
        if (record != known)
            Put(happening.Left, record);
    }

    private void CountMail(in Happening mail, LeftRecord left)
    {
        if (left.At == 0 || mail.Time - left.At <= Grace.Ticks || types.MayComeAnyway(mail.Streams))
            return;
        foreach (KeptStream stream in mail.Streams)
            scope.Count(stream.Id, stream.HasHours, mail.Time, TrafficCounter.MailAfterLeaving, mail.Recipient);
        if (left.ToldAt == 0 || left.IsMailedAgain || mail.Time - left.ToldAt <= Grace.Ticks)
            return;
        CountAll(left.Streams, mail.Time, TrafficCounter.LeftAndMailedAgain, mail.Recipient);
        Put(mail.Left, left with { IsMailedAgain = true });
    }

    private void CountInvitation(in Happening mail, byte[]? before)
    {
        InvitedRecord record = new(1, mail.Time, mail.Time);
        CountIf(holds: true, mail, TrafficCounter.Invitation);
        if (before is not null)
        {
            InvitedRecord known = InvitedRecord.Read(before);
            record = new InvitedRecord(Math.Min(known.Count, Invitations) + 1, Math.Min(known.First, mail.Time), Math.Max(known.Last, mail.Time));
            CountIf(record.Count > Invitations, mail, TrafficCounter.InvitationOver);
            CountIf(Math.Abs(mail.Time - known.Last) < ReminderPause.Ticks, mail, TrafficCounter.ReminderClose);
            CountIf(mail.Time - known.First > ReminderEnd.Ticks, mail, TrafficCounter.ReminderLate);
        }

        people.Put(mail.Invited, record.Write());
    }

    /// <summary>Counts in the whole of the domain and in the streams of invitations.</summary>
    private void CountIf(bool holds, in Happening mail, TrafficCounter counter)
    {
        if (!holds)
            return;
        foreach (KeptStream stream in mail.Streams)
        {
            if (stream.HasHours || types.IsInvitation(stream))
                scope.Count(stream.Id, stream.HasHours, mail.Time, counter, mail.Recipient);
        }
    }

    private LeftRecord CountTold(LeftRecord record, long time, ulong? recipient)
    {
        CountAll(record.Streams, time, TrafficCounter.Left, recipient);
        return record with { ToldAt = time };
    }

    private void CountAll(byte[] packed, long time, TrafficCounter counter, ulong? recipient)
    {
        StreamSet.Read(packed, _streams);
        foreach (KeptStream stream in _streams)
            scope.Count(stream.Id, stream.HasHours, time, counter, recipient);
    }

    private void Put(ulong hash, LeftRecord record) => people.Put(hash, record.Write());

    /// <param name="Left">0: nobody left.</param>
    /// <param name="Invited">0: no invitation.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Happening(EventKind Kind, long Time, ulong Recipient, ulong Left, ulong Invited, KeptStream[] Streams);
}
