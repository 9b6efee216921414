using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Postmaster.Fbl.Mime;

namespace Postmaster.Tests.Arf;

/// <summary>Looks for the address in octets, decoding them in every way that a curious sender might, each result again; shares no code with the redaction but the reader of MIME.</summary>
internal sealed partial class AddressTracer
{
    private const int Depth = 3;

    private static readonly string[] Digests =
    [
        .. from text in new[] { HidingPlaces.Address, HidingPlaces.Address.ToUpperInvariant(), HidingPlaces.Local }
           from algorithm in new[] { HashAlgorithmName.MD5, HashAlgorithmName.SHA1, HashAlgorithmName.SHA256, HashAlgorithmName.SHA384, HashAlgorithmName.SHA512 }
           select Encoding.Latin1.GetString(CryptographicOperations.HashData(algorithm, Encoding.ASCII.GetBytes(text)).AsSpan(0, 16)),
    ];

    private readonly Dictionary<string, int> seen = new(StringComparer.Ordinal);

    /// <summary>How it was found; null when it is nowhere.</summary>
    public static string? Find(ReadOnlyMemory<byte> message)
    {
        var tracer = new AddressTracer();
        if (tracer.In(Encoding.Latin1.GetString(message.Span), Depth) is { } raw)
            return raw;
        foreach (var part in MessageReader.Read(message).Root.Walk())
        {
            foreach (var field in part.Headers)
            {
                // A backslash may be one of a quoted string, which goes, or one of an escape in it, which stays.
                var unspaced = Pieces().Replace(WhiteSpace().Replace(field.Unfolded, ""), "");
                if ((tracer.In(field.Decoded, Depth) ?? tracer.In(unspaced, Depth) ?? tracer.In(unspaced.Replace("\\", "", StringComparison.Ordinal), Depth)) is { } inField)
                    return $"{field.Name}: {inField}";
            }
            foreach (var value in part.ContentType.Parameters.Values)
            {
                if (tracer.In(value, Depth) is { } inParameter)
                    return $"parameter: {inParameter}";
            }
            if (part.Parts.Count > 0)
                continue;
            part.TryDecode(out var content);
            if (tracer.In(Encoding.Latin1.GetString(content), Depth) is { } inBody)
                return $"body: {inBody}";
        }
        return null;
    }

    private string? In(string text, int depth)
    {
        if (text.Length < 8 || (seen.TryGetValue(text, out var deeper) && deeper >= depth))
            return null;
        seen[text] = depth;
        if (Word().Match(text) is { Success: true } found)
            return $"\"{found.Value}\"";
        if (Digests.Any(digest => text.Contains(digest, StringComparison.Ordinal)))
            return "a hash";
        if (depth == 0)
            return null;
        foreach (var (name, decoded) in Decoded(text))
        {
            if (!string.Equals(decoded, text, StringComparison.Ordinal) && In(decoded, depth - 1) is { } inside)
                return $"{name}: {inside}";
        }
        return null;
    }

    private static IEnumerable<(string Name, string Text)> Decoded(string text)
    {
        yield return ("URL", Percent().Replace(text, match => Character(match.Groups["hex"].Value)));
        yield return ("entities", WebUtility.HtmlDecode(text.Replace("&commat;", "@", StringComparison.Ordinal).Replace("&period;", ".", StringComparison.Ordinal)));
        yield return ("escapes", Backslash().Replace(text, match => match.Groups["hex"].Success ? Character(match.Groups["hex"].Value) : match.Groups["sign"].Value));
        yield return ("quoted-printable", QuotedPrintable().Replace(SoftBreak().Replace(text, ""), match => Character(match.Groups["hex"].Value)));
        yield return ("invisible", Invisible().Replace(text, ""));
        if (text.Contains('\0', StringComparison.Ordinal))
            yield return ("UTF-16", text.Replace("\0", "", StringComparison.Ordinal));
        foreach (Match list in Lists().Matches(text))
        {
            var numbers = ListNumber().Matches(list.Value).Select(number => number.Groups["number"].Value).ToList();
            if (numbers.TrueForAll(number => number.Length == 2))
                yield return ("hexadecimal numbers", string.Concat(numbers.Select(Character)));
            if (numbers.TrueForAll(number => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value < 256))
                yield return ("decimal numbers", string.Concat(numbers.Select(number => ((char)int.Parse(number, CultureInfo.InvariantCulture)).ToString())));
        }
        yield return ("octal", Octal().Replace(text, match => ((char)Convert.ToInt32(match.Groups["digits"].Value, 8)).ToString()));
        yield return ("style sheet", Css().Replace(text, match => Character(match.Groups["hex"].Value)));
        foreach (Match run in Hex().Matches(text))
        {
            for (var parity = 0; parity < 2; parity++)
                yield return ("hex", Encoding.Latin1.GetString(Convert.FromHexString(text.AsSpan(run.Index + parity, (run.Length - parity) / 2 * 2))));
        }
        foreach (Match run in Base64().Matches(text))
        {
            var letters = WhiteSpace().Replace(run.Value, "").Replace("\\", "", StringComparison.Ordinal).Replace('-', '+').Replace('_', '/');
            for (var shift = 0; shift < 4; shift++)
            {
                var length = letters.Length - shift;
                if (length > 4)
                    yield return ("base64", Encoding.Latin1.GetString(Convert.FromBase64String(letters[shift..] + new string('A', (4 - (length % 4)) % 4))));
            }
        }
        foreach (Match run in Base32().Matches(text.ToUpperInvariant()))
        {
            for (var shift = 0; shift < 8; shift++)
                yield return ("base32", FromBase32(run.Value[shift..]));
        }
    }

