using Postmaster.Web.Features.Traffic.Directory;

namespace Postmaster.Web.Features.Traffic.Memory;

/// <summary>Gives one array for all equal values: a campaign's deliveries have one set of streams.</summary>
internal sealed class ValuePool
{
    /// <summary>Octets of different values; beyond it they are told apart anew. Stops mails that each have streams of their own.</summary>
    private const int MaxOctets = 128 * 1024 * 1024;

    /// <summary>What a value costs beside its octets.</summary>
    private const int Overhead = 80;

    private readonly Dictionary<byte[], byte[]> _values = new(Utf8Comparer.Instance);
    private readonly Dictionary<byte[], byte[]>.AlternateLookup<ReadOnlySpan<byte>> _bySpan;

    /// <summary>What the values cost.</summary>
    public int Octets { get; private set; }

    public ValuePool() => _bySpan = _values.GetAlternateLookup<ReadOnlySpan<byte>>();

    public byte[] Get(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            return [];
        if (_bySpan.TryGetValue(value, out byte[]? known))
            return known;
        if (Octets > MaxOctets)
            Clear(); // equal values then exist twice, which costs room alone
        byte[] made = value.ToArray();
        _values.Add(made, made);
        Octets += made.Length + Overhead;
        return made;
    }

    public void Clear()
    {
        _values.Clear();
        Octets = 0;
    }
}
