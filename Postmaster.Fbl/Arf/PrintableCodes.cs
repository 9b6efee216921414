using System.Text;

namespace Postmaster.Fbl.Arf;

/// <summary>
/// Codes with signs among their letters, in which an address looks the same wherever it stands: ROT47, atbash, Morse, a line of uuencode, yEnc, and Ascii85 with its
/// kin (RFC 1924, Z85), which write four octets at a time, so that there are four ways of each. Such are computed once and looked for as they are.
/// </summary>
internal sealed class PrintableCodes(List<PrivateAddress> addresses, RedactionKey key)
{
    /// <summary>Octets of one group in base85, and its letters.</summary>
    private const int Group = 4, Letters = 5;

    /// <summary>Characters of the address whose code is longer than a beginning.</summary>
    private const int Beginning = 5;

    /// <summary>Octets of the longest line of uuencode.</summary>
    private const int MaxLine = 45;

    private static readonly string[] Alphabets85 =
    [
        string.Concat(Enumerable.Range('!', 85).Select(letter => (char)letter)),
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~",
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#",
    ];

    /// <summary>What stands for the dots and the sign of an address in names of files and pages.</summary>
    private static readonly (string Dot, string At)[] Joints = [("_", "_at_"), ("-", "-at-"), ("_", "_"), ("-", "-"), ("", "at"), ("", ""), ("dot", "at")];

    private static readonly string[] Morse =
    [
        ".-", "-...", "-.-.", "-..", ".", "..-.", "--.", "....", "..", ".---", "-.-", ".-..", "--", "-.", "---", ".--.", "--.-", ".-.", "...", "-", "..-", "...-", ".--", "-..-", "-.--", "--..",
        "-----", ".----", "..---", "...--", "....-", ".....", "-....", "--...", "---..", "----.",
    ];

    /// <param name="Beginning">Its first octets, more than the filter looks at.</param>
    /// <param name="Whole">The code and what stands in its place: made when the beginning is met.</param>
    /// <param name="IsWord">Letters and digits before or after it make it something else.</param>
    private sealed record Needle(byte[] Beginning, bool IgnoresCase, Func<(byte[] Code, byte[] Replacement)> Whole, bool IsWord = false)
    {
        private (byte[] Code, byte[] Replacement)? whole;

        public (byte[] Code, byte[] Replacement) Value => whole ??= Whole();
    }

    private readonly List<Needle> needles = [];
    private BeginningFilter? beginnings;

