using System.Buffers;
using System.Buffers.Text;

namespace Postmaster.Fbl.Arf;

/// <summary>
/// Finds addresses, local-parts and hashes of them in words of base64 (plain or URL-safe), base32 and hex, such as the parameters of tracking links. A token is
/// encoded again from where the address stands in it to its end; what it decodes to differs in the address only.
/// </summary>
internal sealed class EncodedTokens
{
    /// <summary>Octets of an address with all its escapes.</summary>
    private const int MaxWritten = 512;

    /// <summary>Zeros between runs, more than any text has in a row.</summary>
    private const int Gap = 8;

    private static readonly OctetRuns LettersOrEscapes = new("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_%&\\=;#{}"u8);

    private readonly TextRedactor redactor;
    private readonly AddressDigests digests;
    private readonly CompressedText compressed;
    private readonly WholeWords? wholeWords;
    private readonly int shortest;

    /// <summary>Octets of the shortest local-part without its dots, which may be left out.</summary>
    private readonly int fewest;

    /// <summary>Octets of the shortest token as it is written.</summary>
    private readonly int least;

    public EncodedTokens(TextRedactor redactor, List<PrivateAddress> addresses, RedactionKey key, bool rarer)
    {
        this.redactor = redactor;
        digests = new AddressDigests(addresses, key);
        compressed = new CompressedText(redactor);
        wholeWords = rarer ? new WholeWords(addresses, key) : null;
        shortest = fewest = AddressDigests.Shortest;
        foreach (var form in addresses.SelectMany(address => address.Forms).Where(form => form.Domains.Length > 0))
        {
            shortest = Math.Min(shortest, form.Owner.IsDistinctive ? form.LocalPart.Length : form.LocalPart.Length + 1 + form.Domains.Min(domain => domain.Length));
            fewest = Math.Min(fewest, form.LocalPart.Length - form.LocalPart.AsSpan().Count((byte)'.'));
        }
        least = Math.Min(LettersOf(shortest), EscapedTokens.Shortest);
    }

    /// <summary>Whether any token, perhaps an escaped one, may be in the text: octets that are none seldom hold so many letters in a row.</summary>
    public bool MayBeIn(ReadOnlySpan<byte> text) => LettersOrEscapes.Next(text, 0, least) >= 0;

    /// <summary>In no order; those of one token may overlap those of another. Null when there is nothing.</summary>
    public List<TextEdit>? Find(ReadOnlySpan<byte> text, int depth)
    {
        using var words = TokenWords.Find(text, wholeWords is null ? LettersOf(shortest) : Math.Min(LettersOf(shortest), WholeWords.Shortest));
        if (words is null)
            return null;
        List<TextEdit>? edits = null;
        FindInBase64(text, words, depth, ref edits);
        FindInRuns(text, words, HexToken.Instance, depth, ref edits);
        FindInRuns(text, words, Base32Token.Instance, depth, ref edits);
        FindInLines(text, words, depth, ref edits);
        if (depth == 0 && wholeWords?.Find(text, words) is { } codes)
            (edits ??= []).AddRange(codes);
        return edits;
    }

    /// <summary>
    /// A line may be a token of its own, though it could as well be the end of the one above: then its first octet begins a word. What is found in the whole counts first;
    /// what is not in it and stands in a line alone is added.
    /// </summary>
    private void FindInLines(ReadOnlySpan<byte> text, TokenWords words, int depth, ref List<TextEdit>? edits)
    {
        using var lines = words.Lines(text, LettersOf(shortest));
        if (lines is null)
            return;
        List<TextEdit>? inLines = null;
        FindInBase64(text, lines, depth, ref inLines);
        FindInRuns(text, lines, HexToken.Instance, depth, ref inLines);
        if (inLines is null)
            return;
        edits ??= [];
        edits.Sort(static (one, other) => one.Start.CompareTo(other.Start));
        inLines.Sort(static (one, other) => one.Start.CompareTo(other.Start));
        var (next, end) = (0, 0);
        var inWhole = edits.Count;
        foreach (var edit in inLines)
        {
            for (; next < inWhole && edits[next].Start < edit.End; next++)
                end = Math.Max(end, edits[next].End);
            if (end > edit.Start)
                redactor.PutOff();
            else
                edits.Add(edit);
        }
    }

    /// <summary>Letters of base64 without padding.</summary>
    public static int LettersOf(int octets) => ((octets * 4) + 2) / 3;

    /// <summary>In a part that is one packed file.</summary>
    public List<TextEdit>? InPacked(ReadOnlySpan<byte> octets) => octets.Length > 0 && octets[0] is 0x1F or 0x78 ? compressed.Find(octets, 0) : null;

