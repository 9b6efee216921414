using System.Buffers;
using System.Globalization;
using System.Text;

namespace Postmaster.Fbl.Mime;

/// <summary>Reads tokens and "; name=value" lists (RFC 2045 §5.1) with the continuations and charsets of RFC 2231.</summary>
internal ref struct ParameterReader(ReadOnlySpan<char> text)
{
    /// <summary>Stops a field made of semicolons.</summary>
    private const int MaxParameters = 100;

    private static readonly SearchValues<char> TokenEnd = SearchValues.Create(" \t;/=\"(");

    private ReadOnlySpan<char> rest = text;

    /// <summary>White space and comments (RFC 5322 §3.2.2), nested ones by counting.</summary>
    public void SkipWhite()
    {
        while (!rest.IsEmpty)
        {
            if (rest[0] is ' ' or '\t')
                rest = rest[1..];
            else if (rest[0] == '(')
                SkipComment();
            else
                break;
        }
    }

    public bool Skip(char expected)
    {
        if (rest.IsEmpty || rest[0] != expected)
            return false;
        rest = rest[1..];
        return true;
    }

    /// <summary>Up to the next white space or tspecial; more is allowed in it than RFC 2045 allows.</summary>
    public ReadOnlySpan<char> Token()
    {
        var end = rest.IndexOfAny(TokenEnd);
        var token = end < 0 ? rest : rest[..end];
        rest = rest[token.Length..];
        return token;
    }

    public IReadOnlyDictionary<string, string> Parameters()
    {
        var raw = new List<(string Name, string Value)>();
        while (raw.Count < MaxParameters)
        {
            var next = rest.IndexOf(';');
            if (next < 0)
                break;
            rest = rest[(next + 1)..];
            SkipWhite();
            var name = Token().ToString();
            SkipWhite();
            if (name.Length == 0 || !Skip('='))
                continue;
            SkipWhite();
            raw.Add((name, Value()));
        }
        return Join(raw);
    }

    private string Value()
    {
        if (!Skip('"'))
        {
            // Boundaries with "/", "=" or "(" come without quotes from careless senders.
            var end = rest.IndexOfAny(";\" \t");
            var token = end < 0 ? rest : rest[..end];
            rest = rest[token.Length..];
            return token.ToString();
        }
        var value = new StringBuilder();
        while (!rest.IsEmpty && rest[0] != '"')
        {
            if (rest[0] == '\\' && rest.Length > 1)
                rest = rest[1..];
            value.Append(rest[0]);
            rest = rest[1..];
        }
        Skip('"');
        return value.ToString();
    }

    private void SkipComment()
    {
        var depth = 0;
        for (var i = 0; i < rest.Length; i++)
        {
            depth += rest[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (rest[i] == '\\')
                i++;
            if (depth == 0)
            {
                rest = rest[(i + 1)..];
                return;
            }
        }
        rest = default;
    }

    /// <summary>RFC 2231 §3 and §4: "name*0", "name*1*" and so on are one value; "name*" begins with charset and language.</summary>
    private static Dictionary<string, string> Join(List<(string Name, string Value)> raw)
    {
        var plain = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        Dictionary<string, SortedDictionary<int, (string Value, bool Encoded)>>? split = null;
        foreach (var (name, value) in raw)
        {
            var star = name.IndexOf('*', StringComparison.Ordinal);
            if (star <= 0)
            {
                plain.TryAdd(name, value);
                continue;
            }
            var encoded = name.EndsWith('*');
            var number = name[(star + 1)..].TrimEnd('*');
            if (!int.TryParse(number.Length == 0 ? "0" : number, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                continue;
            split ??= new(StringComparer.OrdinalIgnoreCase);
            if (!split.TryGetValue(name[..star], out var sections))
                split[name[..star]] = sections = [];
            sections.TryAdd(index, (value, encoded));
        }
        // The extended form wins over the plain one (RFC 2231 does not say; RFC 6266 §4.3 and all readers do).
        foreach (var (name, sections) in split ?? [])
            plain[name] = JoinSections(sections);
        return plain;
    }

    private static string JoinSections(SortedDictionary<int, (string Value, bool Encoded)> sections)
    {
        var charset = "us-ascii";
        var octets = new List<byte>();
        var expected = 0;
        foreach (var (index, (value, encoded)) in sections)
        {
            if (index != expected++)
                break;
            var text = value;
            if (encoded && index == 0 && value.Split('\'', 3) is [var named, _, var content])
                (charset, text) = (named, content);
            if (encoded)
                AppendPercentDecoded(octets, text);
            else
                octets.AddRange(Encoding.UTF8.GetBytes(text));
        }
        return (MailCharset.Find(charset) ?? Encoding.Latin1).GetString([.. octets]);
    }

    private static void AppendPercentDecoded(List<byte> octets, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == '%' && i + 2 < bytes.Length && TransferDecoder.HexValue(bytes[i + 1]) is var high and >= 0
                && TransferDecoder.HexValue(bytes[i + 2]) is var low and >= 0)
            {
                octets.Add((byte)((high << 4) | low));
                i += 2;
            }
            else
            {
                octets.Add(bytes[i]);
            }
        }
    }
}
