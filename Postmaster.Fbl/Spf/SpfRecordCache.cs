using System.Collections.Concurrent;

namespace Postmaster.Fbl.Spf;

/// <summary>
/// Records that were read lately, by their octets: the DNS still says which record counts, only the reading is saved. There are two
/// generations: when the young one is full it becomes the old one, and what nobody asked for since is forgotten. Safe for many threads.
/// </summary>
internal sealed class SpfRecordCache(int capacity)
{
    private ConcurrentDictionary<TxtKey, SpfRecordOutcome> _young = new();
    private ConcurrentDictionary<TxtKey, SpfRecordOutcome> _old = new();

    /// <summary>How many records are kept now.</summary>
    public int Count => _young.Count + _old.Count;

    public SpfRecordOutcome Read(byte[] octets)
    {
        var key = new TxtKey(octets);
        var young = _young;
        if (young.TryGetValue(key, out var known))
            return known;
        if (!_old.TryGetValue(key, out known))
        {
            known = SpfRecordParser.TryParse(octets, out var record, out var error)
                ? new SpfRecordOutcome(record, default)
                : new SpfRecordOutcome(null, error with { Term = SpfText.Printable(error.Term) });
        }
        if (young.Count >= capacity / 2 && Interlocked.CompareExchange(ref _young, new(), young) == young)
            _old = young;
        _young.TryAdd(key, known);
        return known;
    }

    /// <summary>The octets of a TXT record; its owner does not change them.</summary>
    private readonly struct TxtKey(byte[] octets) : IEquatable<TxtKey>
    {
        // Seeded anew in every process, so that nobody can prepare records that collide.
        private readonly int _hash = HashOf(octets);
        private readonly byte[] _octets = octets;

        public bool Equals(TxtKey other) => _hash == other._hash && _octets.AsSpan().SequenceEqual(other._octets);

        public override bool Equals(object? obj) => obj is TxtKey other && Equals(other);

        public override int GetHashCode() => _hash;

        private static int HashOf(byte[] octets)
        {
            var hash = new HashCode();
            hash.AddBytes(octets);
            return hash.ToHashCode();
        }
    }
}

/// <summary>What came of one record.</summary>
/// <param name="Record">Null when there is an error.</param>
internal sealed record SpfRecordOutcome(SpfRecord? Record, SpfSyntaxError Error);
