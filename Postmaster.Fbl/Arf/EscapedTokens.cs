using System.Buffers;

namespace Postmaster.Fbl.Arf;

/// <summary>Tokens of base64 and the like whose own letters are escaped (%59%57%35...): the escapes of a run are undone, and it is looked at as <see cref="EncodedTokens"/> does.</summary>
internal sealed class EscapedTokens(TextRedactor redactor)
{
    /// <summary>Fewer letters hold no local-part that is looked for.</summary>
    private const int MinLetters = 8;

    private static readonly SearchValues<byte> Introducers = SearchValues.Create("%&\\="u8);
    private static readonly SearchValues<byte> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_="u8);

    /// <summary>Null when there is nothing.</summary>
    public List<TextEdit>? Find(ReadOnlySpan<byte> text, int depth)
    {
        List<TextEdit>? edits = null;
        var done = 0;
        while (done < text.Length)
        {
            var next = text[done..].IndexOfAny(Introducers);
            if (next < 0)
                break;
            var at = done + next;
            if (!CharacterEscapes.TryRead(text, at, out var value, out var length) || !Letters.Contains(value))
            {
                done = at + Math.Max(1, length);
                continue;
            }
            var start = at;
            while (start > done && Letters.Contains(text[start - 1]))
                start--;
            done = InRun(text, start, at + length, depth, ref edits);
        }
        return edits;
    }

    /// <returns>Where the run ends.</returns>
    private int InRun(ReadOnlySpan<byte> text, int start, int least, int depth, ref List<TextEdit>? edits)
    {
        var places = new List<int>();
        var letters = new ArrayBufferWriter<byte>();
        int position = start, escapes = 0;
        while (position < text.Length)
        {
            var value = text[position];
            var length = 1;
            if (CharacterEscapes.IsIntroducer(value) && CharacterEscapes.TryRead(text, position, out var inner, out var more))
            {
                (value, length) = (inner, more);
                escapes++;
            }
            if (!Letters.Contains(value))
                break;
            places.Add(position);
            letters.Write([value]);
            position += length;
        }
        places.Add(position);
        if (escapes < 2 || letters.WrittenCount < MinLetters || redactor.Find(letters.WrittenSpan, TextKind.Plain, depth + 1).Edits is not { } found)
            return Math.Max(position, least);
        foreach (var edit in found)
            (edits ??= []).Add(new TextEdit(places[edit.Start], places[edit.End] - places[edit.Start], edit.Replacement));
        return Math.Max(position, least);
    }
}
