using System.Globalization;
using System.Net;
using System.Text;

namespace Postmaster.Fbl.Dns;

/// <summary>
/// The lines of a zone, in the manner of RFC 1035 §5.1 without directives, parentheses and relative names:
/// <c>name [ttl in seconds] [IN] type data</c>, a semicolon starts a comment.
/// </summary>
internal static class ZoneText
{
    /// <exception cref="FormatException">Names the line.</exception>
    public static IEnumerable<DnsRecord> Read(string text)
    {
        var number = 0;
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            number++;
            var words = Words(line);
            if (words.Count == 0)
                continue;
            DnsRecord? record;
            try
            {
                record = ReadRecord(words);
            }
            catch (Exception e) when (e is FormatException or OverflowException)
            {
                record = null;
            }
            yield return record ?? throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"Line {number} of the zone is no record."));
        }
    }

    private static DnsRecord? ReadRecord(List<string> words)
    {
        var next = 1;
        var ttl = ZoneResolver.DefaultTtl;
        if (next < words.Count && uint.TryParse(words[next], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            (ttl, next) = (TimeSpan.FromSeconds(seconds), next + 1);
        if (next < words.Count && string.Equals(words[next], "IN", StringComparison.OrdinalIgnoreCase))
            next++;
        if (next >= words.Count || !DnsName.TryParse(words[0], out var owner))
            return null;
        var type = words[next].ToUpperInvariant();
        var data = words[(next + 1)..];
        return (type, data.Count) switch
        {
            ("A" or "AAAA", 1) => new ARecord(owner.Text, ttl, IPAddress.Parse(data[0])),
            ("MX", 2) => new MxRecord(owner.Text, ttl, ushort.Parse(data[0], CultureInfo.InvariantCulture), Target(data[1])),
            ("TXT", > 0) => new TxtRecord(owner.Text, ttl, data.ConvertAll(CharacterString)),
            ("PTR", 1) => new PtrRecord(owner.Text, ttl, Target(data[0])),
            ("CNAME", 1) => new CnameRecord(owner.Text, ttl, Target(data[0])),
            ("NS", 1) => new NsRecord(owner.Text, ttl, Target(data[0])),
            ("SOA", 7) => new SoaRecord(owner.Text, ttl, Target(data[0]), Target(data[1]), uint.Parse(data[2], CultureInfo.InvariantCulture),
                Seconds(data[3]), Seconds(data[4]), Seconds(data[5]), Seconds(data[6])),
            _ => null,
        };
    }

    private static string Target(string text) => DnsName.TryParse(text, out var name) ? name.Text : throw new FormatException();

    private static TimeSpan Seconds(string text) => TimeSpan.FromSeconds(uint.Parse(text, CultureInfo.InvariantCulture));

    private static byte[] CharacterString(string word)
    {
        var octets = Encoding.UTF8.GetBytes(word);
        return octets.Length <= byte.MaxValue ? octets : throw new FormatException();
    }

    /// <summary>Splits at white space; a word may be quoted, and inside quotes a backslash takes the next character as it is.</summary>
    private static List<string> Words(string line)
    {
        var words = new List<string>();
        for (var i = 0; i < line.Length && line[i] != ';';)
        {
            if (char.IsWhiteSpace(line[i]))
            {
                i++;
                continue;
            }
            var word = new StringBuilder();
            var quoted = line[i] == '"';
            if (quoted)
                i++;
            while (i < line.Length && (quoted ? line[i] != '"' : !char.IsWhiteSpace(line[i]) && line[i] != ';'))
            {
                if (quoted && line[i] == '\\' && i + 1 < line.Length)
                    i++;
                word.Append(line[i++]);
            }
            if (quoted)
                i++;
            words.Add(word.ToString());
        }
        return words;
    }
}
