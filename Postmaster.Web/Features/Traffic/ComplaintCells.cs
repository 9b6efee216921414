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
internal sealed record PressInCells(IReadOnlyDictionary<string, long> PersonKeys, bool WasCounted);

/// <summary>What the complaints of one transaction came to.</summary>
/// <param name="Each">In the order in which they were added.</param>
internal sealed record PressesInCells(IReadOnlyList<PressInCells> Each, NewRows Rows, IReadOnlyList<DayChange> Days)
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

    /// <summary>Complaints that count, one after the other.</summary>
    public Task<PressesInCells> AddAsync(PostmasterDb db, IReadOnlyList<CountedPress> presses, CancellationToken ct) => AddAsync(db, presses, EventKind.Complaint, ct);

    /// <summary>A message that was taken out of Junk after its complaint had counted.</summary>
    public Task<PressesInCells> AddNotSpamAsync(PostmasterDb db, CountedPress press, CancellationToken ct) => AddAsync(db, [press], EventKind.NotSpam, ct);

    private async Task<PressesInCells> AddAsync(PostmasterDb db, IReadOnlyList<CountedPress> presses, EventKind kind, CancellationToken ct)
    {
        KeyedHash hash = await keys.OpenAsync(ct);
        var named = new List<NamedPress>(presses.Count);
        var days = new CellSums();
        foreach (CountedPress press in presses)
        {
            var one = new NamedPress(
                press, kind, HashedNames.Recipient(hash, Encoding.UTF8.GetBytes(press.Mailbox.ToString())),
                press.Domains.ToDictionary(d => d.Key, d => Streams(press, d.Key, d.Value), StringComparer.Ordinal));
            named.Add(one);
            foreach (StreamEntry stream in one.Streams.Values.SelectMany(s => s))
                days.Add(stream, (int)(one.Time / TimeSpan.TicksPerDay), counters: 0, octets: 0, default);
        }

        NewRows rows = await StreamRows.AddAsync(db, days, [], ct);
        var scope = new CommitScope(db, rows.Streams);
        IReadOnlyList<PressInCells> each = options.Value.JoinDays == 0 ? CountAll(scope, named) : await JoinAsync(scope, named, ct);
        await scope.WriteAsync(ct);
        return new PressesInCells(each, rows, await StreamRows.MoveLastDaysAsync(db, scope, days, ct));
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

    /// <summary>Where no deliveries are remembered, each counts as it says.</summary>
    private static List<PressInCells> CountAll(CommitScope scope, List<NamedPress> presses)
    {
        foreach (NamedPress press in presses)
        {
            foreach ((string domain, StreamEntry[] entries) in press.Streams)
            {
                foreach (StreamEntry stream in entries)
                {
                    foreach (TrafficCounter counter in press.Counters(domain))
                        scope.Count(stream, press.Time, counter, press.Recipient);
                }
            }
        }

        return presses.ConvertAll(_ => new PressInCells(new Dictionary<string, long>(StringComparer.Ordinal), WasCounted: true));
    }

    private async Task<IReadOnlyList<PressInCells>> JoinAsync(CommitScope scope, List<NamedPress> presses, CancellationToken ct)
    {
        using RoomStep deliveries = await rooms.Deliveries.OpenAsync(scope.Db, ct);
        using RoomStep people = await rooms.People.OpenAsync(scope.Db, ct);
        Dictionary<ulong, byte[]> remembered = await deliveries.FindAsync(presses.SelectMany(p => p.Hashes), ct);
        var manners = new Manners(people, scope, await StreamTypes.ReadAsync(scope.Db, ct));
        List<PressInCells> each = presses.ConvertAll(press => Join(scope, press, deliveries, remembered, manners));
        await manners.CountAsync(ct);
        await deliveries.WriteAsync(ct);
        await people.WriteAsync(ct);
        return each;
    }

    private static PressInCells Join(CommitScope scope, NamedPress press, RoomStep deliveries, Dictionary<ulong, byte[]> remembered, Manners manners)
    {
        bool counted = false;
        if (press.Mark is { } mark && !(counted = remembered.ContainsKey(mark)))
        {
            // The next of them may be the same.
            remembered.Add(mark, []);
            deliveries.Put(mark, []);
        }

        byte[]? delivery = press.Delivery is { } hash ? remembered.GetValueOrDefault(hash) : null;
        var left = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach ((string domain, StreamEntry[] entries) in press.Streams)
        {
            KeptStream[] streams = StreamsOf(scope, entries, delivery);
            if (!counted)
            {
                foreach (KeptStream stream in streams)
                {
                    foreach (TrafficCounter counter in press.Counters(domain))
                        scope.Count(stream.Id, stream.HasHours, press.Time, counter, press.Recipient);
                }
            }

            manners.Happened(press.Kind, press.Time, press.Recipient, streams);
            if (Manners.LeftHash(press.Recipient, streams) is { } person)
                left.Add(domain, unchecked((long)person));
        }

        return new PressInCells(left, !counted);
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

    /// <summary>A press with its streams.</summary>
    /// <param name="Recipient">Keyed hash of the mailbox.</param>
    /// <param name="Streams">By claimed domain.</param>
    private sealed record NamedPress(CountedPress Press, EventKind Kind, ulong Recipient, IReadOnlyDictionary<string, StreamEntry[]> Streams)
    {
        private readonly UInt128? _delivery = Press.DeliveryKey is { Length: 16 } octets ? MemoryMarshal.Read<UInt128>(octets) : null;

        /// <summary>UTC ticks.</summary>
        public long Time => Press.PressedAt.UtcTicks;

        /// <summary>Under which the delivery is remembered; null: nobody knows which it was.</summary>
        public ulong? Delivery => _delivery is { } key ? DeliveryHash.Of(key) : null;

        /// <summary>Under which it is remembered that the press was counted.</summary>
        public ulong? Mark => _delivery is { } key ? DeliveryHash.Counted(key, Kind) : null;

        public IEnumerable<ulong> Hashes => _delivery is null ? [] : [Delivery!.Value, Mark!.Value];

        public TrafficCounter[] Counters(string domain) =>
            Kind is EventKind.NotSpam ? [TrafficCounter.NotSpam]
            : Press.InPart.Contains(domain, StringComparer.Ordinal) ? [TrafficCounter.Complaint, TrafficCounter.ComplaintInPart] : [TrafficCounter.Complaint];
    }
}
