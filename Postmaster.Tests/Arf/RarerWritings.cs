using System.Globalization;
using System.IO.Compression;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Postmaster.Fbl.Arf;
using static Postmaster.Tests.Arf.HidingPlaces;

namespace Postmaster.Tests.Arf;

/// <summary>Ways to write an address that few programs use, each with the way back; where there is none, as for a hash, the writing itself must be gone. Octets are characters here (Latin-1).</summary>
internal static class RarerWritings
{
    private const string Digits = "0123456789", Small = "abcdefghijklmnopqrstuvwxyz", Capital = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    private static readonly string[] Morse =
    [
        ".-", "-...", "-.-.", "-..", ".", "..-.", "--.", "....", "..", ".---", "-.-", ".-..", "--", "-.", "---", ".--.", "--.-", ".-.", "...", "-", "..-", "...-", ".--", "-..-", "-.--", "--..",
        "-----", ".----", "..---", "...--", "....-", ".....", "-....", "--...", "---..", "----.", ".-.-.-", ".--.-.",
    ];

    public static IEnumerable<(string Name, string Text, Func<string, string>? Back)> All() => [.. Letters(), .. Signs(), .. Numbers(), .. Codes(), .. Packed(), .. Hashes()];

    private static IEnumerable<(string Name, string Text, Func<string, string>? Back)> Letters()
    {
        foreach (var (name, first, capitals) in new[] { ("fullwidth", 0xFF41, false), ("fullwidth capitals", 0xFF21, true), ("bold", 0x1D41A, false), ("sans-serif", 0x1D5BA, false), ("monospace", 0x1D68A, false),
            ("circled", 0x24D0, false), ("in brackets", 0x249C, false), ("black circles", 0x1F150, false), ("flags", 0x1F1E6, false) })
            yield return (name, Utf8(string.Concat(Address.Select(c => char.IsAsciiLetter(c) ? char.ConvertFromUtf32(first + c - 'a') : c.ToString()))), null);
        yield return ("fullwidth, signs too", Utf8(string.Concat(Address.Select(c => (char)(c + 0xFEE0)))), null);
        yield return ("fullwidth, in HTML", string.Concat(Address.Select(c => $"&#{c + 0xFEE0};")), null);
        yield return ("fullwidth, percent", Uri.EscapeDataString(string.Concat(Address.Select(c => (char)(c + 0xFEE0)))), null);
        yield return ("fullwidth, JSON", string.Concat(Address.Select(c => $"\\u{c + 0xFEE0:x4}")), null);
        yield return ("fullwidth local-part", Utf8(string.Concat(Local.Select(c => (char)(c + 0xFEE0))) + "@" + Domain), null);
        yield return ("one letter of Cyrillic", Utf8(Address.Replace('a', '\u0430')), null);
        yield return ("letters of Cyrillic and Greek", Utf8(Address.Replace('a', '\u0430').Replace('s', '\u0455').Replace('i', '\u0456').Replace('h', '\u04BB')), null);
        foreach (var (name, between) in new[] { ("lines through", "\u0336"), ("lines below", "\u0332"), ("joiner of graphemes", "\u034F"), ("mark of direction", "\u200E"), ("word joiner", "\u2060"), ("invisible separator", "\u2063"),
            ("variation selector", "\uFE0F"), ("joiner", "\u200D"), ("soft hyphen", "\u00AD") })
            yield return (name, Utf8(string.Join(between, Address.ToCharArray())), text => Decoded(text).Replace(between, "", StringComparison.Ordinal));
        foreach (var entity in new[] { "&lrm;", "&#x200B;", "&#8203", "&#x0AD;", "&zwnj;", "&ZeroWidthSpace;", "<i></i>" })
            yield return ($"{entity} between", string.Join(entity, Address.ToCharArray()), text => text.Replace(entity, "", StringComparison.Ordinal));
        yield return ("a long tag between", Address.Replace(".", $"<span style=\"{new string('x', 300)}\">.</span>", StringComparison.Ordinal), null);
    }

