using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Postmaster.Fbl.Names;

/// <summary>
/// A domain name as mail uses it: A-labels in lower case without the trailing dot, two names are equal when those are.
/// Obeys RFC 1035 §2.3.4 (lengths), RFC 1123 §2.1 (letters, digits, hyphens) and RFC 5890 (A-labels); underscores are let through
/// because DKIM, DMARC and challenge records live under them (RFC 8552). Leaves out: names with other octets, which only
/// <see cref="Dns.IDnsResolver"/> takes, and the public suffix list.
/// </summary>
public sealed record DomainName : IComparable<DomainName>
{
    /// <summary>RFC 1035 §2.3.4.</summary>
    public const int MaxLabelLength = 63;

    /// <summary>255 octets on the wire (RFC 1035 §2.3.4) leave 253 characters of text.</summary>
    public const int MaxLength = 253;

    /// <summary>Stops megabytes of text from reaching the IDNA tables; no 253 octets of A-labels come from more characters than this.</summary>
    private const int MaxTextLength = 1024;

    // UTS 46 mapping comes with the platform's IDNA tables; the letters-digits-hyphen rule is checked below, with underscores allowed.
    private static readonly IdnMapping Idna = new() { UseStd3AsciiRules = false, AllowUnassigned = false };

    private DomainName(string ascii) => Ascii = ascii;

    /// <summary>Lower-case A-labels joined by dots, 1 to 253 characters, no trailing dot.</summary>
    public string Ascii { get; }

    /// <summary>
    /// The name for people. A label that does not decode, or would not encode to itself again, stays as it is in <see cref="Ascii"/>,
    /// so what is shown always leads back to this name.
    /// </summary>
    public string Unicode => Ascii.Contains("xn--", StringComparison.Ordinal) ? string.Join('.', Ascii.Split('.').Select(ToUnicodeLabel)) : Ascii;

    public int LabelCount => Ascii.AsSpan().Count('.') + 1;

    /// <summary>The name without its first label; null for a single label.</summary>
    public DomainName? Parent => Ascii.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0 ? new DomainName(Ascii[(dot + 1)..]) : null;

    /// <summary>Takes U-labels, A-labels or a mixture, any case, with or without the trailing dot. White space is not trimmed.</summary>
    /// <param name="problem">
    /// <c>empty</c>, <c>name-too-long</c>, <c>empty-label</c>, <c>label-too-long</c>, <c>bad-character</c>, <c>hyphen-at-edge</c>,
    /// <c>numeric-top-label</c> (an IPv4 address, for instance) or <c>bad-idna</c>; offsets count characters of the text;
    /// where it was not ASCII, to the start of the label.
    /// </param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out DomainName? name, out ParseProblem problem)
    {
        name = null;
        problem = default;
        if (string.IsNullOrEmpty(text))
            return Refuse("empty", 0, out problem);
        if (text.Length > MaxTextLength)
            return Refuse("name-too-long", MaxLength, out problem);
        var isAscii = System.Text.Ascii.IsValid(text);
        var ascii = "";
        if (isAscii)
            ascii = text.ToLowerInvariant();
        else if (!TryToAscii(text, out ascii))
            return Refuse("bad-idna", 0, out problem);
        if (ascii.EndsWith('.'))
            ascii = ascii[..^1];
        if (!AreLabels(ascii, out problem))
        {
            if (!isAscii)
                problem = problem with { Offset = LabelStart(text, ascii.AsSpan(0, problem.Offset).Count('.')) };
            return false;
        }
        name = new DomainName(ascii);
        return true;
    }

    /// <summary>For constants and tests.</summary>
    /// <exception cref="FormatException">The text is no domain name; the message holds the problem's code.</exception>
    public static DomainName Parse(string text) =>
        TryParse(text, out var name, out var problem) ? name : throw new FormatException($"Not a domain name ({problem.Code} at {problem.Offset}).");

    /// <summary>True only below <paramref name="other"/>, not for the name itself.</summary>
    public bool IsSubdomainOf(DomainName other) =>
        Ascii.Length > other.Ascii.Length && Ascii[^(other.Ascii.Length + 1)] == '.' && Ascii.EndsWith(other.Ascii, StringComparison.Ordinal);

    public bool IsEqualOrSubdomainOf(DomainName other) => Equals(other) || IsSubdomainOf(other);

    public bool Equals(DomainName? other) => other is not null && string.Equals(Ascii, other.Ascii, StringComparison.Ordinal);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Ascii);

    /// <summary>Ordinal order of <see cref="Ascii"/>.</summary>
    public int CompareTo(DomainName? other) => string.CompareOrdinal(Ascii, other?.Ascii);

    public static bool operator <(DomainName left, DomainName right) => left.CompareTo(right) < 0;

    public static bool operator >(DomainName left, DomainName right) => left.CompareTo(right) > 0;

    public static bool operator <=(DomainName left, DomainName right) => left.CompareTo(right) <= 0;

    public static bool operator >=(DomainName left, DomainName right) => left.CompareTo(right) >= 0;

    public override string ToString() => Ascii;

    private static bool AreLabels(string ascii, out ParseProblem problem)
    {
        if (ascii.Length == 0)
            return Refuse("empty", 0, out problem);
        var start = 0;
        for (var i = 0; i <= ascii.Length; i++)
        {
            if (i < ascii.Length && ascii[i] != '.')
            {
                if (!char.IsAsciiLetterOrDigit(ascii[i]) && ascii[i] is not ('-' or '_'))
                    return Refuse("bad-character", i, out problem);
                continue;
            }
            if (i == start)
                return Refuse("empty-label", i, out problem);
            if (i - start > MaxLabelLength)
                return Refuse("label-too-long", start, out problem);
            if (ascii[start] == '-' || ascii[i - 1] == '-')
                return Refuse("hyphen-at-edge", start, out problem);
            start = i + 1;
        }
        if (ascii.Length > MaxLength)
            return Refuse("name-too-long", MaxLength, out problem);
        // RFC 1123 §2.1: a host name's last label is not all digits, so that no name is mistaken for an address.
        var top = ascii.AsSpan(ascii.LastIndexOf('.') + 1);
        if (!top.ContainsAnyExceptInRange('0', '9'))
            return Refuse("numeric-top-label", ascii.Length - top.Length, out problem);
        problem = default;
        return true;
    }

    private static int LabelStart(ReadOnlySpan<char> text, int label)
    {
        var start = 0;
        for (; label > 0; label--)
        {
            var dot = text[start..].IndexOfAny(".\u3002\uFF0E\uFF61"); // what UTS 46 takes for a dot
            if (dot < 0)
                return text.Length;
            start += dot + 1;
        }
        return start;
    }

    private static bool TryToAscii(string text, out string ascii)
    {
        try
        {
            ascii = Idna.GetAscii(text.ToLowerInvariant()).ToLowerInvariant();
            return true;
        }
        catch (ArgumentException) // the platform's only way to say that a label is no U-label
        {
            ascii = "";
            return false;
        }
    }

    private static string ToUnicodeLabel(string label)
    {
        if (!label.StartsWith("xn--", StringComparison.Ordinal))
            return label;
        try
        {
            var unicode = Idna.GetUnicode(label);
            return TryToAscii(unicode, out var again) && string.Equals(again, label, StringComparison.Ordinal) ? unicode : label;
        }
        catch (ArgumentException)
        {
            return label;
        }
    }

    private static bool Refuse(string code, int offset, out ParseProblem problem)
    {
        problem = new ParseProblem(code, offset);
        return false;
    }
}
