using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Postmaster.Web.Features.Traffic.Memory;

/// <summary>
/// A Bloom filter over hashes (Bloom 1970), in blocks of one cache line (Putze, Sanders, Singler 2007): 16 bits a hash, about two wrong "perhaps" in a
/// thousand, never a wrong "no". Expects hashes that are evenly spread.
/// </summary>
internal static class HashFilter
{
    internal const int BlockOctets = 64;
    private const int HashesOfBlock = 32;

    public static byte[] Of(ReadOnlySpan<ulong> hashes)
    {
        byte[] filter = new byte[Math.Max(1, (hashes.Length + HashesOfBlock - 1) / HashesOfBlock) * BlockOctets];
        foreach (ulong hash in hashes)
        {
            var probe = new HashProbe(hash);
            Span<byte> block = filter.AsSpan(probe.Block(filter), BlockOctets);
            (Vector512.Create<byte>(block) | probe.Bits).CopyTo(block);
        }

        return filter;
    }
}

/// <summary>A hash as filters are asked for it: what is the same for all of them is computed once.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct HashProbe
{
    private const int Probes = 7, ProbeBits = 9;

    public HashProbe(ulong hash)
    {
        Span<ulong> words = stackalloc ulong[HashFilter.BlockOctets / sizeof(ulong)];
        words.Clear();
        // Bits that do not hang on those that tell the block.
        ulong probes = BitOperations.RotateRight(hash * 0x9E3779B97F4A7C15UL, 1);
        for (int i = 0; i < Probes; i++, probes >>= ProbeBits)
            words[(int)(probes >> 6) & 7] |= 1UL << (int)(probes & 63);
        Hash = hash;
        Bits = Vector512.Create<ulong>(words).AsByte();
    }

    public ulong Hash { get; }

    /// <summary>Those of its block that are set when the hash is there.</summary>
    internal Vector512<byte> Bits { get; }

    /// <summary>False: the hash is not among those that the filter was made of.</summary>
    public bool MayBeIn(byte[] filter) => (Vector512.Create<byte>(filter.AsSpan(Block(filter), HashFilter.BlockOctets)) & Bits) == Bits;

    /// <summary>The first octet of the hash's block: by the upper bits.</summary>
    internal int Block(byte[] filter) => (int)Math.BigMul(Hash, (ulong)(filter.Length / HashFilter.BlockOctets), out _) * HashFilter.BlockOctets;
}
