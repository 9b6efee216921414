using System.Buffers;

namespace Postmaster.Fbl.Dkim;

/// <summary>Octets gathered in a rented array that grows; given back on disposal.</summary>
internal sealed class PooledOctets(int capacity = 8192) : IDisposable
{
    private byte[] _octets = ArrayPool<byte>.Shared.Rent(capacity);
    private int _length;

    public ReadOnlySpan<byte> Written => _octets.AsSpan(0, _length);

    public void Clear() => _length = 0;

    /// <summary>Room for at least <paramref name="size"/> octets behind what is written; valid until the next call.</summary>
    public Span<byte> Reserve(int size)
    {
        if (_octets.Length - _length < size)
        {
            var larger = ArrayPool<byte>.Shared.Rent(checked(Math.Max(_length + size, _octets.Length * 2)));
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_octets);
            _octets = larger;
        }
        return _octets.AsSpan(_length);
    }

    public void Advance(int count) => _length += count;

    public void Write(ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(Reserve(octets.Length));
        _length += octets.Length;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_octets);
        _octets = [];
        _length = 0;
    }
}
