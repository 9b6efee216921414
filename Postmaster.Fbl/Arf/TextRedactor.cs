using System.Buffers;
using System.Text;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Arf;

/// <summary>What a text is, which decides whether a local-part alone is taken out.</summary>
internal enum TextKind
{
    /// <summary>Body text and most fields: only a distinctive local-part (four characters or more, no role name) that is a whole word.</summary>
    Plain,

    /// <summary>A field that names recipients: any local-part that is a whole word.</summary>
    Recipients,

    /// <summary>A field with a return path or a list address: also inside an address, between "-", "+", "=" or "." (VERP).</summary>
    ReturnPath,
}

/// <summary>
/// Replaces private local-parts in one pass over a text, linear in its length. An address is found in any case, with a "+tag", with "=" for "@" (VERP, BATV),
/// folded, and with any of its characters as %40, %2540, =40, &amp;#64; or &amp;#x40;. The local-part of a person is also found before "-at-", "(at)" or any other
/// sign and the domain, as list programs write it. Its domain and the way its "@" is written stay.
/// </summary>
internal sealed class TextRedactor
{
    /// <summary>Characters of a "+tag" that are looked through.</summary>
    private const int MaxTag = 64;

    /// <summary>White space of one fold that is looked through.</summary>
    private const int MaxFold = 64;

    /// <summary>Signs that stand for "@" in return paths, links and tokens, one or two of them.</summary>
    private static readonly SearchValues<byte> AtSigns = SearchValues.Create("@=%#!*+-._:/|~$ ()[]{}"u8);

    /// <summary>Octets looked back for the beginning of a URL.</summary>
    private const int MaxLookBack = 512;

    private static readonly SearchValues<byte> UrlEdge = SearchValues.Create(" \t\r\n\"'<>"u8);

    private readonly List<PrivateAddress> addresses;
    private readonly RedactionKey key;
    private readonly SearchValues<byte> starts;
    private readonly EncodedTokens tokens;

    public TextRedactor(List<PrivateAddress> addresses, RedactionKey key)
    {
        this.addresses = addresses;
        this.key = key;
        var first = addresses.Select(address => address.LocalPart[0]).ToList();
        starts = SearchValues.Create([.. first, .. first.Select(octet => (byte)char.ToUpperInvariant((char)octet)).Where(octet => octet < 128), (byte)'%', (byte)'&', (byte)'=']);
        tokens = new EncodedTokens(this, addresses.Count == 0 ? int.MaxValue : addresses.Min(address => address.LocalPart.Length + 1 + address.Domains.Min(domain => domain.Length)));
    }

    /// <summary>Null when nothing had to be replaced.</summary>
    public byte[]? Replace(ReadOnlySpan<byte> text, TextKind kind)
    {
        var decoded = tokens.Replace(text);
        var written = ReplaceWritten(decoded ?? text, kind);
        return written ?? decoded;
    }

    /// <summary>In base64 and hex alone.</summary>
    public byte[]? ReplaceEncoded(ReadOnlySpan<byte> text) => tokens.Replace(text);

    /// <summary>Without a look into base64 and hex.</summary>
    public byte[]? ReplaceWritten(ReadOnlySpan<byte> text, TextKind kind)
    {
        ArrayBufferWriter<byte>? output = null;
        var copied = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var next = text[i..].IndexOfAny(starts);
            if (next < 0)
                break;
            i += next;
            if (!TryMatch(text, i, kind, out var length, out var pseudonym))
                continue;
            output ??= new ArrayBufferWriter<byte>(text.Length + 64);
            output.Write(text[copied..i]);
            output.Write(Encoding.ASCII.GetBytes(pseudonym));
            copied = i + length;
            i = copied - 1;
        }
        if (output is null)
            return null;
        output.Write(text[copied..]);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Where an address stands, or -1; <paramref name="whole"/> is its length, domain included.</summary>
    public int FindAddress(ReadOnlySpan<byte> text, int from, out int whole, out string redacted)
    {
        whole = 0;
        redacted = "";
        for (var i = from; i < text.Length; i++)
        {
            var next = text[i..].IndexOfAny(starts);
            if (next < 0)
                return -1;
            i += next;
            if (!IsLeftEdge(text, i))
                continue;
            foreach (var address in addresses)
            {
                if (TryMatchAddress(text, i, address, out _, out var end, out var pseudonym))
                {
                    whole = end - i;
                    redacted = $"{pseudonym}@{address.Address.Domain.Ascii}";
                    return i;
                }
            }
        }
        return -1;
    }