    /// <summary>What is to be replaced in octets that something in the text stands for.</summary>
    public List<TextEdit>? InDecoded(ReadOnlySpan<byte> octets, int depth)
    {
        var found = new FoundEdits(redactor.Find(octets, TextKind.Plain, depth + 1).Edits, false);
        found = Also(found, digests.Find(octets));
        return Also(found, compressed.Find(octets, depth)).Edits;
    }

    private FoundEdits Also(FoundEdits found, List<TextEdit>? more)
    {
        if (more is null)
            return found;
        var all = FoundEdits.Of(found.Edits, more);
        if (all.More)
            redactor.PutOff();
        return all;
    }

    /// <summary>A path's "/" is a letter of base64, too, so a word may begin before the token: all four alignments are tried.</summary>
    private void FindInBase64(ReadOnlySpan<byte> text, TokenWords words, int depth, ref List<TextEdit>? edits)
    {
        var letters = words.Letters;
        var decoded = ArrayPool<byte>.Shared.Rent(letters.Length);
        var breaks = words.Breaks(text);
        for (var shift = 0; shift < 4; shift++)
        {
            var groups = letters[shift..];
            Base64.DecodeFromUtf8(groups[..(groups.Length / 4 * 4)], decoded, out _, out var length);
            var found = InDecoded(decoded.AsSpan(0, length), depth);
            if (breaks is not null)
                found = AtLineStarts(decoded.AsSpan(0, length), breaks, shift, found);
            if (found is null)
                continue;
            edits ??= [];
            new Base64Token(text, words, decoded.AsSpan(0, length), shift).AddEdits(found, edits);
        }
        ArrayPool<byte>.Shared.Return(decoded);
    }

    /// <summary>A line may begin a token of its own: what it begins with is no part of the word that the line above ends with.</summary>
    private List<TextEdit>? AtLineStarts(ReadOnlySpan<byte> decoded, List<int> breaks, int shift, List<TextEdit>? found)
    {
        List<TextEdit>? more = null;
        foreach (var letter in breaks)
        {
            var octet = (letter - shift) / 4 * 3;
            if (letter <= shift || (letter - shift) % 4 != 0 || octet >= decoded.Length || !char.IsAsciiLetterOrDigit((char)decoded[octet - 1]))
                continue;
            var line = decoded[octet..Math.Min(decoded.Length, octet + MaxWritten)];
            if (redactor.FindWritten(line, TextKind.Plain) is [{ Start: 0 } first, ..])
                (more ??= []).Add(first with { Start = octet });
        }
        return Also(new FoundEdits(found, false), more).Edits;
    }

    /// <summary>All the runs are decoded into one buffer, zeros between them, so that it is looked at once for each place of a group where tokens may begin.</summary>
    private void FindInRuns(ReadOnlySpan<byte> text, TokenWords words, TokenAlphabet alphabet, int depth, ref List<TextEdit>? edits)
    {
        if (alphabet.Runs(words, alphabet.LettersFor(shortest)) is not { } runs)
            return;
        // A run of digits may be one of small letters and one of capitals: runs overlap.
        if (runs.Count == 0)
            return;
        var longest = runs.Max(run => run.End - run.Start);
        var decoded = ArrayPool<byte>.Shared.Rent(runs.Sum(run => run.End - run.Start + Gap));
        var starts = new int[runs.Count + 1];
        // What is left of the last letters holds no address.
        for (var shift = 0; shift < alphabet.Shifts && longest - shift >= alphabet.LettersFor(fewest); shift++)
        {
            for (var i = 0; i < runs.Count; i++)
            {
                var (word, start, end) = runs[i];
                var letters = words.Letters[(word.Start + Math.Min(start + shift, end))..(word.Start + end)];
                var length = starts[i] + alphabet.Decode(letters, decoded.AsSpan(starts[i]));
                decoded.AsSpan(length, Gap).Clear();
                starts[i + 1] = length + Gap;
            }
            if (InDecoded(decoded.AsSpan(0, starts[^1]), depth) is not { } found)
                continue;
            for (int i = 0, next = 0; next < found.Count;)
            {
                while (starts[i + 1] <= found[next].Start)
                    i++;
                var inRun = new List<TextEdit>();
                for (; next < found.Count && found[next].End <= starts[i + 1] - Gap; next++)
                    inRun.Add(found[next] with { Start = found[next].Start - starts[i] });
                if (inRun.Count > 0)
                    alphabet.AddEdits(text, words, runs[i] with { Start = runs[i].Start + shift }, decoded.AsSpan(starts[i]..(starts[i + 1] - Gap)), inRun, edits ??= []);
                else
                    next++; // it reaches into the gap
            }
        }
        ArrayPool<byte>.Shared.Return(decoded);
    }
}
