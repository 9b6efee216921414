using System.Buffers;
using System.Buffers.Text;

namespace Postmaster.Fbl.Arf;

/// <summary>
/// Finds addresses, local-parts and hashes of them in words of base64 (plain or URL-safe), base32 and hex, such as the parameters of tracking links. A token is
/// encoded again from where the address stands in it to its end; what it decodes to differs in the address only.
/// </summary>
internal sealed class EncodedTokens
{
    private readonly TextRedactor redactor;
    private readonly AddressDigests digests;
    private readonly int shortest;

    public EncodedTokens(TextRedactor redactor, List<PrivateAddress> addresses, RedactionKey key)
    {
        this.redactor = redactor;
        digests = new AddressDigests(addresses, key);
        shortest = AddressDigests.Shortest;
        foreach (var form in addresses.SelectMany(address => address.Forms).Where(form => form.Domains.Length > 0))
            shortest = Math.Min(shortest, form.Owner.IsDistinctive ? form.LocalPart.Length : form.LocalPart.Length + 1 + form.Domains.Min(domain => domain.Length));
    }

    /// <summary>In no order; those of one token may overlap those of another. Null when there is nothing.</summary>
    public List<TextEdit>? Find(ReadOnlySpan<byte> text, int depth)
    {
        using var words = TokenWords.Find(text, ((shortest * 4) + 2) / 3);
        if (words is null)
            return null;
        List<TextEdit>? edits = null;
        FindInBase64(text, words, depth, ref edits);
        FindInHex(text, words, depth, ref edits);
        FindInBase32(text, words, depth, ref edits);
        return edits;
    }

    private List<TextEdit>? InDecoded(ReadOnlySpan<byte> octets, int depth)
    {
        var found = redactor.Find(octets, TextKind.Plain, depth + 1).Edits;
        return digests.Find(octets) is { } hashes ? FoundEdits.Of(found, hashes).Edits : found;
    }

    /// <summary>A path's "/" is a letter of base64, too, so a word may begin before the token: all four alignments are tried.</summary>
    private void FindInBase64(ReadOnlySpan<byte> text, TokenWords words, int depth, ref List<TextEdit>? edits)
    {
        var letters = words.Letters;
        var decoded = ArrayPool<byte>.Shared.Rent(letters.Length);
        for (var shift = 0; shift < 4; shift++)
        {
            var whole = letters[shift..];
            Base64.DecodeFromUtf8(whole[..(whole.Length / 4 * 4)], decoded, out _, out var length);
            if (InDecoded(decoded.AsSpan(0, length), depth) is not { } found)
                continue;
            edits ??= [];
            new Base64Token(text, words, decoded.AsSpan(0, length), shift).AddEdits(found, edits);
        }
        ArrayPool<byte>.Shared.Return(decoded);
    }

    private void FindInHex(ReadOnlySpan<byte> text, TokenWords words, int depth, ref List<TextEdit>? edits)
    {
        foreach (var word in words.Words)
        {
            foreach (var run in HexToken.Runs(words.Letters.Slice(word.Start, word.Length), shortest * 2) ?? [])
            {
                for (var parity = 0; parity < 2; parity++)
                {
                    var first = run.Start.Value + parity;
                    var octets = HexToken.Decode(words.Letters[(word.Start + first)..(word.Start + run.End.Value)]);
                    if (InDecoded(octets, depth) is not { } found)
                        continue;
                    foreach (var edit in found)
                        (edits ??= []).Add(HexToken.Edit(text, word, first, edit));
                }
            }
        }
    }

    private void FindInBase32(ReadOnlySpan<byte> text, TokenWords words, int depth, ref List<TextEdit>? edits)
    {
        foreach (var word in words.Words)
        {
            foreach (var run in Base32Token.Runs(words.Letters.Slice(word.Start, word.Length), ((shortest * 8) + 4) / 5) ?? [])
            {
                // Words of base64 go on over a line end, these do not.
                var end = run.End.Value;
                while (!word.IsUnbroken && TokenWords.PlaceOf(text, word, end - 1) - TokenWords.PlaceOf(text, word, run.Start.Value) >= end - run.Start.Value)
                    end--;
                for (var shift = 0; shift < 8; shift++)
                {
                    var first = run.Start.Value + shift;
                    if (first >= end)
                        break;
                    var letters = words.Letters[(word.Start + first)..(word.Start + end)];
                    var octets = Base32Token.Decode(letters);
                    if (InDecoded(octets, depth) is { } found)
                        (edits ??= []).Add(Base32Token.Edit(text, word, first, end, octets, found));
                }
            }
        }
    }
}
