using System.Numerics;
using System.Runtime.InteropServices;

namespace Postmaster.Web.Features.Traffic.Memory;

/// <summary>
/// A Bloom filter over hashes (Bloom 1970), in blocks of one cache line (Putze, Sanders, Singler 2007): 16 bits a hash, about two wrong "perhaps" in a
/// thousand, never a wrong "no". Expects hashes that are evenly spread.
/// </summary>
internal static class HashFilter
{
    private const int BlockOctets = 64, HashesOfBlock = 32, Probes = 7, ProbeBits = 9;

    public static byte[] Of(ReadOnlySpan<ulong> hashes)
    {
        byte[] filter = new byte[Math.Max(1, (hashes.Length + HashesOfBlock - 1) / HashesOfBlock) * BlockOctets];
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(filter.AsSpan());
        foreach (ulong hash in hashes)
        {
            Span<ulong> block = words.Slice(Block(filter, hash), BlockOctets / sizeof(ulong));
            ulong probes = Spread(hash);
            for (int i = 0; i < Probes; i++, probes >>= ProbeBits)
                block[(int)(probes >> 6) & 7] |= 1UL << (int)(probes & 63);
        }

        return filter;
    }

    /// <summary>False: the hash is not among those that the filter was made of.</summary>
    public static bool MayHave(byte[] filter, ulong hash)
    {
        ReadOnlySpan<ulong> block = MemoryMarshal.Cast<byte, ulong>(filter).Slice(Block(filter, hash), BlockOctets / sizeof(ulong));
        ulong probes = Spread(hash);
        for (int i = 0; i < Probes; i++, probes >>= ProbeBits)
        {
            if ((block[(int)(probes >> 6) & 7] & (1UL << (int)(probes & 63))) == 0)
                return false;
        }

        return true;
    }

    /// <summary>The first word of the hash's block: by the upper bits.</summary>
    private static int Block(byte[] filter, ulong hash) =>
        (int)Math.BigMul(hash, (ulong)(filter.Length / BlockOctets), out _) * (BlockOctets / sizeof(ulong));

    /// <summary>Bits that do not hang on those that tell the block.</summary>
    private static ulong Spread(ulong hash) => BitOperations.RotateRight(hash * 0x9E3779B97F4A7C15UL, 1);
}