    /// <summary>Null when there is nothing.</summary>
    public List<TextEdit>? Find(ReadOnlySpan<byte> text)
    {
        List<TextEdit>? edits = null;
        var places = (beginnings ??= Prepared()).In(text);
        for (var at = places.Next(0); at >= 0; at = places.Next(at + 1))
        {
            foreach (var needle in needles)
            {
                if (!StartsWith(text[at..], needle.Beginning, needle.IgnoresCase) || !StartsWith(text[at..], needle.Value.Code, needle.IgnoresCase)
                    || (needle.IsWord && !StandsAlone(text, at, needle.Value.Code.Length)))
                    continue;
                (edits ??= []).Add(new TextEdit(at, needle.Value.Code.Length, needle.Value.Replacement));
                at += needle.Value.Code.Length - 1;
                break;
            }
        }
        return edits;
    }

    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> code, bool ignoresCase) =>
        ignoresCase ? text.Length >= code.Length && Ascii.EqualsIgnoreCase(text[..code.Length], code) : text.StartsWith(code);

    private static bool StandsAlone(ReadOnlySpan<byte> text, int start, int length) =>
        (start == 0 || !char.IsAsciiLetterOrDigit((char)text[start - 1])) && (start + length == text.Length || !char.IsAsciiLetterOrDigit((char)text[start + length]));

    private BeginningFilter Prepared()
    {
        foreach (var address in addresses)
        {
            var local = PrivateAddress.Unquoted(address.Address.LocalPart);
            var texts = new[] { $"{local}@{address.Address.Domain.Ascii}", $"{local}@{address.Address.Domain.Ascii}".ToLowerInvariant() };
            foreach (var text in texts.Distinct(StringComparer.Ordinal).Where(text => Ascii.IsValid(text)))
                Add(address, text, local.Length);
        }
        var filter = new BeginningFilter();
        for (var i = 0; i < needles.Count; i++)
        {
            var (beginning, group) = (needles[i].Beginning, i % BeginningFilter.Groups);
            filter.Add(group, Cases(beginning[0], needles[i].IgnoresCase), Cases(beginning[1], needles[i].IgnoresCase), Cases(beginning[2], needles[i].IgnoresCase));
        }
        return filter;
    }

    private static byte[] Cases(byte octet, bool both) => both && char.IsAsciiLetter((char)octet) ? [octet, (byte)(octet ^ 0x20)] : [octet];

    private void Add(PrivateAddress address, string text, int local)
    {
        var pseudonym = address.PseudonymBy(key) + text[local..];
        if (address.IsDistinctive)
        {
            foreach (var (dot, at) in Joints)
                AddCode(text, pseudonym, true, plain => plain.Replace(".", dot, StringComparison.Ordinal).Replace("@", at, StringComparison.Ordinal), isWord: true);
        }
        foreach (var alphabet in Alphabets85)
        {
            for (var skip = 0; skip < Group; skip++)
                Add85(address, text, local, skip, alphabet);
        }
        AddCode(text, pseudonym, false, Rotated);
        AddCode(text, pseudonym, true, Mirrored);
        AddCode(text, pseudonym, false, InMorse);
        AddCode(text, pseudonym, false, AddedTo);
        if (text.Length <= MaxLine)
        {
            AddLine(text, pseudonym, ' ');
            AddLine(text, pseudonym, '`');
        }
    }

    private void AddCode(string text, string pseudonym, bool ignoresCase, Func<string, string> encode, bool isWord = false)
    {
        var beginning = Encoding.Latin1.GetBytes(encode(text[..Math.Min(Beginning, text.Length)]));
        if (beginning.Length < BeginningFilter.Depth)
            return;
        needles.Add(new Needle(beginning[..BeginningFilter.Depth], ignoresCase, () => (Encoding.Latin1.GetBytes(encode(text)), Encoding.Latin1.GetBytes(encode(pseudonym))), isWord));
    }

    /// <summary>It begins with a letter for the length of the line; zeros at its end may be left out.</summary>
    private void AddLine(string text, string pseudonym, char zero)
    {
        byte[] beginning = [(byte)(' ' + text.Length), .. UuencodedText.Line(Encoding.ASCII.GetBytes(text[..3]), (byte)zero).AsSpan(1)];
        needles.Add(new Needle(beginning, false, () => (Encoding.Latin1.GetBytes(Line(text)), Encoding.Latin1.GetBytes(Line(pseudonym)))));

        string Line(string plain) => Encoding.Latin1.GetString(UuencodedText.Line(Encoding.ASCII.GetBytes(plain), (byte)zero)).TrimEnd(zero);
    }

    /// <summary>The groups that lie in the address whole; where its local-part says enough, those in it. Their number stays, so what stands beside them does.</summary>
    private void Add85(PrivateAddress address, string text, int local, int skip, string alphabet)
    {
        var most = address.IsUnmistakable ? (local - skip) / Group : 0;
        var groups = Math.Max(most >= 3 ? most : 0, (text.Length - skip) / Group);
        if (groups < 3)
            return;
        needles.Add(new Needle(In85(text.AsSpan(skip, Group), alphabet), false, () => Of(groups)));
        if (most >= 3 && most < groups)
            needles.Add(new Needle(In85(text.AsSpan(skip, Group), alphabet), false, () => Of(most)));

        (byte[] Code, byte[] Replacement) Of(int count)
        {
            var name = address.PseudonymBy(key);
            var instead = string.Create(text.Length, (name, text, local), static (output, from) =>
            {
                for (var i = 0; i < output.Length; i++)
                    output[i] = i < from.local ? from.name[i % from.name.Length] : from.text[i];
            });
            return (In85(text.AsSpan(skip, count * Group), alphabet), In85(instead.AsSpan(skip, count * Group), alphabet));
        }
    }

    private static byte[] In85(ReadOnlySpan<char> text, string alphabet)
    {
        var letters = new byte[text.Length / Group * Letters];
        for (var i = 0; i < text.Length / Group; i++)
        {
            var value = ((uint)text[i * Group] << 24) | ((uint)text[(i * Group) + 1] << 16) | ((uint)text[(i * Group) + 2] << 8) | text[(i * Group) + 3];
            for (var j = Letters - 1; j >= 0; j--, value /= 85)
                letters[(i * Letters) + j] = (byte)alphabet[(int)(value % 85)];
        }
        return letters;
    }

    private static string Rotated(string text) => string.Concat(text.Select(letter => letter is >= '!' and <= '~' ? (char)('!' + ((letter - '!' + 47) % 94)) : letter));

    private static string Mirrored(string text) => string.Concat(text.Select(letter => char.IsAsciiLetter(letter) ? (char)('a' + 'z' - (letter | 0x20)) : letter));

    private static string AddedTo(string text) => string.Concat(text.Select(letter => (char)((letter + 42) & 0xFF)));

    private static string InMorse(string text) => string.Join(' ', text.Select(letter => letter switch
    {
        _ when char.IsAsciiLetter(letter) => Morse[(letter | 0x20) - 'a'],
        _ when char.IsAsciiDigit(letter) => Morse[26 + letter - '0'],
        '.' => ".-.-.-",
        '-' => "-....-",
        '_' => "..--.-",
        '+' => ".-.-.",
        _ => ".--.-.",
    }));
}
