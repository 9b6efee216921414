using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Directory;

/// <summary>
/// The domains and streams of the traffic, in memory, found by the very octets that events carry: what was seen before costs one look-up without a lock
/// or a string. Its limits are what stands between made-up values and rows: <see cref="TrafficOptions.MaxDomains"/> and
/// <see cref="TrafficOptions.MaxStreamsPerKind"/>; what is beyond them is counted together.
/// </summary>
internal sealed class StreamDirectory(IOptions<TrafficOptions> options)
{
    /// <summary>Octets of names and aliases that are remembered; beyond it they are forgotten and found again the slow way. Stops floods of different spellings.</summary>
    private const long MaxAliasOctets = 64L * 1024 * 1024;

    /// <summary>What an alias costs beside its octets.</summary>
    private const int AliasOverhead = 150;

    private static readonly StreamEntry[] NoStreams = [];
    private static readonly NameEntry NoName = new(DomainName.Parse("invalid"), []);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, DomainEntry> _domains = new(StringComparer.Ordinal);
    private Aliases _aliases = new(ClaimMap.Empty);
    private int _serial, _unclaimed, _unproved;

    public ClaimMap Claims => _aliases.Claims;

    /// <summary>Takes over the claims that are in force now.</summary>
    public void Use(ClaimMap claims) => _aliases = new Aliases(claims);

    /// <summary>Null for what is no domain name of at least two labels: a single label is nobody's.</summary>
    public NameEntry? Find(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
            return null;
        Aliases aliases = _aliases;
        if (!aliases.Names.TryGetValue(name, out NameEntry? entry))
        {
            entry = Resolve(Encoding.UTF8.GetString(name), aliases.Claims);
            if (aliases.Keep(name.Length))
                aliases.Names.TryAdd(name, entry);
            else
                Forget(aliases);
        }

        return ReferenceEquals(entry, NoName) ? null : entry;
    }

    /// <summary>The entry of a domain; of several beyond the limit the one with the empty name.</summary>
    /// <param name="proved">Whether the mail is authenticated as the domain.</param>
    public DomainEntry Domain(CountedDomain counted, bool proved)
    {
        if (counted.Entry is { } known && (known.IsProved || !proved))
            return known;
        lock (_gate)
        {
            if (!_domains.TryGetValue(counted.Name, out DomainEntry? entry))
            {
                // A claimed domain always has its own row. Names that only stand in unauthenticated mail, which anybody can make up, take at most half.
                bool fits = counted.IsClaimed || (_unclaimed < options.Value.MaxDomains && (proved || _unproved < options.Value.MaxDomains / 2));
                string name = fits ? counted.Name : "";
                if (!_domains.TryGetValue(name, out entry))
                {
                    entry = new DomainEntry(++_serial, name);
                    _domains.Add(name, entry);
                    _unclaimed += counted.IsClaimed ? 0 : 1;
                    _unproved += counted.IsClaimed ? 0 : 1;
                }
            }

            if (proved && !entry.IsProved)
            {
                entry.IsProved = true;
                _unproved -= counted.IsClaimed ? 0 : 1;
            }

            // What was folded is not remembered: there may be room for it tomorrow.
            if (entry.Name.Length > 0)
                counted.Entry = entry;
            return entry;
        }
    }

    /// <summary>The stream of all mail that is authenticated as the domain.</summary>
    public StreamEntry Whole(DomainEntry domain) => domain.Whole ?? Add(domain, StreamKind.Whole, "");

    /// <summary>The stream of the mail whose author domain it only claims to be.</summary>
    public StreamEntry Unauthenticated(DomainEntry domain) => domain.Unauthenticated ?? Add(domain, StreamKind.Unauthenticated, "");

    /// <summary>The streams that a field leads to; none for an empty or unusable one.</summary>
    public StreamEntry[] Streams(DomainEntry domain, StreamField field, ReadOnlySpan<byte> octets)
    {
        if (octets.IsEmpty)
            return NoStreams;
        Aliases aliases = _aliases;
        return aliases.Streams.TryGetValue(new AliasProbe(domain.Serial, field, octets), out StreamEntry[]? streams) ? streams : Resolve(aliases, domain, field, octets);
    }

