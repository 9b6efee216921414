using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Postmaster.Fbl.Arf;

/// <summary>Text in UTF-16, of either byte order, inside of any octets: every second octet is zero. It is looked at without the zeros.</summary>
internal sealed class WideText(TextRedactor redactor)
{
    /// <summary>Fewer characters hold no local-part that is looked for.</summary>
    private const int MinLength = 4;

    /// <summary>Null when there is nothing.</summary>
    public List<TextEdit>? Find(ReadOnlySpan<byte> text, TextKind kind, int depth)
    {
        List<TextEdit>? edits = null;
        for (var start = NextRun(text, 0); start >= 0;)
        {
            var end = start;
            while (end + 1 < text.Length && text[end] != 0 && text[end + 1] == 0)
                end += 2;
            // In the order with the zero first, the last character has none behind it.
            if (end < text.Length && text[end] != 0)
                end++;
            InRun(text[start..end], start, kind, depth, ref edits);
            start = NextRun(text, end);
        }
        return edits;
    }

    /// <summary>The next place where <see cref="MinLength"/> octets that are not zero stand before one that is, each; or -1.</summary>
    private static int NextRun(ReadOnlySpan<byte> text, int from)
    {
        const int block = 64, whole = block - (MinLength * 2) + 1;
        ref var first = ref MemoryMarshal.GetReference(text);
        for (; from + block <= text.Length; from += whole)
        {
            var zeros = Zeros(ref first, from) | ((ulong)Zeros(ref first, from + 32) << 32);
            if (zeros == 0)
                continue;
            // Characters; two of them; four of them.
            var runs = ~zeros & (zeros >> 1);
            runs &= runs >> 2;
            runs &= runs >> 4;
            if (runs != 0)
                return from + BitOperations.TrailingZeroCount(runs);
        }
        if (from >= text.Length || !text[from..].Contains((byte)0))
            return -1;
        for (; from + (MinLength * 2) <= text.Length; from++)
        {
            if (IsRun(text[from..]))
                return from;
        }
        return -1;
    }

    private static uint Zeros(ref byte text, int at) => Vector256.Equals(Vector256.LoadUnsafe(ref text, (nuint)at), Vector256<byte>.Zero).ExtractMostSignificantBits();

    private static bool IsRun(ReadOnlySpan<byte> octets) => octets[1] == 0 && octets[0] != 0 && octets[2] != 0 && octets[3] == 0 && octets[4] != 0 && octets[5] == 0 && octets[6] != 0 && octets[7] == 0;

    private void InRun(ReadOnlySpan<byte> run, int start, TextKind kind, int depth, ref List<TextEdit>? edits)
    {
        var narrow = ArrayPool<byte>.Shared.Rent((run.Length + 1) / 2);
        var length = 0;
        for (var i = 0; i < run.Length; i += 2)
            narrow[length++] = run[i];
        if (redactor.Find(narrow.AsSpan(0, length), kind, depth).Edits is { } found)
        {
            foreach (var edit in found)
                (edits ??= []).Add(new TextEdit(start + (edit.Start * 2), (edit.Length * 2) - 1, Widened(edit.Replacement)));
        }
        ArrayPool<byte>.Shared.Return(narrow);
    }

    private static byte[] Widened(byte[] text)
    {
        var wide = new byte[Math.Max(0, (text.Length * 2) - 1)];
        for (var i = 0; i < text.Length; i++)
            wide[i * 2] = text[i];
        return wide;
    }
}
