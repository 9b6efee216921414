using System.Globalization;
using System.Numerics;
using System.Text;

namespace Postmaster.Fbl.Arf;

/// <summary>Encodings of a whole address in which nothing before or after it takes part, so that each has one form: numbers in base 36, 58 and 62, other alphabets of base32, things turned round.</summary>
/// <param name="IgnoresCase">Its letters may be capitals or small ones.</param>
/// <param name="Lengths">The letters of so many octets: at least, at most.</param>
/// <param name="Sample">A few letters that cost little: the first of a code, or the last where <paramref name="IsAtEnd"/>.</param>
internal sealed record AddressCode(Func<byte[], string> Encode, bool IgnoresCase, Func<int, (int Least, int Most)> Lengths, Func<byte[], string> Sample, bool IsAtEnd)
{
    private const string Digits = "0123456789", Small = "abcdefghijklmnopqrstuvwxyz", Capital = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// <summary>Letters of a number that are its sample.</summary>
    private const int LastLetters = 3;

    /// <summary>Octets of a group of base64 and of base32, which is a sample.</summary>
    private const int Group64 = 3, Group32 = 5;

    public static IReadOnlyList<AddressCode> All { get; } =
    [
        Number("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", false),
        Number(Digits + Capital + Small, false),
        Number(Digits + Small + Capital, false),
        Number(Capital + Small + Digits, false),
        Number(Digits + Small, true),
        Number(Digits, false),
        Base32("0123456789abcdefghijklmnopqrstuv"), // RFC 4648 §7
        Base32("0123456789abcdefghjkmnpqrstvwxyz"), // Crockford's
        Base32("ybndrfg8ejkmcpqxot1uwisza345h769"), // z-base-32
        Letters(octets => AddressForm.Reversed(Base64(octets)), false, EncodedTokens.LettersOf, atEnd: true),
        Letters(octets => Rotated(Base64(octets)), false, EncodedTokens.LettersOf, atEnd: false),
        Letters(octets => AddressForm.Reversed(Convert.ToHexStringLower(octets)), true, octets => octets * 2, atEnd: true),
    ];

    /// <summary>The octets as one number, the first the highest.</summary>
    private static AddressCode Number(string alphabet, bool ignoresCase)
    {
        var bits = Math.Log2(alphabet.Length);
        return new(octets => InBase(octets, alphabet), ignoresCase, octets => ((int)(((octets * 8) - 2) / bits), (int)(octets * 8 / bits) + 1), octets => Last(octets, alphabet), IsAtEnd: true);
    }

    private static string InBase(byte[] octets, string alphabet)
    {
        var rest = new BigInteger(octets, isUnsigned: true, isBigEndian: true);
        var letters = new StringBuilder();
        for (; rest > 0; rest /= alphabet.Length)
            letters.Insert(0, alphabet[(int)(rest % alphabet.Length)]);
        return letters.ToString();
    }

    private static string Last(byte[] octets, string alphabet)
    {
        var modulus = alphabet.Length * alphabet.Length * alphabet.Length;
        var rest = 0;
        foreach (var octet in octets)
            rest = ((rest << 8) | octet) % modulus;
        return string.Create(LastLetters, (alphabet, rest), static (letters, number) =>
        {
            for (var i = LastLetters - 1; i >= 0; i--, number.rest /= number.alphabet.Length)
                letters[i] = number.alphabet[number.rest % number.alphabet.Length];
        });
    }

    private static AddressCode Base32(string alphabet)
    {
        Func<byte[], string> encode = octets =>
        {
            var bits = string.Concat(octets.Select(octet => octet.ToString("b8", CultureInfo.InvariantCulture)));
            return string.Concat(bits.Chunk(5).Select(five => alphabet[Convert.ToInt32(new string(five).PadRight(5, '0'), 2)]));
        };
        return new(encode, true, octets => Same(((octets * 8) + 4) / 5), octets => encode(octets[..Math.Min(Group32, octets.Length)]), IsAtEnd: false);
    }

    private static AddressCode Letters(Func<byte[], string> encode, bool ignoresCase, Func<int, int> length, bool atEnd) =>
        new(encode, ignoresCase, octets => Same(length(octets)), octets => encode(octets[..Math.Min(Group64, octets.Length)]), atEnd);

    private static (int Least, int Most) Same(int length) => (length, length);

    private static string Base64(byte[] octets) => Convert.ToBase64String(octets).TrimEnd('=');

    private static string Rotated(string text) => string.Concat(text.Select(letter => char.IsAsciiLetterLower(letter) ? (char)('a' + ((letter - 'a' + 13) % 26))
        : char.IsAsciiLetterUpper(letter) ? (char)('A' + ((letter - 'A' + 13) % 26)) : letter));
}
