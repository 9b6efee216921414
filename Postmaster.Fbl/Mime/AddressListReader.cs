using System.Buffers;
using System.Text;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Mime;

/// <summary>One mailbox of an address field.</summary>
/// <param name="AddrSpec">local-part "@" domain as written, without white space and comments; may be no valid address.</param>
/// <param name="DisplayName">Unquoted and decoded (RFC 2047), of <c>a@b (Name)</c> the comment; null when there is none.</param>
/// <param name="Group">The name of the group it stands in, or null.</param>
/// <param name="Offset">Octets from the start of the value that was read to the addr-spec.</param>
/// <param name="Length">Octets of the addr-spec there, white space and comments inside it included.</param>
/// <param name="NameOffset">The same of the display name, quotes included; -1 when there is none.</param>
/// <param name="NameLength">0 when there is none.</param>
public sealed record ListedMailbox(string AddrSpec, string? DisplayName, string? Group, int Offset, int Length, int NameOffset, int NameLength)
{
    /// <summary>Null when there is none that could be read.</summary>
    public DomainName? Domain => AddrSpec.LastIndexOf('@') is var at and >= 0 && DomainName.TryParse(AddrSpec[(at + 1)..], out var domain, out _) ? domain : null;
}

/// <summary>
/// Reads the address lists of From, To, Cc and the like (RFC 5322 §3.4, obsolete forms of §4.4, UTF-8 of RFC 6532) from the raw value.
/// Takes what can be had of broken lists; a semicolon separates as a comma does.
/// </summary>
public static class AddressListReader
{
    /// <summary>Mailboxes of one field that are read; stops address bombs.</summary>
    public const int MaxMailboxes = 5_000;

    private static readonly SearchValues<byte> WordStop = SearchValues.Create(" \t\r\n(),:;<>@\"["u8);

    /// <param name="value">As <see cref="HeaderField.RawValue"/>: folding is white space.</param>
    public static IReadOnlyList<ListedMailbox> Read(ReadOnlySpan<byte> value)
    {
        var list = new List<ListedMailbox>();
        var reader = new ListReader(value);
        while (list.Count < MaxMailboxes && reader.Next(out var mailbox))
        {
            if (mailbox is not null)
                list.Add(mailbox);
        }
        return list;
    }

    /// <summary>All mailboxes of every field of that name.</summary>
    public static IReadOnlyList<ListedMailbox> Read(HeaderBlock headers, string name) =>
        [.. headers.All(name).SelectMany(field => Read(field.RawValue.Span)).Take(MaxMailboxes)];

