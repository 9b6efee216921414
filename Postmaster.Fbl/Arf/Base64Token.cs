using System.Buffers;
using System.Text;

namespace Postmaster.Fbl.Arf;

/// <summary>Encodes words of base64 again after an address in them has changed.</summary>
/// <param name="decoded">All the words of <paramref name="words"/>, decoded from the letter <paramref name="shift"/> on.</param>
internal readonly ref struct Base64Token(ReadOnlySpan<byte> text, TokenWords words, ReadOnlySpan<byte> decoded, int shift)
{
    private readonly ReadOnlySpan<byte> text = text;
    private readonly ReadOnlySpan<byte> decoded = decoded;

    private static readonly SearchValues<byte> UrlEdge = SearchValues.Create(" \t\r\n\"'<>"u8);

    /// <summary>Octets that show whether it is still text.</summary>
    private const int TextLooked = 6;

    public void AddEdits(List<TextEdit> found, List<TextEdit> edits)
    {
        var index = 0;
        for (var i = 0; i < found.Count;)
        {
            var first = shift + (found[i].Start / 3 * 4);
            while (index + 1 < words.Words.Count && words.Words[index + 1].Start <= first)
                index++;
            var word = words.Words[index];
            var last = LetterAfter(found[i].End);
            i++;
            if (first < word.Start || last > word.End)
                continue;
            var end = EndOfToken(word, first, last);
            var inToken = new List<TextEdit> { found[i - 1] };
            for (; i < found.Count && LetterAfter(found[i].End) <= end; i++)
                inToken.Add(found[i]);
            edits.Add(Rewritten(word, first, end, inToken));
        }
    }

    private int LetterAfter(int octet) => shift + (((octet * 8) + 5) / 6);

    /// <summary>A "/", "-" and the like may be a letter or stand after the token: it is a letter where what it decodes to is text or where no token could end.</summary>
    private int EndOfToken(TokenWord word, int first, int from)
    {
        var letters = words.Letters;
        for (var at = from; at < word.End; at++)
        {
            if (letters[at] is not ((byte)'+' or (byte)'/') && (word.IsUnbroken || !IsAfterBreak(word, at)))
                continue;
            var rest = (at - first) % 4;
            var spare = rest switch
            {
                2 => ValueOf(letters[at - 1]) & 15,
                3 => ValueOf(letters[at - 1]) & 3,
                _ => rest,
            };
            // RFC 4648 §3.5: no letter ends a group alone, and the bits that are left over are zero.
            if (spare == 0 && (!IsText(word, first, at) || (IsAfterBreak(word, at) && !words.IsFolded(word, text))))
                return at;
        }
        return word.End;
    }

    private bool IsAfterBreak(TokenWord word, int letter) => words.PlaceOf(word, letter - word.Start) is var place and > 0 && text[place - 1] is (byte)'\n' or (byte)' ' or (byte)'\t';

    private bool IsText(TokenWord word, int first, int letter)
    {
        var from = ((first - shift) / 4 * 3) + ((letter - first) * 6 / 8);
        var to = Math.Min(((word.End - shift) * 6 / 8), from + TextLooked);
        if (to <= from || to > decoded.Length)
            return false;
        foreach (var octet in decoded[from..to])
        {
            if (octet is (< 32 and not ((byte)'\t' or (byte)'\r' or (byte)'\n')) or >= 127)
                return false;
        }
        return true;
    }

    private TextEdit Rewritten(TokenWord word, int first, int end, List<TextEdit> found)
    {
        var octet = (first - shift) / 4 * 3;
        var old = end - first;
        var changed = FoundEdits.Apply(decoded.Slice(octet, old * 6 / 8), [.. found.Select(edit => edit with { Start = edit.Start - octet })]);
        var letters = Convert.ToBase64String(changed).TrimEnd('=');
        var start = words.PlaceOf(word, first - word.Start);
        var stop = words.PlaceOf(word, end - word.Start - 1) + 1;
        if (text[stop - 1] == '%')
            stop += 2;
        var original = text[start..stop];
        var missing = (4 - (letters.Length % 4)) % 4;
        var padding = end == word.End ? PaddingAt(stop, old) : default;
        if (word.IsUrlSafe)
            letters = letters.Replace('+', '-').Replace('/', '_');
        else if (original.Contains((byte)'%'))
            letters = letters.Replace("+", "%2B", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal);
        if (original.Contains((byte)'\n'))
            letters = Folded(letters, word, first - word.Start);
        if (padding.Length > 0)
            letters += string.Concat(Enumerable.Repeat(padding.Sign, missing));
        else if (end == word.End && old % 4 == 0 && !word.IsUrlSafe && !IsInUrl(start))
            letters += new string('=', missing);
        return new TextEdit(start, stop + padding.Length - start, Encoding.ASCII.GetBytes(letters));
    }

    /// <summary>The padding that belongs to a token of so many letters, as it is written; nothing when what stands there is none.</summary>
    private (int Length, string Sign) PaddingAt(int place, int letters)
    {
        var wanted = (4 - (letters % 4)) % 4;
        if (wanted is 0 or 3)
            return (0, "");
        foreach (var sign in (ReadOnlySpan<string>)["=", "%3D", "%3d", "=3D", "\\u003d"])
        {
            var whole = string.Concat(Enumerable.Repeat(sign, wanted));
            if (text.Length >= place + whole.Length && Ascii.Equals(text.Slice(place, whole.Length), whole))
                return (whole.Length, sign);
        }
        return (0, "");
    }

    private bool IsInUrl(int place)
    {
        const int most = 512;
        var before = text[Math.Max(0, place - most)..place];
        return before[(before.LastIndexOfAny(UrlEdge) + 1)..].IndexOf("://"u8) >= 0;
    }

    /// <summary>On lines as long as the first one, with the same line ends.</summary>
    private string Folded(string letters, TokenWord word, int first)
    {
        var whole = text[word.TextStart..word.TextEnd];
        var line = whole.IndexOfAny((byte)'\r', (byte)'\n');
        var fold = Encoding.ASCII.GetString(whole.Slice(line, Math.Max(1, whole[line..].IndexOfAnyExcept(" \t\r\n"u8))));
        var folded = new StringBuilder(letters.Length + (letters.Length / line * fold.Length) + fold.Length);
        var column = first % line;
        foreach (var letter in letters)
        {
            if (column == line)
            {
                folded.Append(fold);
                column = 0;
            }
            folded.Append(letter);
            column++;
        }
        return folded.ToString();
    }

    private static int ValueOf(byte letter) => letter switch
    {
        >= (byte)'A' and <= (byte)'Z' => letter - 'A',
        >= (byte)'a' and <= (byte)'z' => letter - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => letter - '0' + 52,
        (byte)'+' => 62,
        _ => 63,
    };
}
