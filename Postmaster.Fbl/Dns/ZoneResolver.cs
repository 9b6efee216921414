using System.Net;
using System.Text;

namespace Postmaster.Fbl.Dns;

/// <summary>
/// Answers from a zone in memory that may change while it is asked: the demo's DNS and the tests'. Behaves like a resolver
/// in front of the whole Internet, so a name that was never added is NXDOMAIN. A name can be told to fail. Thread-safe.
/// </summary>
/// <param name="server">What answers carry as <see cref="DnsAnswer.Server"/>.</param>
public sealed class ZoneResolver(string server = "the zone in memory") : IDnsResolver
{
    /// <summary>The oldest questions fall out of the log beyond this, so that a demo may run for weeks.</summary>
    public const int MaxLogged = 10_000;

    /// <summary>The TTL of records added without one.</summary>
    public static readonly TimeSpan DefaultTtl = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly Zone _zone = new();
    private readonly Dictionary<DnsName, DnsStatus> _failures = [];
    private readonly Queue<ZoneQuery> _log = new();

    /// <summary>The questions asked so far, oldest first: a copy.</summary>
    public IReadOnlyList<ZoneQuery> Queries
    {
        get
        {
            lock (_lock)
                return [.. _log];
        }
    }

    /// <summary>Reads lines of the form <c>name [ttl] [IN] type data</c>, with <c>;</c> comments, quoted TXT strings and no directives; names are absolute.</summary>
    /// <exception cref="FormatException">A line is none of these; the message names its number.</exception>
    public static ZoneResolver Parse(string zoneText)
    {
        var zone = new ZoneResolver();
        foreach (var record in ZoneText.Read(zoneText))
            zone.Add(record);
        return zone;
    }

    /// <returns>The same zone, for more.</returns>
    /// <exception cref="FormatException">The owner is no name that DNS can hold.</exception>
    public ZoneResolver Add(DnsRecord record)
    {
        var owner = Name(record.Name);
        lock (_lock)
            _zone.Add(owner, record);
        return this;
    }

    /// <summary>A or AAAA, by the address.</summary>
    public ZoneResolver AddAddress(string name, string address) => Add(new ARecord(name, DefaultTtl, IPAddress.Parse(address)));

    public ZoneResolver AddMx(string name, ushort preference, string exchange) => Add(new MxRecord(name, DefaultTtl, preference, exchange));

    /// <summary>One record; text beyond 255 octets of UTF-8 goes into further strings of it.</summary>
    public ZoneResolver AddTxt(string name, string text) =>
        Add(new TxtRecord(name, DefaultTtl, text.Length == 0 ? [[]] : [.. Encoding.UTF8.GetBytes(text).Chunk(byte.MaxValue)]));

    public ZoneResolver AddCname(string name, string target) => Add(new CnameRecord(name, DefaultTtl, target));

    public ZoneResolver AddNs(string name, string target) => Add(new NsRecord(name, DefaultTtl, target));

    /// <summary>The reverse name of the address points to <paramref name="target"/>.</summary>
    public ZoneResolver AddPtr(string address, string target) => Add(new PtrRecord(ReverseName.Of(IPAddress.Parse(address)), DefaultTtl, target));

    /// <summary>Without one, absences carry a TTL of zero.</summary>
    /// <param name="minimum">How long an absence below <paramref name="name"/> may be remembered.</param>
    public ZoneResolver AddSoa(string name, TimeSpan minimum) => Add(new SoaRecord(
        name, DefaultTtl, "ns." + name, "hostmaster." + name, 1, TimeSpan.FromHours(2), TimeSpan.FromMinutes(30), TimeSpan.FromDays(7), minimum));

    /// <summary>Takes away the records of one type at a name, or all of them.</summary>
    /// <returns>False when there was none.</returns>
    public bool Remove(string name, DnsRecordType? type = null)
    {
        var owner = Name(name);
        lock (_lock)
            return _zone.Remove(owner, r => type is null || r.Type == type);
    }

    /// <returns>False when there was no such record.</returns>
    public bool Remove(DnsRecord record)
    {
        var owner = Name(record.Name);
        lock (_lock)
            return _zone.Remove(owner, r => r.Equals(record));
    }

    /// <summary>From now on every question for this name, not for names below, ends in <paramref name="status"/>; a time-out is answered at once.</summary>
    /// <param name="status"><see cref="DnsStatus.ServFail"/> or <see cref="DnsStatus.Timeout"/>.</param>
    public ZoneResolver Fail(string name, DnsStatus status = DnsStatus.ServFail)
    {
        if (status is not (DnsStatus.ServFail or DnsStatus.Timeout))
            throw new ArgumentOutOfRangeException(nameof(status), status, "Only a failure can be forced.");
        var owner = Name(name);
        lock (_lock)
            _failures[owner] = status;
        return this;
    }

    /// <summary>Ends what <see cref="Fail"/> began.</summary>
    public ZoneResolver Recover(string name)
    {
        var owner = Name(name);
        lock (_lock)
            _failures.Remove(owner);
        return this;
    }

    public void ClearQueries()
    {
        lock (_lock)
            _log.Clear();
    }

    public ValueTask<DnsAnswer> QueryAsync(string name, DnsRecordType type, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (!DnsName.TryParse(name, out var asked))
            return ValueTask.FromResult(DnsAnswer.BadName(name, type));
        return ValueTask.FromResult(Lookup(asked, type).ToAnswer(asked, type, server));
    }

    /// <summary>The lookup with everything that a server puts into its response.</summary>
    internal ZoneLookup Lookup(DnsName name, DnsRecordType type)
    {
        lock (_lock)
        {
            var lookup = Follow(name, type);
            _log.Enqueue(new ZoneQuery(name.Key, type, lookup.Status));
            if (_log.Count > MaxLogged)
                _log.Dequeue();
            return lookup;
        }
    }

    private ZoneLookup Follow(DnsName name, DnsRecordType type)
    {
        var aliases = new List<CnameRecord>();
        var seen = new HashSet<DnsName> { name };
        while (true)
        {
            if (_failures.TryGetValue(name, out var failure))
                return new ZoneLookup(failure, aliases, [], null, null);
            if (!_zone.TryFind(name, out var records))
                return new ZoneLookup(DnsStatus.NxDomain, aliases, [], _zone.Authority(name), null);
            var found = records.Where(r => r.Type == type).ToList();
            if (found.Count > 0)
                return new ZoneLookup(DnsStatus.Found, aliases, found, null, null);
            if (records.OfType<CnameRecord>().FirstOrDefault() is not { } alias || !DnsName.TryParse(alias.Target, out var target))
                return new ZoneLookup(DnsStatus.NoData, aliases, [], _zone.Authority(name), null);
            aliases.Add(alias);
            if (!seen.Add(target))
                return new ZoneLookup(DnsStatus.ServFail, aliases, [], null, "cname-loop");
            if (aliases.Count > AnswerChain.MaxAliases)
                return new ZoneLookup(DnsStatus.ServFail, aliases, [], null, "cname-chain-too-long");
            name = target;
        }
    }

    private static DnsName Name(string text) => DnsName.TryParse(text, out var name) ? name : throw new FormatException("Not a name that DNS can hold.");
}

/// <summary>A question that a <see cref="ZoneResolver"/> was asked, the name in lower case, and how it ended.</summary>
public sealed record ZoneQuery(string Name, DnsRecordType Type, DnsStatus Status);
