using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Traffic.Commit;
using Postmaster.Web.Features.Traffic.Directory;
using Postmaster.Web.Features.Traffic.Events;
using Postmaster.Web.Features.Traffic.Memory;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic;

/// <summary>A complaint that came through the portal's own doors, as far as its streams go.</summary>
/// <param name="DeliveryKey"><see cref="ComplaintCells.DeliveryKeyAsync"/>.</param>
/// <param name="Domains">Claimed domains that it counts for, each with the selectors of the signatures that passed for it.</param>
/// <param name="InPart">Those of them for which it counts in part.</param>
internal sealed record CountedPress(
    DateTimeOffset PressedAt, byte[]? DeliveryKey, MailAddress Mailbox, string? ListId, string? FeedbackId, string? SourceIp,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Domains, IReadOnlyCollection<string> InPart);

/// <summary>What a complaint came to in the caller's transaction.</summary>
/// <param name="PersonKeys">By domain: who left what, for <see cref="Complaint.PersonKey"/>.</param>
/// <param name="WasCounted">False: an event of a feeder had counted the same complaint before.</param>
internal sealed record PressInCells(IReadOnlyDictionary<string, long> PersonKeys, bool WasCounted, NewRows Rows, IReadOnlyList<DayChange> Days)
{
    /// <summary>The transaction is committed.</summary>
    public void Take()
    {
        Rows.Take();
        foreach (DayChange day in Days)
            day.Take();
    }
}

/// <summary>
/// Adds the complaints of the portal's own doors to the traffic's cells, in the transaction that counts them. A complaint counts in the streams that its
/// delivery had; when that is not remembered, in those that List-Id, Feedback-ID, the selectors and the client's address of the message lead to.
/// </summary>
internal sealed class ComplaintCells(StreamDirectory directory, DirectoryLoader loader, TrafficKeys keys, MemoryRooms rooms, IOptions<TrafficOptions> options)
{
    /// <summary>To be called before the transaction begins: it reads and, once, writes on its own.</summary>
    public async Task PrepareAsync(CancellationToken ct)
    {
        await loader.EnsureAsync(ct);
        await keys.OpenAsync(ct);
    }

    /// <summary>The keyed hash by which the traffic knows a message in a mailbox; null without Message-ID, or when it is longer than one may be.</summary>
    public async Task<byte[]?> DeliveryKeyAsync(string? messageId, MailAddress mailbox, CancellationToken ct)
    {
        byte[] id = Encoding.UTF8.GetBytes(messageId?.Trim() ?? ""), address = Encoding.UTF8.GetBytes(mailbox.ToString());
        if (id.Length is 0 or > EventLimits.HeaderText || address.Length > EventLimits.Address)
            return null;
        UInt128 hash = HashedNames.Delivery(await keys.OpenAsync(ct), id, address);
        byte[] octets = new byte[16];
        MemoryMarshal.Write(octets, hash);
        return octets;
    }

    /// <summary>A complaint that counts.</summary>
    public Task<PressInCells> AddAsync(PostmasterDb db, CountedPress press, CancellationToken ct) => AddAsync(db, press, EventKind.Complaint, ct);

    /// <summary>A message that was taken out of Junk after its complaint had counted.</summary>
    public Task<PressInCells> AddNotSpamAsync(PostmasterDb db, CountedPress press, CancellationToken ct) => AddAsync(db, press, EventKind.NotSpam, ct);

    private async Task<PressInCells> AddAsync(PostmasterDb db, CountedPress press, EventKind kind, CancellationToken ct)
    {
        long time = press.PressedAt.UtcTicks;
        ulong recipient = HashedNames.Recipient(await keys.OpenAsync(ct), Encoding.UTF8.GetBytes(press.Mailbox.ToString()));
        Dictionary<string, StreamEntry[]> named = press.Domains.ToDictionary(d => d.Key, d => Streams(press, d.Key, d.Value), StringComparer.Ordinal);
        var days = new CellSums();
        foreach (StreamEntry stream in named.Values.SelectMany(s => s))
            days.Add(stream, (int)(time / TimeSpan.TicksPerDay), counters: 0, octets: 0, default);
        NewRows rows = await StreamRows.AddAsync(db, days, [], ct);
        var scope = new CommitScope(db, rows.Streams);
        (IReadOnlyDictionary<string, long> people, bool counted) = await JoinAsync(scope, press, kind, named, recipient, ct);
        await scope.WriteAsync(ct);
        return new PressInCells(people, counted, rows, await StreamRows.MoveLastDaysAsync(db, scope, days, ct));
    }

