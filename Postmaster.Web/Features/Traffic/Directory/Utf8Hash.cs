using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Postmaster.Web.Features.Traffic.Directory;

/// <summary>
/// A quick hash of octets for tables in memory, with a secret of this process, so that nobody can send values that all fall into one place.
/// </summary>
internal static class Utf8Hash
{
    private static readonly ulong Secret = MemoryMarshal.Read<ulong>(RandomNumberGenerator.GetBytes(8)) | 1;

    public static int Of(ReadOnlySpan<byte> octets, uint start = 0)
    {
        ulong hash = Secret ^ start ^ ((ulong)octets.Length << 32);
        while (octets.Length >= 8)
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(octets));
            octets = octets[8..];
        }

        ulong last = 0;
        for (int i = 0; i < octets.Length; i++)
            last |= (ulong)octets[i] << (8 * i);
        hash = Mix(hash ^ last);
        return (int)(hash ^ (hash >> 32));
    }

    private static ulong Mix(ulong value)
    {
        ulong high = Math.BigMul(value, 0x9E3779B97F4A7C15UL ^ Secret, out ulong low);
        return high ^ low;
    }
}

/// <summary>Octets as keys, looked up by a span.</summary>
internal sealed class Utf8Comparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static readonly Utf8Comparer Instance = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] octets) => Utf8Hash.Of(octets);

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public int GetHashCode(ReadOnlySpan<byte> alternate) => Utf8Hash.Of(alternate);

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
