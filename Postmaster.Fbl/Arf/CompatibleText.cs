using System.Buffers;
using System.Text;

namespace Postmaster.Fbl.Arf;

/// <summary>Words in UTF-8 whose letters only look like those of an address (<see cref="LookAlikes"/>), or with characters between them that nobody sees: read as people do.</summary>
internal sealed class CompatibleText(TextRedactor redactor)
{
    /// <summary>Octets on each side of such a character that may belong to the word.</summary>
    private const int MaxSide = 512;

    /// <summary>Where one may stand. Punctuation of other scripts is left out: the matcher itself reads it.</summary>
    private static readonly BeginningFilter Candidates = FilterOfCandidates();

    /// <summary>Null when there is nothing.</summary>
    public List<TextEdit>? Find(ReadOnlySpan<byte> text, TextKind kind)
    {
        var first = text.IndexOfAnyInRange((byte)0x80, (byte)0xFF);
        if (first < 0)
            return null;
        List<TextEdit>? edits = null;
        var done = 0;
        var places = Candidates.In(text);
        for (var at = places.Next(Math.Max(0, first - 1)); at >= 0; at = places.Next(Math.Max(at + 1, done)))
        {
            if (char.IsAsciiLetterOrDigit((char)text[at]) && !IsMixed(text[(at + 1)..]))
                continue;
            var start = at;
            while (start > done && at - start < MaxSide && text[start - 1] > ' ')
                start--;
            while (start < at && (text[start] & 0xC0) == 0x80)
                start++;
            var length = text[at..Math.Min(text.Length, at + MaxSide)].IndexOfAnyInRange((byte)0, (byte)' ');
            done = length < 0 ? Math.Min(text.Length, at + MaxSide) : at + length;
            InRun(text[start..done], start, kind, ref edits);
        }
        return edits;
    }

    /// <summary>A letter of ASCII is followed by one that looks like another, or by what is not seen.</summary>
    private static bool IsMixed(ReadOnlySpan<byte> rest)
    {
        if (rest.Length < 2)
            return false;
        // Quotation marks, dashes and fixed spaces stand behind letters in every text.
        if (rest[0] == 0xC2 && rest[1] is not (0xAD or 0xAA or 0xBA or 0xB2 or 0xB3 or 0xB9))
            return false;
        if (rest.Length > 2 && rest[0] == 0xE2 && rest[1] == 0x80 && rest[2] is not ((>= 0x8B and <= 0x8F) or (>= 0xAA and <= 0xAE) or 0xA4))
            return false;
        return Rune.DecodeFromUtf8(rest, out var rune, out _) == OperationStatus.Done
            && (LookAlikes.IsInvisible(rune.Value) || LookAlikes.IsOrnament((byte)'x', rune.Value) || LookAlikes.ToAscii(rune.Value) != 0);
    }

    private void InRun(ReadOnlySpan<byte> run, int start, TextKind kind, ref List<TextEdit>? edits)
    {
        var octets = ArrayPool<byte>.Shared.Rent(run.Length);
        var places = ArrayPool<int>.Shared.Rent(run.Length + 1);
        int length = 0, changed = 0;
        for (var at = 0; at < run.Length;)
        {
            if (run[at] < 0x80)
            {
                places[length] = at;
                octets[length++] = run[at++];
                continue;
            }
            var valid = Rune.DecodeFromUtf8(run[at..], out var rune, out var size) == OperationStatus.Done;
            if (valid && (LookAlikes.IsInvisible(rune.Value) || LookAlikes.IsOrnament(length == 0 ? (byte)' ' : octets[length - 1], rune.Value)))
            {
                changed++;
            }
            else if (valid && LookAlikes.ToAscii(rune.Value) is var plain and > 0)
            {
                places[length] = at;
                octets[length++] = plain;
                changed++;
            }
            else
            {
                for (var i = 0; i < size; i++)
                {
                    places[length] = at + i;
                    octets[length++] = run[at + i];
                }
            }
            at += size;
        }
        places[length] = run.Length;
        if (changed > 0)
        {
            foreach (var edit in redactor.FindWritten(octets.AsSpan(0, length), kind) ?? [])
            {
                var (from, to) = (places[edit.Start], places[edit.End]);
                // What is written in ASCII is found where it stands.
                if (run[from..to].ContainsAnyInRange((byte)0x80, (byte)0xFF) || run[to..].ContainsAnyInRange((byte)0x80, (byte)0xFF))
                    (edits ??= []).Add(new TextEdit(start + from, to - from, edit.Replacement));
            }
        }
        ArrayPool<byte>.Shared.Return(octets);
        ArrayPool<int>.Shared.Return(places);
    }

    private static BeginningFilter FilterOfCandidates()
    {
        ReadOnlySpan<byte> letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"u8;
        var filter = new BeginningFilter();
        filter.Add(0, letters, [0xC2, 0xC4, 0xC9, 0xCA, 0xCC, 0xCD, 0xCE, 0xCF, 0xD0, 0xD1, 0xD2, 0xD3, 0xD4, 0xD8, 0xE1, 0xE2, 0xEA, 0xEF, 0xF3], default);
        filter.Add(1, [0xEF], [0xBC], Range(0x8E, 0xBA)); // fullwidth digits and capitals
        filter.Add(2, [0xEF], [0xBD], Range(0x81, 0x9A)); // fullwidth small letters
        filter.Add(3, [0xF0], [0x9D], Range(0x90, 0x9F)); // mathematical letters
        filter.Add(4, [0xF0], [0x9F], Range(0x84, 0x87)); // enclosed letters, flags
        filter.Add(5, [0xE2], Range(0x91, 0x93), default); // circled letters
        filter.Add(6, [0xE1], [0xB4, 0xB5], default); // raised letters, small capitals
        filter.Add(7, [0xF3], [0xA0], [0x80, 0x81]); // tags
        return filter;
    }

    private static byte[] Range(int first, int last) => [.. Enumerable.Range(first, last - first + 1).Select(octet => (byte)octet)];
}