    private StreamEntry[] Streams(CountedPress press, string name, IReadOnlyList<string> selectors)
    {
        DomainEntry domain = directory.Domain(new CountedDomain(name, isClaimed: true), proved: true);
        List<StreamEntry> streams = [directory.Whole(domain)];
        Add(StreamField.ListId, press.ListId);
        Add(StreamField.FeedbackId, press.FeedbackId);
        Add(StreamField.Ip, press.SourceIp);
        foreach (string selector in selectors)
            Add(StreamField.Selector, selector);
        return [.. streams.Distinct()];

        void Add(StreamField field, string? value) => streams.AddRange(directory.Streams(domain, field, Encoding.UTF8.GetBytes(value ?? "")));
    }

    private async Task<(IReadOnlyDictionary<string, long> People, bool Counted)> JoinAsync(
        CommitScope scope, CountedPress press, EventKind kind, Dictionary<string, StreamEntry[]> named, ulong recipient, CancellationToken ct)
    {
        long time = press.PressedAt.UtcTicks;
        if (options.Value.JoinDays == 0)
        {
            foreach ((string domain, StreamEntry[] entries) in named)
            {
                foreach (StreamEntry stream in entries)
                {
                    foreach (TrafficCounter counter in Counters(press, kind, domain))
                        scope.Count(stream, time, counter, recipient);
                }
            }

            return (new Dictionary<string, long>(StringComparer.Ordinal), true);
        }

        using RoomStep deliveries = await rooms.Deliveries.OpenAsync(scope.Db, ct);
        using RoomStep people = await rooms.People.OpenAsync(scope.Db, ct);
        (byte[]? delivery, bool counted) = await FindAsync(deliveries, press, kind, ct);
        var manners = new Manners(people, scope, await StreamTypes.ReadAsync(scope.Db, ct));
        var left = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach ((string domain, StreamEntry[] entries) in named)
        {
            KeptStream[] streams = StreamsOf(scope, entries, delivery);
            if (!counted)
            {
                foreach (KeptStream stream in streams)
                {
                    foreach (TrafficCounter counter in Counters(press, kind, domain))
                        scope.Count(stream.Id, stream.HasHours, time, counter, recipient);
                }
            }

            manners.Happened(kind, time, recipient, streams);
            if (Manners.LeftHash(recipient, streams) is { } hash)
                left.Add(domain, unchecked((long)hash));
        }

        await manners.CountAsync(ct);
        await deliveries.WriteAsync(ct);
        await people.WriteAsync(ct);
        return (left, !counted);
    }

    private static TrafficCounter[] Counters(CountedPress press, EventKind kind, string domain) =>
        kind is EventKind.NotSpam ? [TrafficCounter.NotSpam]
        : press.InPart.Contains(domain, StringComparer.Ordinal) ? [TrafficCounter.Complaint, TrafficCounter.ComplaintInPart] : [TrafficCounter.Complaint];

    private static async Task<(byte[]? Delivery, bool Counted)> FindAsync(RoomStep deliveries, CountedPress press, EventKind kind, CancellationToken ct)
    {
        if (press.DeliveryKey is not { Length: 16 } octets)
            return (null, false);
        UInt128 key = MemoryMarshal.Read<UInt128>(octets);
        ulong mark = DeliveryHash.Counted(key, kind);
        Dictionary<ulong, byte[]> found = await deliveries.FindAsync([DeliveryHash.Of(key), mark], ct);
        bool counted = found.ContainsKey(mark);
        if (!counted)
            deliveries.Put(mark, []);
        return (found.GetValueOrDefault(DeliveryHash.Of(key)), counted);
    }

    /// <summary>The streams that the delivery had of the domain; when it is not remembered, those that the message leads to.</summary>
    private static KeptStream[] StreamsOf(CommitScope scope, StreamEntry[] entries, byte[]? delivery)
    {
        var streams = new List<KeptStream>();
        if (delivery is not null)
        {
            StreamSet.Read(delivery, streams);
            int first = streams.FindIndex(s => s.Id == scope.IdOf(entries[0]));
            if (first >= 0)
                return [.. streams.Skip(first).Take(StreamSet.OfDomain(CollectionsMarshal.AsSpan(streams)[first..]))];
        }

        StreamSet.Describe(entries, scope, streams);
        return [.. streams];
    }
}
