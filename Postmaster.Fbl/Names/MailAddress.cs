using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Postmaster.Fbl.Names;

/// <summary>
/// A mailbox as the envelope writes it: local-part "@" domain (RFC 5321 §4.1.2), the local-part also in UTF-8 (RFC 6531 §3.3).
/// Leaves out display names and comments, which are a header's business, and address literals such as <c>user@[192.0.2.1]</c>.
/// </summary>
public sealed record MailAddress
{
    /// <summary>Octets of UTF-8 (RFC 5321 §4.5.3.1.1).</summary>
    public const int MaxLocalPartOctets = 64;

    /// <summary>A path is at most 256 octets with its angle brackets (RFC 5321 §4.5.3.1.3).</summary>
    public const int MaxOctets = 254;

    private MailAddress(string localPart, DomainName domain) => (LocalPart, Domain) = (localPart, domain);

    /// <summary>As it was written: case kept, a quoted string with its quotes.</summary>
    public string LocalPart { get; }

    public DomainName Domain { get; }

    /// <summary>For logs and for people who may not know the mailbox: the first letter and the domain, <c>j***@example.org</c>.</summary>
    public string Masked
    {
        get
        {
            var bare = LocalPart.StartsWith('"') ? LocalPart[1..] : LocalPart;
            var first = bare.EnumerateRunes().FirstOrDefault(new Rune('"')).ToString();
            return (first is "\"" or "\\" ? "" : first) + "***@" + Domain.Ascii;
        }
    }

    /// <summary>A plain address without angle brackets or white space around it.</summary>
    /// <param name="problem">
    /// <c>empty</c>, <c>no-at-sign</c>, <c>empty-local-part</c>, <c>bad-local-part</c>, <c>local-part-too-long</c>, <c>address-too-long</c>,
    /// <c>address-literal</c>, or a problem of <see cref="DomainName.TryParse"/>; offsets count characters.
    /// </param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out MailAddress? address, out ParseProblem problem)
    {
        address = null;
        if (string.IsNullOrEmpty(text))
            return Refuse("empty", 0, out problem);
        if (text.Length > MaxOctets * 4) // a Unicode domain may shrink or grow on its way to A-labels; the octets are counted below
            return Refuse("address-too-long", MaxOctets, out problem);
        var at = EndOfLocalPart(text, out problem);
        if (at < 0)
            return false;
        var localPart = text[..at];
        if (Encoding.UTF8.GetByteCount(localPart) > MaxLocalPartOctets)
            return Refuse("local-part-too-long", 0, out problem);
        if (text.AsSpan(at + 1).StartsWith("["))
            return Refuse("address-literal", at + 1, out problem);
        if (text.EndsWith('.'))
            return Refuse("empty-label", text.Length, out problem); // RFC 5321 §4.1.2: no trailing dot in mail
        if (!DomainName.TryParse(text[(at + 1)..], out var domain, out problem))
            return Refuse(problem.Code, problem.Offset + at + 1, out problem);
        if (Encoding.UTF8.GetByteCount(localPart) + 1 + domain.Ascii.Length > MaxOctets)
            return Refuse("address-too-long", Math.Min(text.Length, MaxOctets), out problem);
        address = new MailAddress(localPart, domain);
        return true;
    }

    /// <summary>For constants and tests.</summary>
    /// <exception cref="FormatException">The text is no address; the message holds the problem's code.</exception>
    public static MailAddress Parse(string text) =>
        TryParse(text, out var address, out var problem) ? address : throw new FormatException($"Not a mail address ({problem.Code} at {problem.Offset}).");