    private bool TryMatch(ReadOnlySpan<byte> text, int start, TextKind kind, out int length, out string pseudonym)
    {
        length = 0;
        pseudonym = "";
        if (!IsLeftEdge(text, start))
            return false;
        foreach (var address in addresses)
        {
            if (TryMatchAddress(text, start, address, out length, out _, out pseudonym))
                return true;
        }
        foreach (var address in addresses)
        {
            var end = MatchOctets(text, start, address.LocalPart);
            if (end < 0 || !IsBare(text, start, end, kind, address))
                continue;
            length = end - start;
            pseudonym = key.Pseudonym(address.Address);
            return true;
        }
        return false;
    }

    private bool TryMatchAddress(ReadOnlySpan<byte> text, int start, PrivateAddress address, out int localLength, out int end, out string pseudonym)
    {
        localLength = 0;
        end = -1;
        pseudonym = "";
        var localEnd = MatchOctets(text, start, address.LocalPart);
        if (localEnd < 0)
            return false;
        if (localEnd < text.Length && text[localEnd] == '"')
            localEnd++;
        var tagEnd = TagEnd(text, localEnd, out var tag);
        foreach (var domain in address.Domains)
        {
            end = MatchAtAndDomain(text, tagEnd, domain);
            if (end < 0 && address.IsDistinctive)
            {
                end = MatchOtherAtAndDomain(text, localEnd, domain);
                if (end >= 0)
                    (tagEnd, tag) = (localEnd, "");
            }
            if (end < 0)
                continue;
            localLength = tagEnd - start;
            if (text[tagEnd - 1] == '"' && start > 0 && text[start - 1] == '"')
                localLength--; // both quotes stay: they are around the pseudonym then
            pseudonym = tag.Length == 0 ? key.Pseudonym(address.Address) : key.PseudonymOf($"{PrivateAddress.Unquoted(address.Address.LocalPart)}{tag}@{address.Address.Domain.Ascii}");
            return true;
        }
        return false;
    }

    /// <summary>The end of the text behind <paramref name="start"/> that stands for these octets, or -1.</summary>
    private static int MatchOctets(ReadOnlySpan<byte> text, int start, ReadOnlySpan<byte> wanted)
    {
        var position = start;
        foreach (var octet in wanted)
        {
            position = SkipFold(text, position, start);
            if (position >= text.Length)
                return -1;
            if (Lower(text[position]) == octet)
                position++;
            else if (TryUnescape(text, position, out var value, out var length) && Lower(value) == octet)
                position += length;
            else
                return -1;
        }
        return position;
    }

    private static int MatchAtAndDomain(ReadOnlySpan<byte> text, int start, byte[] domain)
    {
        start = SkipFold(text, start, 0);
        if (start >= text.Length)
            return -1;
        if (TryUnescape(text, start, out var value, out var length) && value is (byte)'@' or (byte)'=')
        {
            var end = MatchDomain(text, start + length, domain);
            if (end >= 0)
                return end;
        }
        return text[start] is (byte)'@' or (byte)'=' ? MatchDomain(text, start + 1, domain) : -1;
    }