    private static string FromBase32(string letters)
    {
        var bits = string.Concat(letters.Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return string.Concat(bits.Chunk(8).Where(eight => eight.Length == 8).Select(eight => (char)Convert.ToInt32(new string(eight), 2)));
    }

    private static string Character(string hex) => ((char)Convert.ToInt32(hex, 16)).ToString();

    /// <summary>With any dots or none, in its letters, in those of ROT13, and from right to left.</summary>
    [GeneratedRegex(@"a\.?n\.?n\.?s\.?m\.?i\.?t\.?h|naa\.?fzvgu|htims\.?nna", RegexOptions.IgnoreCase, 5_000)]
    private static partial Regex Word();

    [GeneratedRegex("%u?(?:00)?(?<hex>[0-9A-Fa-f]{2})", RegexOptions.None, 5_000)]
    private static partial Regex Percent();

    [GeneratedRegex(@"\\(?:u00|x)(?<hex>[0-9A-Fa-f]{2})|\\(?<sign>[^ux])", RegexOptions.None, 5_000)]
    private static partial Regex Backslash();

    [GeneratedRegex("=(?<hex>[0-9A-Fa-f]{2})", RegexOptions.None, 5_000)]
    private static partial Regex QuotedPrintable();

    [GeneratedRegex("=[ \t]*\r?\n", RegexOptions.None, 5_000)]
    private static partial Regex SoftBreak();

    [GeneratedRegex("<[^<>@]*>|\u00E2\u0080[\u008B-\u008D]|\u200B|\u00C2\u00AD|&shy;|\r?\n[ \t]+", RegexOptions.None, 5_000)]
    private static partial Regex Invisible();

    [GeneratedRegex(@"(?<![0-9A-Za-z])(?:(?:0x|U\+00)?[0-9A-Fa-f]{2,3}(?:[:,; .-]{1,3}|(?=0x)|(?![0-9A-Za-z]))){5,}", RegexOptions.None, 5_000)]
    private static partial Regex Lists();

    [GeneratedRegex(@"(?:0x|U\+00)?(?<number>[0-9A-Fa-f]{2,3})(?:[:,; .-]{1,3}|(?=0x)|$)", RegexOptions.None, 5_000)]
    private static partial Regex ListNumber();

    [GeneratedRegex(@"\\(?<digits>[01][0-7]{2})", RegexOptions.None, 5_000)]
    private static partial Regex Octal();

    [GeneratedRegex(@"\\00(?<hex>[0-9A-Fa-f]{2})", RegexOptions.None, 5_000)]
    private static partial Regex Css();

    [GeneratedRegex("[0-9A-Fa-f]{12,}", RegexOptions.None, 5_000)]
    private static partial Regex Hex();

    [GeneratedRegex(@"[A-Za-z0-9+/_-](?:[A-Za-z0-9+/_-]|\\(?=/)|\r?\n[ \t]*(?=[A-Za-z0-9+/]{4})){7,}", RegexOptions.None, 5_000)]
    private static partial Regex Base64();

    [GeneratedRegex("[A-Z2-7]{14,}", RegexOptions.None, 5_000)]
    private static partial Regex Base32();

    [GeneratedRegex("\";filename\\*1=\"", RegexOptions.None, 5_000)]
    private static partial Regex Pieces();

    [GeneratedRegex(@"\s+", RegexOptions.None, 5_000)]
    private static partial Regex WhiteSpace();
}