    /// <summary>
    /// An SMTP reverse-path or forward-path: <c>&lt;a@b&gt;</c>, or <c>&lt;&gt;</c>, for which the answer is true and
    /// <paramref name="address"/> is null. An old source route (RFC 5321 appendix C) is dropped.
    /// </summary>
    /// <param name="problem">As for <see cref="TryParse"/>, and <c>no-angle-brackets</c>, <c>bad-source-route</c>.</param>
    public static bool TryParsePath(string? text, out MailAddress? address, out ParseProblem problem)
    {
        address = null;
        problem = default;
        if (text is not ['<', .., '>'])
            return Refuse("no-angle-brackets", 0, out problem);
        if (text.Length == 2)
            return true;
        var start = 1;
        if (text[1] == '@')
        {
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
                return Refuse("bad-source-route", 1, out problem);
            start = colon + 1;
        }
        if (TryParse(text[start..^1], out address, out problem))
            return true;
        problem = problem with { Offset = problem.Offset + start };
        return false;
    }

    public bool Equals(MailAddress? other) => other is not null && Domain.Equals(other.Domain) && string.Equals(LocalPart, other.LocalPart, StringComparison.Ordinal);

    public override int GetHashCode() => HashCode.Combine(Domain, StringComparer.Ordinal.GetHashCode(LocalPart));

    /// <summary>The address with the domain in A-labels.</summary>
    public override string ToString() => LocalPart + "@" + Domain.Ascii;

    /// <summary>The index of the "@" behind a well-formed local-part, or -1.</summary>
    private static int EndOfLocalPart(string text, out ParseProblem problem)
    {
        problem = default;
        var end = text[0] == '"' ? EndOfQuotedString(text) : EndOfDotAtom(text);
        if (end < 0)
            problem = new ParseProblem("bad-local-part", ~end);
        else if (end == text.Length)
            problem = new ParseProblem("no-at-sign", end);
        else if (text[end] != '@')
            problem = new ParseProblem("bad-local-part", end);
        else if (end == 0)
            problem = new ParseProblem("empty-local-part");
        else
            return end;
        return -1;
    }

    /// <summary>RFC 5321 §4.1.2 Dot-string; where it ends, or the complement of where it breaks.</summary>
    private static int EndOfDotAtom(string text)
    {
        var i = 0;
        var afterDot = true;
        while (i < text.Length && text[i] != '@')
        {
            if (text[i] == '.')
            {
                if (afterDot)
                    return ~i;
                afterDot = true;
                i++;
                continue;
            }
            if (!Rune.TryGetRuneAt(text, i, out var rune) || !IsAtext(rune))
                return ~i;
            afterDot = false;
            i += rune.Utf16SequenceLength;
        }
        return afterDot && i > 0 ? ~(i - 1) : i;
    }

    /// <summary>RFC 5321 §4.1.2 Quoted-string; the index behind the closing quote, or the complement of where it breaks.</summary>
    private static int EndOfQuotedString(string text)
    {
        for (var i = 1; i < text.Length;)
        {
            if (text[i] == '"')
                return i + 1;
            if (text[i] == '\\')
            {
                if (i + 1 >= text.Length || text[i + 1] is < ' ' or > '~')
                    return ~i;
                i += 2;
                continue;
            }
            if (!Rune.TryGetRuneAt(text, i, out var rune) || !(rune.IsAscii ? rune.Value is >= ' ' and <= '~' : IsUtf8NonAscii(rune)))
                return ~i;
            i += rune.Utf16SequenceLength;
        }
        return ~text.Length;
    }

    // RFC 5322 §3.2.3 atext, RFC 6531 §3.3 UTF8-non-ascii.
    private static bool IsAtext(Rune rune) =>
        rune.IsAscii ? char.IsAsciiLetterOrDigit((char)rune.Value) || "!#$%&'*+-/=?^_`{|}~".Contains((char)rune.Value) : IsUtf8NonAscii(rune);

    // Controls and separators never stand in a mailbox that anyone uses; here they could only break a log line or a page.
    private static bool IsUtf8NonAscii(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static bool Refuse(string code, int offset, out ParseProblem problem)
    {
        problem = new ParseProblem(code, offset);
        return false;
    }
}