    private ref struct ListReader(ReadOnlySpan<byte> value)
    {
        private readonly ReadOnlySpan<byte> value = value;
        private readonly List<(int Start, int End)> words = [];
        private int position;
        private string? group;

        /// <summary>Reads to the next separator. False at the end; null when what stood there names no mailbox.</summary>
        public bool Next(out ListedMailbox? mailbox)
        {
            mailbox = null;
            words.Clear();
            (int Start, int End) angle = (-1, -1), comment = (-1, -1);
            if (position >= value.Length)
                return false;
            var seenAt = false;
            while (position < value.Length)
            {
                var start = position;
                switch (value[position])
                {
                    case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n':
                        position++;
                        break;
                    case (byte)'(':
                        position = CommentEnd(value, position);
                        comment = (start + 1, Math.Max(start + 1, position - 1));
                        break;
                    case (byte)'<':
                        position = AngleEnd(value, position);
                        if (angle.Start < 0)
                            angle = (start + 1, position > start + 1 && value[position - 1] == '>' ? position - 1 : position);
                        break;
                    case (byte)':' when angle.Start < 0 && !seenAt:
                        group = NameOf(words);
                        words.Clear();
                        position++;
                        break;
                    case (byte)',' or (byte)';':
                        position++;
                        mailbox = Mailbox(angle, comment);
                        if (value[start] == ';')
                            group = null;
                        return true;
                    default:
                        position = WordEnd(value, position);
                        words.Add((start, position));
                        seenAt |= value[start] == '@';
                        break;
                }
            }
            mailbox = Mailbox(angle, comment);
            return true;
        }

        private readonly ListedMailbox? Mailbox((int Start, int End) angle, (int Start, int End) comment)
        {
            if (angle.Start >= 0)
            {
                var inner = AngleWords(angle.Start, angle.End);
                if (inner.Count == 0)
                    return null;
                var (nameOffset, nameLength) = words.Count == 0 ? (-1, 0) : (words[0].Start, words[^1].End - words[0].Start);
                return new ListedMailbox(Joined(inner), NameOf(words), group, inner[0].Start, inner[^1].End - inner[0].Start, nameOffset, nameLength);
            }
            var address = AddressWords();
            if (address.Count == 0)
                return null;
            var hasComment = comment.Start >= 0;
            return new ListedMailbox(Joined(address), hasComment ? NameOf([comment]) : null, group, address[0].Start, address[^1].End - address[0].Start,
                hasComment ? comment.Start : -1, hasComment ? comment.End - comment.Start : 0);
        }

        /// <summary>The words between the angle brackets, without the route (RFC 5322 §4.4) and comments.</summary>
        private readonly List<(int Start, int End)> AngleWords(int start, int end)
        {
            var inner = new List<(int Start, int End)>();
            var route = false;
            while (start < end)
            {
                var octet = value[start];
                if (octet == '(')
                {
                    start = CommentEnd(value[..end], start);
                    continue;
                }
                if (octet is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                {
                    start++;
                    continue;
                }
                route |= octet == '@' && inner.Count == 0;
                if (octet == ':' && route)
                {
                    inner.Clear();
                    route = false;
                    start++;
                    continue;
                }
                var next = octet is (byte)':' or (byte)',' or (byte)';' or (byte)'<' or (byte)'>' ? start + 1 : WordEnd(value[..end], start);
                inner.Add((start, next));
                start = next;
            }
            return inner;
        }

        /// <summary>The last run of words around an "@" that hangs together: <c>john . doe @ example.org</c>, but not <c>John doe@example.org</c>.</summary>
        private readonly List<(int Start, int End)> AddressWords()
        {
            var at = -1;
            for (var i = 0; i < words.Count; i++)
            {
                if (value[words[i].Start] == '@' && words[i].End == words[i].Start + 1)
                    at = i;
            }
            if (at < 0)
                return [];
            var first = at;
            while (first > 0 && HangTogether(words[first - 1], words[first]))
                first--;
            var last = at;
            while (last + 1 < words.Count && HangTogether(words[last], words[last + 1]))
                last++;
            return words[first..(last + 1)];
        }

        private readonly bool HangTogether((int Start, int End) left, (int Start, int End) right) =>
            left.End == right.Start || value[left.End - 1] is (byte)'@' or (byte)'.' || value[right.Start] is (byte)'@' or (byte)'.';

        private readonly string Joined(List<(int Start, int End)> parts)
        {
            var octets = new List<byte>();
            foreach (var (start, end) in parts)
                octets.AddRange(value[start..end]);
            return MailCharset.DecodeHeader([.. octets]);
        }

        private readonly string? NameOf(List<(int Start, int End)> parts)
        {
            var name = new StringBuilder();
            var previous = -1;
            foreach (var (start, end) in parts)
            {
                if (previous >= 0 && previous < start)
                    name.Append(' ');
                name.Append(Unquoted(value[start..end]));
                previous = end;
            }
            return name.Length == 0 ? null : EncodedWord.Decode(name.ToString());
        }

        /// <summary>Without quotes, backslashes and folding.</summary>
        private static string Unquoted(ReadOnlySpan<byte> word)
        {
            if (word.Length >= 2 && word[0] == '"' && word[^1] == '"')
                word = word[1..^1];
            else if (word.StartsWith("\""u8))
                word = word[1..];
            var octets = new List<byte>(word.Length);
            for (var i = 0; i < word.Length; i++)
            {
                if (word[i] == '\\' && i + 1 < word.Length)
                    octets.Add(word[++i]);
                else if (word[i] is not ((byte)'\r' or (byte)'\n'))
                    octets.Add(word[i]);
            }
            return MailCharset.DecodeHeader([.. octets]);
        }
    }

    private static int CommentEnd(ReadOnlySpan<byte> value, int start)
    {
        var depth = 0;
        for (var i = start; i < value.Length; i++)
        {
            if (value[i] == '\\')
                i++;
            else if (value[i] == '(')
                depth++;
            else if (value[i] == ')' && --depth == 0)
                return i + 1;
        }
        return value.Length;
    }

    /// <summary>After the "&gt;"; without one, before the next comma.</summary>
    private static int AngleEnd(ReadOnlySpan<byte> value, int start)
    {
        for (var i = start + 1; i < value.Length; i++)
        {
            if (value[i] == '"')
                i = WordEnd(value, i) - 1;
            else if (value[i] == '>')
                return i + 1;
            else if (value[i] == ',' && value[start + 1] != '@')
                return i;
        }
        return value.Length;
    }

    /// <summary>After a quoted string, a domain literal, an "@", or a run of other octets.</summary>
    private static int WordEnd(ReadOnlySpan<byte> value, int start)
    {
        var close = value[start] switch { (byte)'"' => (byte)'"', (byte)'[' => (byte)']', _ => (byte)0 };
        if (close != 0)
        {
            for (var i = start + 1; i < value.Length; i++)
            {
                if (value[i] == '\\')
                    i++;
                else if (value[i] == close)
                    return i + 1;
            }
            return value.Length;
        }
        if (value[start] == '@')
            return start + 1;
        var length = value[(start + 1)..].IndexOfAny(WordStop);
        return length < 0 ? value.Length : start + 1 + length;
    }
}
