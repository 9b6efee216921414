using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Postmaster.Fbl.Arf;

/// <summary>
/// Words that are nothing but a code or a hash of an address (<see cref="AddressCode"/>, <see cref="RareDigests"/>). Nearly no word is as long as one; for one that is, those of
/// its length are computed.
/// </summary>
internal sealed class WholeWords(List<PrivateAddress> addresses, RedactionKey key)
{
    /// <summary>Letters of the shortest word that is looked at, and of the longest.</summary>
    public const int Shortest = 16, MaxLength = 256;

    /// <summary>Digits of a hash that is written as a UUID (RFC 9562 §4), and signs of that.</summary>
    private const int UuidDigits = 32, UuidLength = 36;

    /// <param name="Sample">Its first letters, or its last.</param>
    private sealed record Form(string Sample, bool IsAtEnd, bool IgnoresCase, Func<(string Letters, byte[] Replacement)> Whole);

    private static readonly SearchValues<byte> Joints = SearchValues.Create("/-_+"u8);

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    private sealed record Input(byte[] Octets, byte[] Pseudonym, string Address)
    {
        public Lazy<string> Md5 { get; } = new(() => Convert.ToHexStringLower(CryptographicOperations.HashData(HashAlgorithmName.MD5, Octets)));
    }

    private readonly Dictionary<int, List<Form>> forms = [];
    private bool[]? lengths;
    private Input[] inputs = [];

    /// <summary>Null when there is nothing.</summary>
    public List<TextEdit>? Find(ReadOnlySpan<byte> text, TokenWords words)
    {
        lengths ??= Prepared();
        List<TextEdit>? edits = null;
        foreach (var word in words.Words)
        {
            // What goes on over a line end as base64 may be several words as well.
            for (var start = word.TextStart; start < word.TextEnd;)
            {
                var rest = text[start..word.TextEnd];
                var white = word.IsUnbroken ? -1 : rest.IndexOfAny(" \t\r\n"u8);
                var length = white < 0 ? rest.Length : white;
                LookInWord(rest[..length], start, ref edits);
                start += length + 1;
            }
        }
        return edits;
    }

    private void LookInWord(ReadOnlySpan<byte> whole, int at, ref List<TextEdit>? edits)
    {
        Look(whole, at, ref edits);
        if (whole.Length == UuidLength)
            LookAtUuid(whole, at, ref edits);
        for (var start = 0; whole[start..].IndexOfAny(Joints) is var length && (length >= 0 || start > 0);)
        {
            var end = length < 0 ? whole.Length : start + length;
            Look(whole[start..end], at + start, ref edits);
            if (length < 0)
                break;
            start = end + 1;
        }
    }

