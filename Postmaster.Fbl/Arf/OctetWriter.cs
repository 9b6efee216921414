using System.Buffers;

namespace Postmaster.Fbl.Arf;

/// <summary>Collects octets in pooled memory, which goes back when it is disposed of.</summary>
internal sealed class OctetWriter(int capacity) : IBufferWriter<byte>, IDisposable
{
    private byte[] octets = ArrayPool<byte>.Shared.Rent(Math.Max(capacity, 256));

    public int WrittenCount { get; private set; }

    public ReadOnlySpan<byte> WrittenSpan => octets.AsSpan(0, WrittenCount);

    public ReadOnlyMemory<byte> WrittenMemory => octets.AsMemory(0, WrittenCount);

    public void Advance(int count) => WrittenCount += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return octets.AsMemory(WrittenCount);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return octets.AsSpan(WrittenCount);
    }

    public void Write(ReadOnlySpan<byte> more)
    {
        more.CopyTo(GetSpan(more.Length));
        WrittenCount += more.Length;
    }

    public void Write(byte octet)
    {
        Reserve(1);
        octets[WrittenCount++] = octet;
    }

    /// <summary>Takes back what was written from there on.</summary>
    public byte[] TakeFrom(int start)
    {
        var taken = WrittenSpan[start..].ToArray();
        WrittenCount = start;
        return taken;
    }

    public byte[] ToArray() => WrittenSpan.ToArray();

    public void Dispose()
    {
        if (octets.Length > 0)
            ArrayPool<byte>.Shared.Return(octets);
        octets = [];
        WrittenCount = 0;
    }

    private void Reserve(int more)
    {
        if (octets.Length - WrittenCount >= Math.Max(more, 1))
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(octets.Length * 2, WrittenCount + more));
        WrittenSpan.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(octets);
        octets = larger;
    }
}