    private static IEnumerable<(string Name, string Text, Func<string, string>? Back)> Signs()
    {
        foreach (var dot in new[] { " dot ", "[dot]", " (dot) ", "{dot}", "-dot-", "_DOT_", "[.]", "(.)", " . ", "\u3002", "\uFF0E", "\u2024", "\uFE52", "+AC4-" })
        {
            foreach (var at in new[] { "@", " at ", "[at]", " (at) ", " @ ", "[@]", "\uFF20", "+AEA-" })
                yield return ($"\"{dot}\" and \"{at}\"", Utf8(Address.Replace(".", dot, StringComparison.Ordinal).Replace("@", at, StringComparison.Ordinal)), null);
        }
        yield return ("comments", "ann (a) . (b) smith (c) @ (d) mail (e) . (f) example", null);
        foreach (var between in new[] { " ", "-", "_", "|", ", ", ".", "\",\"", "  " })
            yield return ($"\"{between}\" between", string.Join(between, Address.ToCharArray()), text => text.Replace(between, "", StringComparison.Ordinal));
        foreach (var (dot, at) in new[] { ("_", "_at_"), ("-", "-at-"), ("_", "_"), ("-", "-"), ("", "at"), ("", ""), ("dot", "at") })
            yield return ($"name with \"{dot}\" and \"{at}\"", Address.Replace(".", dot, StringComparison.Ordinal).Replace("@", at, StringComparison.Ordinal), null);
        yield return ("style sheet", string.Concat(Address.Select(c => Number(c, "\\{0:x} "))), null);
        yield return ("style sheet, signs", Address.Replace(".", "\\2e ", StringComparison.Ordinal).Replace("@", "\\40 ", StringComparison.Ordinal), null);
        yield return ("script, braces", string.Concat(Address.Select(c => Number(c, "\\x{{{0:x}}}"))), null);
        yield return ("script, eight digits", string.Concat(Address.Select(c => Number(c, "\\U{0:x8}"))), null);
    }

    private static IEnumerable<(string Name, string Text, Func<string, string>? Back)> Numbers()
    {
        foreach (var (name, radix, width) in new[] { ("binary", 2, 8), ("binary of seven", 2, 7), ("octal", 8, 3), ("octal with zero", 8, 4) })
        {
            foreach (var between in new[] { " ", ",", "-" })
                yield return ($"{name}, \"{between}\"", string.Join(between, Address.Select(c => Convert.ToString(c, radix).PadLeft(width, '0'))),
                    text => string.Concat(text.Split(between).Select(number => (char)Convert.ToInt32(number, radix))));
        }
        yield return ("binary, nothing between", string.Concat(Address.Select(c => Convert.ToString(c, 2).PadLeft(8, '0'))), text => string.Concat(text.Chunk(8).Select(octet => (char)Convert.ToInt32(new string(octet), 2))));
        yield return ("binary, of the local-part", string.Join(' ', Local.Select(c => Convert.ToString(c, 2).PadLeft(8, '0'))), text => string.Concat(text.Split(' ').Select(number => (char)Convert.ToInt32(number, 2))));
    }

    private static IEnumerable<(string Name, string Text, Func<string, string>? Back)> Codes()
    {
        foreach (var (name, alphabet) in new[] { ("base58", "123456789" + Capital.Replace("I", "", StringComparison.Ordinal).Replace("O", "", StringComparison.Ordinal) + Small.Replace("l", "", StringComparison.Ordinal)),
            ("base62", Digits + Capital + Small), ("base62, small first", Digits + Small + Capital), ("base36", Digits + Small), ("decimal", Digits) })
        {
            foreach (var text in new[] { Address, Address.ToUpperInvariant() })
                yield return ($"{name} of {text}", InBase(Octets(text), alphabet), code => FromBase(code, alphabet));
        }
        foreach (var (name, alphabet) in new[] { ("base32hex", Digits + Small[..22]), ("Crockford's base32", "0123456789abcdefghjkmnpqrstvwxyz"), ("z-base-32", "ybndrfg8ejkmcpqxot1uwisza345h769") })
        {
            yield return (name, In32(alphabet), null);
            yield return ($"{name}, capitals", In32(alphabet).ToUpperInvariant(), null);
        }
        foreach (var (name, alphabet) in new[] { ("Ascii85", string.Concat(Enumerable.Range('!', 85).Select(c => (char)c))), ("base85", Digits + Capital + Small + "!#$%&()*+-;<=>?@^_`{|}~"), ("Z85", Digits + Small + Capital + ".-:+=^!/*?&<>()[]{}@%$#") })
        {
            foreach (var text in new[] { $"{Address}..", $"x={Address}", $"id={Address}.", $"to: {Address}, u=123", $"cc: \"{Address}\";" })
                yield return ($"{name} of {text}", In85(text, alphabet), code => From85(code, alphabet));
        }
        yield return ("ROT47", Rot47(Address), Rot47);
        yield return ("atbash", Atbash(Address), Atbash);
        yield return ("Morse", string.Join(' ', Address.Select(c => Morse[(Small + Digits + ".@").IndexOf(c, StringComparison.Ordinal)])), text => string.Concat(text.Split(' ').Select(sign => (Small + Digits + ".@")[Array.IndexOf(Morse, sign)])));
        yield return ("yEnc", string.Concat(Address.Select(c => (char)((c + 42) & 0xFF))), text => string.Concat(text.Select(c => (char)((c - 42) & 0xFF))));
        yield return ("a line of uuencode", Encoding.Latin1.GetString(UuencodedText.Line(Octets(Address), (byte)'`')), text => FromUu([text]));
        yield return ("base64, turned round", Turned(Convert.ToBase64String(Octets(Address)).TrimEnd('=')), text => FromBase64(Turned(text)));
        yield return ("hex, turned round", Turned(Convert.ToHexStringLower(Octets(Address))), text => Encoding.Latin1.GetString(Convert.FromHexString(Turned(text))));
    }

