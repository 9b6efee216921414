using System.Buffers;

namespace Postmaster.Fbl.Arf;

/// <summary>Tokens of base64 and the like whose own letters are escaped (%59%57%35...): the escapes of a run are undone, and it is looked at as <see cref="EncodedTokens"/> does.</summary>
internal sealed class EscapedTokens(TextRedactor redactor)
{
    /// <summary>Fewer letters hold no local-part that is looked for.</summary>
    private const int MinLetters = 8;

    /// <summary>Fewer escapes leave the letters around them readable as they are.</summary>
    private const int MinEscapes = 2;

    /// <summary>Octets of the shortest run: an escape has one more than what it stands for, or several.</summary>
    public const int Shortest = MinLetters + MinEscapes;

    /// <summary>Where an escape of a letter may begin.</summary>
    private static readonly BeginningFilter Escapes = FilterOfEscapes();

    private static readonly SearchValues<byte> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_="u8);

    /// <summary>Null when there is nothing.</summary>
    public List<TextEdit>? Find(ReadOnlySpan<byte> text, int depth)
    {
        List<TextEdit>? edits = null;
        var done = 0;
        var places = Escapes.In(text);
        for (var at = places.Next(0); at >= 0; at = places.Next(done))
        {
            if (!CharacterEscapes.TryRead(text, at, out var value, out var length) || !Letters.Contains(value))
            {
                done = at + Math.Max(1, length);
                continue;
            }
            var start = at;
            while (start > done && Letters.Contains(text[start - 1]))
                start--;
            done = Math.Max(EndOf(text, start, out var letters, out var escapes), at + length);
            if (escapes >= MinEscapes && letters >= MinLetters)
                InRun(text[start..done], start, letters, depth, ref edits);
        }
        return edits;
    }

    private static int EndOf(ReadOnlySpan<byte> text, int start, out int letters, out int escapes)
    {
        (letters, escapes) = (0, 0);
        var position = start;
        for (; position < text.Length; letters++)
        {
            var (value, length) = Letter(text, position);
            if (!Letters.Contains(value))
                break;
            escapes += length > 1 ? 1 : 0;
            position += length;
        }
        return position;
    }

    private void InRun(ReadOnlySpan<byte> run, int start, int count, int depth, ref List<TextEdit>? edits)
    {
        var places = ArrayPool<int>.Shared.Rent(count + 1);
        var letters = ArrayPool<byte>.Shared.Rent(count);
        var position = 0;
        for (var i = 0; i < count; i++)
        {
            places[i] = start + position;
            (letters[i], var length) = Letter(run, position);
            position += length;
        }
        places[count] = start + position;
        foreach (var edit in redactor.Find(letters.AsSpan(0, count), TextKind.Plain, depth + 1).Edits ?? [])
            (edits ??= []).Add(new TextEdit(places[edit.Start], places[edit.End] - places[edit.Start], edit.Replacement));
        ArrayPool<int>.Shared.Return(places);
        ArrayPool<byte>.Shared.Return(letters);
    }

    private static (byte Value, int Length) Letter(ReadOnlySpan<byte> text, int position) =>
        CharacterEscapes.IsIntroducer(text[position]) && CharacterEscapes.TryRead(text, position, out var inner, out var length) ? (inner, length) : (text[position], 1);

    private static BeginningFilter FilterOfEscapes()
    {
        var filter = new BeginningFilter();
        filter.Add(0, "%"u8, "234567"u8, "0123456789abcdefABCDEF%=&\\"u8);
        filter.Add(1, "="u8, "234567"u8, "0123456789abcdefABCDEF%=&\\"u8);
        filter.Add(2, "%="u8, "uU"u8, "0%=&\\"u8);
        filter.Add(3, "%="u8, "%=&\\"u8, default);
        filter.Add(4, "&"u8, [.. "#%=&\\"u8, .. CharacterEscapes.NameBeginnings], default);
        filter.Add(5, "\\"u8, default, default);
        return filter;
    }
}