    private void Look(ReadOnlySpan<byte> word, int start, ref List<TextEdit>? edits)
    {
        if (word.Length >= MaxLength || !lengths![word.Length])
            return;
        foreach (var form in FormsOf(word.Length, isHex: !word.ContainsAnyExcept(HexDigits)))
        {
            if (form.Sample.Length > word.Length)
                continue;
            var sample = form.IsAtEnd ? word[^form.Sample.Length..] : word[..form.Sample.Length];
            if (!Equal(sample, form.Sample, form.IgnoresCase))
                continue;
            var (letters, replacement) = form.Whole();
            if (!Equal(word, letters, form.IgnoresCase))
                continue;
            var capitals = form.IgnoresCase && word.ContainsAnyInRange((byte)'A', (byte)'Z');
            (edits ??= []).Add(new TextEdit(start, word.Length, capitals ? Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(replacement).ToUpperInvariant()) : replacement));
            return;
        }
    }

    private static bool Equal(ReadOnlySpan<byte> word, string letters, bool ignoresCase) => ignoresCase ? Ascii.EqualsIgnoreCase(word, letters) : Ascii.Equals(word, letters);

    /// <summary>MD5 with the hyphens of a UUID.</summary>
    private void LookAtUuid(ReadOnlySpan<byte> word, int start, ref List<TextEdit>? edits)
    {
        Span<byte> digits = stackalloc byte[UuidDigits];
        var count = 0;
        foreach (var octet in word)
        {
            if (octet == '-')
                continue;
            if (count == UuidDigits)
                return;
            digits[count++] = octet;
        }
        if (count < UuidDigits)
            return;
        foreach (var input in inputs)
        {
            if (!Ascii.EqualsIgnoreCase(digits, input.Md5.Value))
                continue;
            var replacement = new StringBuilder(Convert.ToHexStringLower(key.DigestOf(input.Address).AsSpan(0, UuidDigits / 2)));
            for (var i = 0; i < word.Length; i++)
            {
                if (word[i] == '-')
                    replacement.Insert(i, '-');
            }
            (edits ??= []).Add(new TextEdit(start, word.Length, Encoding.ASCII.GetBytes(replacement.ToString())));
            return;
        }
    }

    private bool[] Prepared()
    {
        var all = new List<Input>();
        foreach (var address in addresses)
        {
            var local = PrivateAddress.Unquoted(address.Address.LocalPart);
            var domain = address.Address.Domain.Ascii;
            var whole = $"{local}@{domain}";
            var pseudonym = address.PseudonymBy(key);
            foreach (var text in new[] { whole, whole.ToLowerInvariant(), whole.ToUpperInvariant() }.Distinct(StringComparer.Ordinal))
                all.Add(new Input(Encoding.UTF8.GetBytes(text), Encoding.ASCII.GetBytes($"{pseudonym}@{domain}"), whole));
            if (!address.IsDistinctive)
                continue;
            foreach (var text in new[] { local, local.ToLowerInvariant() }.Distinct(StringComparer.Ordinal))
                all.Add(new Input(Encoding.UTF8.GetBytes(text), Encoding.ASCII.GetBytes(pseudonym), whole));
        }
        inputs = [.. all];
        var wanted = new bool[MaxLength];
        foreach (var octets in RareDigests.Lengths)
            wanted[octets * 2] = wanted[EncodedTokens.LettersOf(octets)] = true;
        foreach (var input in inputs)
        {
            foreach (var code in AddressCode.All)
            {
                var (least, most) = code.Lengths(input.Octets.Length);
                for (var length = least; length <= Math.Min(most, MaxLength - 1); length++)
                    wanted[length] = true;
            }
        }
        wanted.AsSpan(0, Shortest).Clear();
        return wanted;
    }

    /// <param name="isHex">The word is nothing but hexadecimal digits.</param>
    private List<Form> FormsOf(int length, bool isHex)
    {
        var index = (length * 2) + (isHex ? 1 : 0);
        if (forms.TryGetValue(index, out var known))
            return known;
        var all = new List<Form>();
        foreach (var input in inputs)
        {
            foreach (var code in AddressCode.All)
            {
                var (least, most) = code.Lengths(input.Octets.Length);
                if (length >= least && length <= most)
                    all.Add(new Form(code.Sample(input.Octets), code.IsAtEnd, code.IgnoresCase, () => (code.Encode(input.Octets), Encoding.ASCII.GetBytes(code.Encode(input.Pseudonym)))));
            }
            foreach (var octets in RareDigests.Lengths)
            {
                if (isHex && length == octets * 2)
                    all.AddRange(RareDigests.Of(input.Octets, octets).Select(digest => Written(Convert.ToHexStringLower(digest), true, () => Convert.ToHexStringLower(Instead(input, octets)))));
                else if (octets >= Shortest && length == EncodedTokens.LettersOf(octets))
                    all.AddRange(RareDigests.Of(input.Octets, octets).SelectMany(digest => InBase64(digest, input, octets)));
            }
        }
        forms[index] = all;
        return all;
    }

    private byte[] Instead(Input input, int octets) => key.DigestOf(input.Address)[..octets];

    private Form[] InBase64(byte[] digest, Input input, int octets) =>
    [
        Written(Convert.ToBase64String(digest).TrimEnd('='), false, () => Convert.ToBase64String(Instead(input, octets)).TrimEnd('=')),
        Written(Base64Url.EncodeToString(digest), false, () => Base64Url.EncodeToString(Instead(input, octets))),
    ];

    private static Form Written(string digest, bool ignoresCase, Func<string> instead) => new(digest, false, ignoresCase, () => (digest, Encoding.ASCII.GetBytes(instead())));
}
