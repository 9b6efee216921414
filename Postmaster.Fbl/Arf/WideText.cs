using System.Buffers;

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
        for (var at = 0; at < text.Length;)
        {
            var zero = text[at..].IndexOf((byte)0);
            if (zero < 0)
                break;
            if (zero == 0)
            {
                at++;
                continue;
            }
            var start = at + zero - 1;
            var end = start;
            while (end + 1 < text.Length && text[end] != 0 && text[end + 1] == 0)
                end += 2;
            // In the order with the zero first, the last character has none behind it.
            if (end < text.Length && text[end] != 0)
                end++;
            at = end;
            if ((end - start) / 2 >= MinLength)
                InRun(text[start..end], start, kind, depth, ref edits);
        }
        return edits;
    }

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
