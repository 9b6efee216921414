using System.Runtime.InteropServices;
using Postmaster.Web.Features.Traffic.Commit;
using Postmaster.Web.Features.Traffic.Directory;
using Postmaster.Web.Features.Traffic.Events;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic;

/// <summary>Takes the lines of a batch: read, attributed, counted into the batch's <see cref="EventDelta"/>. One batch at a time; used again.</summary>
internal sealed class EventTally(StreamDirectory directory)
{
    private readonly EventReader _reader = new();
    private readonly Attribution _attribution = new(directory);
    private readonly List<StreamEntry> _streams = [];
    private KeyedHash _hash = default!;
    private bool _remember;

    public EventDelta Delta { get; } = new();

    /// <param name="remember">Whether deliveries are kept for later events.</param>
    public void Begin(KeyedHash hash, bool remember, DateTimeOffset earliest, DateTimeOffset latest)
    {
        Delta.Clear();
        (_hash, _remember) = (hash, remember);
        _reader.Believe(earliest, latest);
    }

    /// <param name="number">Of the line, from 1.</param>
    public void Take(int number, byte[] octets, int start, int length)
    {
        EventProblem problem = _reader.Read(octets, start, length);
        if (problem.IsProblem)
            Delta.Refuse(number, problem);
        else
            Count(_reader.Line);
    }

    private void Count(EventLine line)
    {
        Delta.Accepted++;
        Delta.See(line.Time);
        _attribution.Read(line);
        Delta.Failed.Take(line, _attribution);
        _streams.Clear();
        foreach (CountedFor counted in _attribution.Domains)
            AddStreams(line, counted);
        ReadOnlySpan<byte> mailbox = line[line.Mailbox];
        if (mailbox.IsEmpty)
            mailbox = line[line.Rcpt];
        ulong? recipient = mailbox.IsEmpty ? null : HashedNames.Recipient(_hash, mailbox);
        bool isLater = line.Kind >= EventKind.Complaint;
        if (isLater || (_remember && line.Kind == EventKind.Delivered))
            Remember(line, mailbox, recipient, isLater);
        if (isLater)
            return; // counted at the commit, when it is known whether it was counted before
        if (_streams.Count == 0)
            Delta.Unattributed++;
        else
            CountCells(line, recipient, isFollowed: _remember && recipient is not null && !line[line.MessageId].IsEmpty);
    }

    /// <param name="isFollowed">Whether the mail would be remembered, if it was delivered.</param>
    private void CountCells(EventLine line, ulong? recipient, bool isFollowed)
    {
        ulong raised = EventCounts.Raised(line, _attribution, isFollowed);
        long octets = line.Kind == EventKind.Delivered ? Math.Max(0, line.Size) : 0;
        // Who was refused as unknown is nobody: such addresses must not lift a cell over the privacy floor.
        RecipientSketch sketch = line.Kind == EventKind.Delivered && recipient is { } hash ? default(RecipientSketch).With(hash) : default;
        int day = (int)(line.Time / TimeSpan.TicksPerDay), hour = (int)(line.Time / TimeSpan.TicksPerHour);
        foreach (StreamEntry stream in CollectionsMarshal.AsSpan(_streams))
        {
            Delta.Days.Add(stream, day, raised, octets, sketch);
            if (stream.HasHours)
                Delta.Hours.Add(stream, hour, raised, octets, sketch);
        }
    }

    private void Remember(EventLine line, ReadOnlySpan<byte> mailbox, ulong? recipient, bool isLater)
    {
        ReadOnlySpan<byte> id = line[line.MessageId];
        UInt128? key = id.IsEmpty || mailbox.IsEmpty ? null : HashedNames.Delivery(_hash, id, mailbox);
        if (!isLater && (key is null || _streams.Count == 0))
            return;
        var range = new StreamRange(Delta.Streams.Count, _streams.Count);
        Delta.Streams.AddRange(_streams);
        if (isLater)
            Delta.Later.Add(new LaterEvent(line.Kind, key, line.Time, recipient, range));
        else
            Delta.Deliveries.Add(new Delivery(key!.Value, line.Time, recipient!.Value, line.Folder, range));
    }

    /// <summary>All streams of a domain that the event belongs to; each once.</summary>
    private void AddStreams(EventLine line, CountedFor counted)
    {
        if (!counted.IsAuthenticated)
        {
            _streams.Add(directory.Unauthenticated(counted.Domain));
            return;
        }

        _streams.Add(directory.Whole(counted.Domain));
        if (!counted.IsClaimed)
            return;
        Add(counted.Domain, StreamField.ListId, line[line.ListId]);
        Add(counted.Domain, StreamField.FeedbackId, line[line.FeedbackId]);
        Add(counted.Domain, StreamField.MessageType, line[line.MessageType]);
        Add(counted.Domain, StreamField.EnvelopeDomain, Attribution.DomainOf(line[line.MailFrom]));
        Add(counted.Domain, StreamField.Ip, line[line.Ip]);
        int selectors = _streams.Count;
        ReadOnlySpan<SignatureLine> signatures = line.Signatures;
        for (int i = 0; i < signatures.Length; i++)
        {
            if ((counted.Signatures & (1u << i)) == 0)
                continue;
            foreach (StreamEntry stream in directory.Streams(counted.Domain, StreamField.Selector, line[signatures[i].Selector]))
            {
                if (_streams.IndexOf(stream, selectors) < 0)
                    _streams.Add(stream);
            }
        }
    }

    private void Add(DomainEntry domain, StreamField field, ReadOnlySpan<byte> octets)
    {
        foreach (StreamEntry stream in directory.Streams(domain, field, octets))
            _streams.Add(stream);
    }
}