    /// <summary>Replaces everything by what the database holds; called before the first event and when a day has passed.</summary>
    /// <param name="streams">Of domains that are among <paramref name="domains"/>; those not seen for long may be left out.</param>
    public void Load(IEnumerable<MailDomain> domains, IEnumerable<MailStream> streams, ClaimMap claims)
    {
        lock (_gate)
        {
            _domains.Clear();
            _unclaimed = _unproved = 0;
            var byId = new Dictionary<int, DomainEntry>();
            foreach (MailDomain row in domains)
            {
                var entry = new DomainEntry(++_serial, row.Name) { Id = row.Id, LastDay = row.LastDay };
                byId.Add(row.Id, entry);
                _domains.Add(row.Name, entry);
                _unclaimed += claims.Has(row.Name) ? 0 : 1;
            }

            foreach (MailStream row in streams)
            {
                if (byId.TryGetValue(row.DomainId, out DomainEntry? domain))
                    domain.Add(new StreamEntry(++_serial, domain, row.Kind, row.Value) { Id = row.Id, LastDay = row.LastDay });
            }

            _unproved = byId.Values.Count(d => !d.IsProved && !claims.Has(d.Name));
            _aliases = new Aliases(claims);
        }
    }

    private StreamEntry[] Resolve(Aliases aliases, DomainEntry domain, StreamField field, ReadOnlySpan<byte> octets)
    {
        StreamEntry[] streams = [.. StreamValues.Of(field, octets).Select(v => Add(domain, v.Kind, v.Value))];
        if (aliases.Keep(octets.Length))
            aliases.Streams.TryAdd(new AliasProbe(domain.Serial, field, octets), streams);
        else
            Forget(aliases);
        return streams;
    }

    private static NameEntry Resolve(string text, ClaimMap claims)
    {
        if (!DomainName.TryParse(text, out DomainName? name, out _) || name.LabelCount < 2)
            return NoName;
        IReadOnlyList<string> claimed = claims.CountedFor(name);
        return new NameEntry(name, claimed.Count > 0 ? [.. claimed.Select(c => new CountedDomain(c, true))] : [new CountedDomain(name.Ascii, false)]);
    }

    private StreamEntry Add(DomainEntry domain, StreamKind kind, string value)
    {
        lock (_gate)
        {
            if (domain.Find(kind, value) is { } known)
                return known;
            if (domain.Count(kind) >= options.Value.MaxStreamsPerKind && kind is not (StreamKind.Whole or StreamKind.Unauthenticated))
            {
                value = MailStream.Other;
                if (domain.Find(kind, value) is { } other)
                    return other;
            }

            var entry = new StreamEntry(++_serial, domain, kind, value);
            domain.Add(entry);
            return entry;
        }
    }

    private void Forget(Aliases full) => Interlocked.CompareExchange(ref _aliases, new Aliases(full.Claims), full);

    /// <summary>Short ways to entries, valid for one state of the claims.</summary>
    private sealed class Aliases
    {
        private readonly ConcurrentDictionary<byte[], NameEntry> _names = new(Utf8Comparer.Instance);
        private readonly ConcurrentDictionary<AliasKey, StreamEntry[]> _streams = new(AliasComparer.Instance);
        private long _octets;

        public Aliases(ClaimMap claims)
        {
            Claims = claims;
            Names = _names.GetAlternateLookup<ReadOnlySpan<byte>>();
            Streams = _streams.GetAlternateLookup<AliasProbe>();
        }

        public ClaimMap Claims { get; }
        public ConcurrentDictionary<byte[], NameEntry>.AlternateLookup<ReadOnlySpan<byte>> Names { get; }
        public ConcurrentDictionary<AliasKey, StreamEntry[]>.AlternateLookup<AliasProbe> Streams { get; }

        /// <summary>False when there is no room for another.</summary>
        public bool Keep(int octets) => Interlocked.Add(ref _octets, octets + AliasOverhead) <= MaxAliasOctets;
    }
}