    /// <summary>"ann-at-list.example", "ann(at)list.example", "ann**list.example", "ann.list.example".</summary>
    private static int MatchOtherAtAndDomain(ReadOnlySpan<byte> text, int start, byte[] domain)
    {
        const int most = 2;
        for (var i = 0; i < most && start < text.Length; i++)
        {
            if (TryUnescape(text, start, out var value, out var length) && AtSigns.Contains(value))
                start += length;
            else if (AtSigns.Contains(text[start]))
                start++;
            else
                return -1;
            if (start + 2 < text.Length && Ascii.EqualsIgnoreCase(text.Slice(start, 2), "at"u8) && AtSigns.Contains(text[start + 2])
                && MatchDomain(text, start + 3, domain) is var word and >= 0)
                return word;
            if (start < text.Length && text[start - 1] != ' ' && MatchDomain(text, start, domain) is var end and >= 0)
                return end;
        }
        return -1;
    }

    private static int MatchDomain(ReadOnlySpan<byte> text, int start, byte[] domain)
    {
        var end = MatchOctets(text, SkipFold(text, start, 0), domain);
        return end >= 0 && (end == text.Length || !char.IsAsciiLetterOrDigit((char)text[end])) ? end : -1;
    }

    private static int TagEnd(ReadOnlySpan<byte> text, int start, out string tag)
    {
        tag = "";
        var position = start;
        if (position >= text.Length)
            return start;
        if (text[position] == '+')
            position++;
        else if (TryUnescape(text, position, out var value, out var length) && value == '+')
            position += length;
        else
            return start;
        var tagStart = position;
        while (position < text.Length && position - tagStart < MaxTag && (char.IsAsciiLetterOrDigit((char)text[position]) || text[position] is (byte)'.' or (byte)'-' or (byte)'_' or (byte)'+'))
            position++;
        tag = "+" + Encoding.ASCII.GetString(text[tagStart..position]);
        return position;
    }

    /// <summary>RFC 5322 §2.2.3: a line end and white space inside a field stand for nothing here.</summary>
    private static int SkipFold(ReadOnlySpan<byte> text, int position, int start)
    {
        if (position >= text.Length || position == start || text[position] is not ((byte)'\r' or (byte)'\n'))
            return position;
        var white = position;
        if (text[white] == '\r')
            white++;
        if (white + 1 >= text.Length || text[white] != '\n' || text[white + 1] is not ((byte)' ' or (byte)'\t'))
            return position;
        var rest = text.Slice(white + 1, Math.Min(MaxFold, text.Length - white - 1));
        var length = rest.IndexOfAnyExcept((byte)' ', (byte)'\t');
        return white + 1 + (length < 0 ? rest.Length : length);
    }

    private static bool TryUnescape(ReadOnlySpan<byte> text, int position, out byte value, out int length)
    {
        value = 0;
        length = 0;
        var rest = text[position..];
        switch (rest[0])
        {
            case (byte)'%' when TryHex(rest, 1, out value):
                length = 3;
                if (value == '%' && TryHex(rest, 3, out var twice))
                    (value, length) = (twice, 5);
                return true;
            case (byte)'=' when TryHex(rest, 1, out value):
                length = 3;
                return true;
            case (byte)'&':
                return TryEntity(rest, out value, out length);
            default:
                return false;
        }
    }

    private static bool TryHex(ReadOnlySpan<byte> text, int at, out byte value)
    {
        value = 0;
        if (at + 1 >= text.Length || TransferDecoder.HexValue(text[at]) < 0 || TransferDecoder.HexValue(text[at + 1]) < 0)
            return false;
        value = (byte)((TransferDecoder.HexValue(text[at]) << 4) | TransferDecoder.HexValue(text[at + 1]));
        return true;
    }

    /// <summary>A numeric character reference of HTML, or &amp;commat; and &amp;period;.</summary>
    private static bool TryEntity(ReadOnlySpan<byte> text, out byte value, out int length)
    {
        const int longest = 12;
        value = 0;
        length = text[..Math.Min(longest, text.Length)].IndexOf((byte)';') + 1;
        if (length < 4)
            return false;
        var name = text[1..(length - 1)];
        if (name.SequenceEqual("commat"u8) || name.SequenceEqual("period"u8))
        {
            value = name[0] == 'c' ? (byte)'@' : (byte)'.';
            return true;
        }
        if (name[0] != '#')
            return false;
        var number = name[1..];
        var hex = number.Length > 1 && (number[0] | 0x20) == 'x';
        return byte.TryParse(hex ? number[1..] : number, hex ? System.Globalization.NumberStyles.AllowHexSpecifier : System.Globalization.NumberStyles.None,
            System.Globalization.CultureInfo.InvariantCulture, out value);
    }

