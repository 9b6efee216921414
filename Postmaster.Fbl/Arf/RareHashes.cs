using System.Buffers.Binary;
using System.Numerics;

namespace Postmaster.Fbl.Arf;

/// <summary>Hash functions that the platform lacks: SHA-224 (FIPS 180-4), BLAKE2b and BLAKE2s (RFC 7693). Not for secrets: they name public hashes of an address.</summary>
internal static class RareHashes
{
    private const int Block = 64;

    private static readonly uint[] Start224 = [0xC1059ED8, 0x367CD507, 0x3070DD17, 0xF70E5939, 0xFFC00B31, 0x68581511, 0x64F98FA7, 0xBEFA4FA4];

    private static readonly uint[] Start256 = [.. Fractions(8, 2).Select(fraction => (uint)(fraction >> 32))];

    private static readonly ulong[] Start512 = Fractions(8, 2);

    private static readonly uint[] Constants = [.. Fractions(64, 3).Select(fraction => (uint)(fraction >> 32))];

    /// <summary>RFC 7693 §2.7</summary>
    private static readonly byte[][] Schedule =
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
        [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4], [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
        [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13], [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
        [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11], [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
        [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5], [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
    ];

    /// <summary>Columns, then diagonals.</summary>
    private static readonly byte[][] Quarters = [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15], [0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14]];

    public static byte[] Sha224(ReadOnlySpan<byte> text)
    {
        var padded = new byte[(text.Length + 9 + Block - 1) / Block * Block];
        text.CopyTo(padded);
        padded[text.Length] = 0x80;
        BinaryPrimitives.WriteUInt64BigEndian(padded.AsSpan(padded.Length - 8), (ulong)text.Length * 8);
        var state = (uint[])Start224.Clone();
        for (var at = 0; at < padded.Length; at += Block)
            Compress(state, padded.AsSpan(at, Block));
        var digest = new byte[28];
        for (var i = 0; i < 7; i++)
            BinaryPrimitives.WriteUInt32BigEndian(digest.AsSpan(i * 4), state[i]);
        return digest;
    }

    public static byte[] Blake2b(ReadOnlySpan<byte> text, int length)
    {
        const int block = 128;
        var state = (ulong[])Start512.Clone();
        state[0] ^= 0x01010000UL ^ (ulong)length;
        Span<ulong> words = stackalloc ulong[16];
        Span<byte> octets = stackalloc byte[block];
        for (var at = 0; at == 0 || at < text.Length; at += block)
        {
            octets.Clear();
            text[at..Math.Min(text.Length, at + block)].CopyTo(octets);
            for (var i = 0; i < words.Length; i++)
                words[i] = BinaryPrimitives.ReadUInt64LittleEndian(octets[(i * 8)..]);
            Mix64(state, words, (ulong)Math.Min(text.Length, at + block), at + block >= text.Length);
        }
        var digest = new byte[64];
        for (var i = 0; i < 8; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(digest.AsSpan(i * 8), state[i]);
        return digest[..length];
    }

    public static byte[] Blake2s(ReadOnlySpan<byte> text)
    {
        var state = (uint[])Start256.Clone();
        state[0] ^= 0x01010000 ^ 32;
        Span<uint> words = stackalloc uint[16];
        Span<byte> octets = stackalloc byte[Block];
        for (var at = 0; at == 0 || at < text.Length; at += Block)
        {
            octets.Clear();
            text[at..Math.Min(text.Length, at + Block)].CopyTo(octets);
            for (var i = 0; i < words.Length; i++)
                words[i] = BinaryPrimitives.ReadUInt32LittleEndian(octets[(i * 4)..]);
            Mix32(state, words, (uint)Math.Min(text.Length, at + Block), at + Block >= text.Length);
        }
        var digest = new byte[32];
        for (var i = 0; i < 8; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(digest.AsSpan(i * 4), state[i]);
        return digest;
    }

    private static void Compress(uint[] state, ReadOnlySpan<byte> block)
    {
        Span<uint> words = stackalloc uint[64];
        for (var i = 0; i < 16; i++)
            words[i] = BinaryPrimitives.ReadUInt32BigEndian(block[(i * 4)..]);
        for (var i = 16; i < 64; i++)
        {
            var (far, near) = (words[i - 15], words[i - 2]);
            words[i] = words[i - 16] + (BitOperations.RotateRight(far, 7) ^ BitOperations.RotateRight(far, 18) ^ (far >> 3))
                + words[i - 7] + (BitOperations.RotateRight(near, 17) ^ BitOperations.RotateRight(near, 19) ^ (near >> 10));
        }
        var (a, b, c, d, e, f, g, h) = (state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]);
        for (var i = 0; i < 64; i++)
        {
            var first = h + (BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25)) + ((e & f) ^ (~e & g)) + Constants[i] + words[i];
            var second = (BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e, d, c, b, a) = (g, f, e, d + first, c, b, a, first + second);
        }
        ReadOnlySpan<uint> more = [a, b, c, d, e, f, g, h];
        for (var i = 0; i < 8; i++)
            state[i] += more[i];
    }

    private static void Mix64(ulong[] state, ReadOnlySpan<ulong> words, ulong count, bool last)
    {
        ulong[] v = [.. state, .. Start512];
        v[12] ^= count;
        v[14] ^= last ? ulong.MaxValue : 0;
        for (var round = 0; round < 12; round++)
        {
            for (var i = 0; i < Quarters.Length; i++)
            {
                var (a, b, c, d) = (Quarters[i][0], Quarters[i][1], Quarters[i][2], Quarters[i][3]);
                v[a] += v[b] + words[Schedule[round % 10][i * 2]];
                v[d] = BitOperations.RotateRight(v[d] ^ v[a], 32);
                v[c] += v[d];
                v[b] = BitOperations.RotateRight(v[b] ^ v[c], 24);
                v[a] += v[b] + words[Schedule[round % 10][(i * 2) + 1]];
                v[d] = BitOperations.RotateRight(v[d] ^ v[a], 16);
                v[c] += v[d];
                v[b] = BitOperations.RotateRight(v[b] ^ v[c], 63);
            }
        }
        for (var i = 0; i < 8; i++)
            state[i] ^= v[i] ^ v[i + 8];
    }

    private static void Mix32(uint[] state, ReadOnlySpan<uint> words, uint count, bool last)
    {
        uint[] v = [.. state, .. Start256];
        v[12] ^= count;
        v[14] ^= last ? uint.MaxValue : 0;
        for (var round = 0; round < 10; round++)
        {
            for (var i = 0; i < Quarters.Length; i++)
            {
                var (a, b, c, d) = (Quarters[i][0], Quarters[i][1], Quarters[i][2], Quarters[i][3]);
                v[a] += v[b] + words[Schedule[round][i * 2]];
                v[d] = BitOperations.RotateRight(v[d] ^ v[a], 16);
                v[c] += v[d];
                v[b] = BitOperations.RotateRight(v[b] ^ v[c], 12);
                v[a] += v[b] + words[Schedule[round][(i * 2) + 1]];
                v[d] = BitOperations.RotateRight(v[d] ^ v[a], 8);
                v[c] += v[d];
                v[b] = BitOperations.RotateRight(v[b] ^ v[c], 7);
            }
        }
        for (var i = 0; i < 8; i++)
            state[i] ^= v[i] ^ v[i + 8];
    }

    /// <summary>The first 64 bits of the fractions of roots of the first primes (FIPS 180-4 §4.2.2, §5.3): the largest number whose power is no more than the prime, moved by 64 bits.</summary>
    private static ulong[] Fractions(int count, int degree)
    {
        var found = new List<ulong>(count);
        for (var prime = 2; found.Count < count; prime++)
        {
            if (Enumerable.Range(2, prime - 2).Any(divisor => prime % divisor == 0))
                continue;
            var wanted = (BigInteger)prime << (64 * degree);
            var root = BigInteger.Zero;
            for (var bit = 68; bit >= 0; bit--)
            {
                var tried = root | (BigInteger.One << bit);
                if (BigInteger.Pow(tried, degree) <= wanted)
                    root = tried;
            }
            found.Add((ulong)(root & ulong.MaxValue));
        }
        return [.. found];
    }
}