    private static IEnumerable<(string Name, string Text, Func<string, string>? Back)> Packed()
    {
        foreach (var (name, encoding) in new[] { ("little", new UTF32Encoding(bigEndian: false, byteOrderMark: false)), ("big", new UTF32Encoding(bigEndian: true, byteOrderMark: false)) })
            yield return ($"UTF-32, {name}, base64", Convert.ToBase64String(encoding.GetBytes(Address)), code => FromBase64(code).Replace("\0", "", StringComparison.Ordinal));
        foreach (var text in new[] { Address, $"{{\"to\":\"{Address}\",\"l\":7}}", $"{new string('-', 400)}{Address}, {Address.ToUpperInvariant()}{new string('.', 400)}" })
        {
            yield return ($"gzip of {text.Length}", Convert.ToBase64String(Compressed(text, gzip: true)), code => Unpacked(FromBase64(code)));
            yield return ($"zlib of {text.Length}", Convert.ToBase64String(Compressed(text, gzip: false)), code => Unpacked(FromBase64(code)));
            yield return ($"zlib of {text.Length}, for URLs", System.Buffers.Text.Base64Url.EncodeToString(Compressed(text, gzip: false)), code => Unpacked(FromBase64(code)));
            yield return ($"zlib of {text.Length}, hex", Convert.ToHexStringLower(Compressed(text, gzip: false)), code => Unpacked(Encoding.Latin1.GetString(Convert.FromHexString(code))));
        }
    }

    private static IEnumerable<(string Name, string Text, Func<string, string>? Back)> Hashes()
    {
        foreach (var text in new[] { Address, Address.ToUpperInvariant(), Local })
        {
            byte[] octets = Octets(text), line = Octets(text + "\n");
            var hashes = new List<(string Name, byte[] Digest)>
            {
                ("SHA-224", RareHashes.Sha224(octets)), ("BLAKE2b", RareHashes.Blake2b(octets, 64)), ("BLAKE2b-256", RareHashes.Blake2b(octets, 32)), ("BLAKE2s", RareHashes.Blake2s(octets)),
                ("half MD5", Hash(HashAlgorithmName.MD5, octets)[..8]), ("middle of MD5", Hash(HashAlgorithmName.MD5, octets)[4..12]),
                ("MD5 of a line", Hash(HashAlgorithmName.MD5, line)), ("SHA-1 of a line", Hash(HashAlgorithmName.SHA1, line)), ("SHA-256 of a line", Hash(HashAlgorithmName.SHA256, line)), ("SHA-1 of mailto", Hash(HashAlgorithmName.SHA1, Octets("mailto:" + text))),
                ("MD5 of MD5", Hash(HashAlgorithmName.MD5, Octets(Convert.ToHexStringLower(Hash(HashAlgorithmName.MD5, octets))))), ("SHA-256 of MD5", Hash(HashAlgorithmName.SHA256, Octets(Convert.ToHexStringLower(Hash(HashAlgorithmName.MD5, octets))))),
            };
            if (SHA3_256.IsSupported)
                hashes.AddRange([("SHA3-256", SHA3_256.HashData(octets)), ("SHA3-384", SHA3_384.HashData(octets)), ("SHA3-512", SHA3_512.HashData(octets))]);
            foreach (var (name, digest) in hashes)
            {
                yield return ($"{name} of {text}", Convert.ToHexStringLower(digest), null);
                yield return ($"{name} of {text}, capitals", Convert.ToHexString(digest), null);
                if (digest.Length >= 16)
                    yield return ($"{name} of {text}, base64", Convert.ToBase64String(digest).TrimEnd('='), null);
            }
            yield return ($"MD5 of {text} as a UUID", new Guid(Hash(HashAlgorithmName.MD5, octets), bigEndian: true).ToString(), null);
        }
    }