    /// <summary>"joann@..." is not "ann@...", but "%3Dann@..." is.</summary>
    private static bool IsLeftEdge(ReadOnlySpan<byte> text, int start) =>
        start == 0 || !char.IsAsciiLetterOrDigit((char)text[start - 1]) || (start >= 3 && text[start - 3] == '%' && TryHex(text, start - 2, out _));

    private static bool IsBare(ReadOnlySpan<byte> text, int start, int end, TextKind kind, PrivateAddress address)
    {
        if (kind == TextKind.ReturnPath && address.IsDistinctive && IsInsideVerp(text, start, end))
            return true;
        if (IsParameter(text, start, end))
            return true;
        return (kind == TextKind.Recipients || address.IsDistinctive) && IsWordEdge(text, start - 1, -1) && IsWordEdge(text, end, 1);
    }

    /// <summary>"bounce-ann@list.example", but not "&lt;ann@else.example&gt;", which is somebody else.</summary>
    private static bool IsInsideVerp(ReadOnlySpan<byte> text, int start, int end)
    {
        if (start == 0 || end == text.Length)
            return false;
        var left = IsVerpSeparator(text[start - 1]);
        var right = IsVerpSeparator(text[end]);
        return (left && (right || text[end] == '@')) || (right && text[start - 1] is (byte)'<' or (byte)':' or (byte)' ');
    }

    private static bool IsVerpSeparator(byte octet) => octet is (byte)'-' or (byte)'+' or (byte)'=' or (byte)'.' or (byte)'_';

    /// <summary>No letter or digit there, and no dot, hyphen or the like that joins the word to another one.</summary>
    private static bool IsWordEdge(ReadOnlySpan<byte> text, int at, int step)
    {
        if (at < 0 || at >= text.Length)
            return true;
        if (char.IsAsciiLetterOrDigit((char)text[at]) || text[at] is >= 0x80 or (byte)'@')
            return false;
        var beyond = at + step;
        var joins = text[at] is (byte)'.' or (byte)'-' or (byte)'_' or (byte)'+' or (byte)'=';
        return !joins || beyond < 0 || beyond >= text.Length || !char.IsAsciiLetterOrDigit((char)text[beyond]);
    }

    /// <summary>A whole parameter of a URL: "?user=ann&amp;", "/ann?".</summary>
    private static bool IsParameter(ReadOnlySpan<byte> text, int start, int end)
    {
        if (start == 0 || !(text[start - 1] is (byte)'=' or (byte)'/' || (start >= 3 && text[(start - 3)..start].SequenceEqual("%3D"u8))))
            return false;
        if (end < text.Length && text[end] is not ((byte)'&' or (byte)'"' or (byte)'\'' or (byte)'<' or (byte)'>' or (byte)'#' or (byte)'?' or (byte)'/' or (byte)')' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)';' or (byte)','))
            return false;
        var before = text[Math.Max(0, start - MaxLookBack)..start];
        var urlStart = before.LastIndexOfAny(UrlEdge) + 1;
        var url = before[urlStart..];
        var host = url.IndexOf("://"u8);
        // "https://ann" is a host, "https://host/ann" is not.
        return host >= 0 ? url[(host + 3)..].Contains((byte)'/') || url.Contains((byte)'?') : Ascii.EqualsIgnoreCase(url[..Math.Min(7, url.Length)], "mailto:"u8);
    }

    private static byte Lower(byte octet) => octet is >= (byte)'A' and <= (byte)'Z' ? (byte)(octet | 0x20) : octet;
}
