using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Postmaster.Fbl.Arf;

/// <summary>An address whose characters stand one by one with the same sign or signs between: "a n n", "a-n-n", ["a","n","n"]. It is read without them, and written again with them.</summary>
internal sealed class SpacedText(TextRedactor redactor)
{
    /// <summary>Characters in a row that are read; fewer hold no address.</summary>
    private const int MinLength = 6;

    /// <summary>Octets between two characters.</summary>
    private const int MaxBetween = 4;

    private const int Block = 64;

    private static readonly OctetTable LetterTable = new(OctetTable.TablesOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"u8));

    /// <summary>Null when there is nothing.</summary>
    public List<TextEdit>? Find(ReadOnlySpan<byte> text, TextKind kind)
    {
        List<TextEdit>? edits = null;
        var done = 0;
        for (var block = 0; block < text.Length; block += Block)
        {
            for (var singles = SinglesIn(text, block); singles != 0; singles &= singles - 1)
            {
                var at = block + BitOperations.TrailingZeroCount(singles);
                if (at >= done && Between(text, at) is var between and > 0)
                    done = InRun(text, done, at, between, kind, ref edits);
            }
        }
        return edits;
    }

    /// <summary>Letters and digits of a block with neither before nor after them, and with three such behind them that stand equally far apart.</summary>
    private static ulong SinglesIn(ReadOnlySpan<byte> text, int block)
    {
        var letters = LettersIn(text, block);
        var before = (letters << 1) | (block > 0 && char.IsAsciiLetterOrDigit((char)text[block - 1]) ? 1UL : 0);
        var after = (letters >> 1) | (block + Block < text.Length && char.IsAsciiLetterOrDigit((char)text[block + Block]) ? 1UL << (Block - 1) : 0);
        var singles = letters & ~before & ~after;
        if (singles == 0)
            return 0;
        ulong rows = 0;
        for (var step = 2; step <= MaxBetween + 1; step++)
        {
            var pairs = singles & (singles >> step);
            rows |= pairs & (pairs >> (2 * step));
        }
        return rows;
    }

    private static ulong LettersIn(ReadOnlySpan<byte> text, int block)
    {
        if (block + Block > text.Length)
        {
            Span<byte> rest = stackalloc byte[Block];
            text[block..].CopyTo(rest);
            return LettersIn(rest, 0);
        }
        return OctetTable.Bits(LetterTable.Groups(ref MemoryMarshal.GetReference(text), block));
    }

    /// <summary>Octets between this letter and the next, when the same ones stand behind the next; 0 when they do not.</summary>
    private static int Between(ReadOnlySpan<byte> text, int at)
    {
        for (var length = 1; length <= MaxBetween && at + (2 * (length + 1)) < text.Length; length++)
        {
            if (!char.IsAsciiLetterOrDigit((char)text[at + 1 + length]))
                continue;
            var next = at + 1 + length;
            return next + 1 + length <= text.Length && text.Slice(at + 1, length).SequenceEqual(text.Slice(next + 1, length)) ? length : 0;
        }
        return 0;
    }

    /// <returns>Where the run ends.</returns>
    private int InRun(ReadOnlySpan<byte> text, int done, int start, int between, TextKind kind, ref List<TextEdit>? edits)
    {
        var signs = text.Slice(start + 1, between);
        var step = between + 1;
        while (start - step >= done && text[start - step] is > 32 and < 127 && text.Slice(start - between, between).SequenceEqual(signs))
            start -= step;
        var count = 1;
        while (start + (count * step) < text.Length && text[start + (count * step)] is > 32 and < 127 && text.Slice(start + (count * step) - between, between).SequenceEqual(signs))
            count++;
        var end = start + ((count - 1) * step) + 1;
        // The last may be the first of a word.
        if (end < text.Length && char.IsAsciiLetterOrDigit((char)text[end]))
            count--;
        if (count < MinLength)
            return start + 1;
        var characters = ArrayPool<byte>.Shared.Rent(count);
        for (var i = 0; i < count; i++)
            characters[i] = text[start + (i * step)];
        foreach (var edit in redactor.FindWritten(characters.AsSpan(0, count), kind) ?? [])
        {
            var written = new ArrayBufferWriter<byte>();
            for (var i = 0; i < edit.Replacement.Length; i++)
            {
                written.Write(i == 0 ? default : signs);
                written.Write([edit.Replacement[i]]);
            }
            (edits ??= []).Add(new TextEdit(start + (edit.Start * step), ((edit.Length - 1) * step) + 1, written.WrittenSpan.ToArray()));
        }
        ArrayPool<byte>.Shared.Return(characters);
        return end;
    }
}