    private static byte[] Hash(HashAlgorithmName algorithm, byte[] text) => CryptographicOperations.HashData(algorithm, text);

    private static string Utf8(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    private static string Decoded(string octets) => Encoding.UTF8.GetString(Octets(octets));

    private static string Number(char c, string format) => string.Format(CultureInfo.InvariantCulture, format, (int)c);

    private static string InBase(byte[] octets, string alphabet)
    {
        var code = "";
        for (var rest = new BigInteger(octets, isUnsigned: true, isBigEndian: true); rest > 0; rest /= alphabet.Length)
            code = alphabet[(int)(rest % alphabet.Length)] + code;
        return code;
    }

    private static string FromBase(string code, string alphabet)
    {
        var value = code.Aggregate(BigInteger.Zero, (sum, letter) => (sum * alphabet.Length) + alphabet.IndexOf(letter, StringComparison.Ordinal));
        return Encoding.Latin1.GetString(value.ToByteArray(isUnsigned: true, isBigEndian: true));
    }

    private static string In32(string alphabet)
    {
        var bits = string.Concat(Octets(Address).Select(octet => Convert.ToString(octet, 2).PadLeft(8, '0')));
        return string.Concat(bits.Chunk(5).Select(five => alphabet[Convert.ToInt32(new string(five).PadRight(5, '0'), 2)]));
    }

    private static string In85(string text, string alphabet) => string.Concat(text.PadRight((text.Length + 3) / 4 * 4, ' ').Chunk(4).Select(four =>
    {
        var value = four.Aggregate(0UL, (sum, c) => (sum << 8) | c);
        return string.Concat(Enumerable.Range(0, 5).Select(place => alphabet[(int)(value / (ulong)Math.Pow(85, 4 - place) % 85)]));
    }));

    private static string From85(string code, string alphabet) => string.Concat(code.Chunk(5).Select(five =>
    {
        var value = five.Aggregate(0UL, (sum, c) => (sum * 85) + (ulong)alphabet.IndexOf(c, StringComparison.Ordinal));
        return string.Concat(Enumerable.Range(0, 4).Select(place => (char)((value >> (24 - (place * 8))) & 0xFF)));
    }));

    public static string FromUu(IEnumerable<string> lines) => string.Concat(lines.Select(line =>
    {
        var bits = string.Concat(line[1..].Select(c => Convert.ToString((c - 32) & 63, 2).PadLeft(6, '0')));
        return string.Concat(bits.Chunk(8).Where(eight => eight.Length == 8).Select(eight => (char)Convert.ToInt32(new string(eight), 2)))[..((line[0] - 32) & 63)];
    }));

    private static string FromBase64(string code)
    {
        var letters = code.Replace('-', '+').Replace('_', '/').TrimEnd('=');
        return Encoding.Latin1.GetString(Convert.FromBase64String(letters + new string('=', (4 - (letters.Length % 4)) % 4)));
    }

    private static string Rot47(string text) => string.Concat(text.Select(c => c is >= '!' and <= '~' ? (char)('!' + ((c - '!' + 47) % 94)) : c));

    private static string Atbash(string text) => string.Concat(text.Select(c => char.IsAsciiLetterLower(c) ? (char)('a' + 'z' - c) : c));

    private static string Turned(string text) => new([.. text.Reverse()]);

    public static byte[] Compressed(string text, bool gzip)
    {
        using var output = new MemoryStream();
        using (Stream stream = gzip ? new GZipStream(output, CompressionLevel.Optimal) : new ZLibStream(output, CompressionLevel.Optimal))
            stream.Write(Octets(text));
        return output.ToArray();
    }

    private static string Unpacked(string packed)
    {
        using var input = new MemoryStream(Octets(packed));
        using Stream stream = packed[0] == '\u001F' ? new GZipStream(input, CompressionMode.Decompress) : new ZLibStream(input, CompressionMode.Decompress);
        using var output = new MemoryStream();
        stream.CopyTo(output);
        return Encoding.Latin1.GetString(output.ToArray());
    }
}
