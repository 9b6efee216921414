using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Postmaster.Web.Features.Traffic;

/// <summary>
/// SipHash-2-4 with 128 bits (Aumasson, Bernstein 2012): short texts under a secret key, many a microsecond. Who has only the hashes can neither
/// find the texts nor try them.
/// </summary>
/// <param name="key">16 octets.</param>
internal sealed class KeyedHash(ReadOnlySpan<byte> key)
{
    /// <summary>Octets of the key.</summary>
    public const int KeyLength = 16;

    private readonly ulong _k0 = BinaryPrimitives.ReadUInt64LittleEndian(key), _k1 = BinaryPrimitives.ReadUInt64LittleEndian(key[8..]);

    public UInt128 Of(ReadOnlySpan<byte> text)
    {
        var state = new State(_k0 ^ 0x736f6d6570736575, _k1 ^ 0x646f72616e646f6d ^ 0xee, _k0 ^ 0x6c7967656e657261, _k1 ^ 0x7465646279746573);
        ulong last = (ulong)text.Length << 56;
        for (; text.Length >= 8; text = text[8..])
            state.Take(BinaryPrimitives.ReadUInt64LittleEndian(text));
        for (int i = 0; i < text.Length; i++)
            last |= (ulong)text[i] << (8 * i);
        state.Take(last);
        ulong low = state.Finish(0xee);
        return new UInt128(state.Finish(0, 0xdd), low);
    }

    [StructLayout(LayoutKind.Auto)]
    private struct State(ulong v0, ulong v1, ulong v2, ulong v3)
    {
        private ulong _v0 = v0, _v1 = v1, _v2 = v2, _v3 = v3;

        public void Take(ulong word)
        {
            _v3 ^= word;
            Round();
            Round();
            _v0 ^= word;
        }

        public ulong Finish(ulong intoSecond, ulong intoFirst = 0)
        {
            _v2 ^= intoSecond;
            _v1 ^= intoFirst;
            for (int i = 0; i < 4; i++)
                Round();
            return _v0 ^ _v1 ^ _v2 ^ _v3;
        }

        private void Round()
        {
            _v0 += _v1;
            _v2 += _v3;
            _v1 = BitOperations.RotateLeft(_v1, 13) ^ _v0;
            _v3 = BitOperations.RotateLeft(_v3, 16) ^ _v2;
            _v0 = BitOperations.RotateLeft(_v0, 32);
            _v2 += _v1;
            _v0 += _v3;
            _v1 = BitOperations.RotateLeft(_v1, 17) ^ _v2;
            _v3 = BitOperations.RotateLeft(_v3, 21) ^ _v0;
            _v2 = BitOperations.RotateLeft(_v2, 32);
        }
    }
}
