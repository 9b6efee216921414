using System.Diagnostics.CodeAnalysis;
using System.Text;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Cfbl;

/// <summary>
/// Reads the values of <c>CFBL-Address</c> and <c>CFBL-Feedback-ID</c> (RFC 9477 §5): folding, comments and white space anywhere between words, UTF-8
/// (RFC 6532). The address is a bare one: a display name, angle brackets or a second address make the field worthless, because nobody can know which
/// was meant. Parameters are passed over when they are unknown, as ARF is what every address has to take.
/// </summary>
public static class CfblFieldReader
{
    /// <summary>Attack: a field of megabytes. An address has 254 octets, comments and folding beside it are for people.</summary>
    public const int MaxOctets = 4096;

    /// <summary>Attack: endless parameters, each of which is told of.</summary>
    public const int MaxParameters = 16;

    /// <param name="value">As <see cref="Mime.HeaderField.RawValue"/>: folding may still be in it.</param>
    /// <param name="problem">
    /// <c>too-long</c>, <c>not-utf8</c>, <c>open-comment</c>, <c>open-quote</c>, <c>not-bare</c> (display name or angle brackets), <c>several-addresses</c>,
    /// or a problem of <see cref="MailAddress.TryParse"/>; offsets count characters of the decoded value.
    /// </param>
    public static bool TryReadAddress(ReadOnlySpan<byte> value, [NotNullWhen(true)] out CfblAddress? address, out ParseProblem problem)
    {
        address = null;
        if (!TryDecode(value, out string text, out problem))
            return false;
        int at = 0;
        if (!TryTake(text, ref at, bare: true, out string addrSpec, out problem))
            return false;
        if (!MailAddress.TryParse(addrSpec, out MailAddress? parsed, out ParseProblem wrong))
        {
            problem = new ParseProblem(wrong.Code);
            return false;
        }

        var ignored = new List<ParseProblem>();
        if (!TryReadParameters(text, at, ignored, out CfblReportFormat format, out problem))
            return false;
        address = new CfblAddress(parsed, format, ignored);
        return true;
    }

    /// <summary>The identifier with white space and comments taken out, as RFC 9477 §5.2 wants it put together again.</summary>
    /// <param name="problem"><c>too-long</c>, <c>not-utf8</c>, <c>open-comment</c>, <c>empty</c> or <c>bad-character</c>.</param>
    public static bool TryReadFeedbackId(ReadOnlySpan<byte> value, [NotNullWhen(true)] out string? id, out ParseProblem problem)
    {
        id = null;
        if (!TryDecode(value, out string text, out problem))
            return false;
        var kept = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '(')
            {
                if (!TrySkipComment(text, ref i, out problem))
                    return false;
            }
            else if (IsText(text[i]) || text[i] == ':')
            {
                kept.Append(text[i]);
            }
            else if (text[i] is not (' ' or '\t'))
            {
                problem = new ParseProblem("bad-character", i);
                return false;
            }
        }

        if (kept.Length == 0)
        {
            problem = new ParseProblem("empty");
            return false;
        }

        id = kept.ToString();
        return true;
    }

    private static bool TryReadParameters(string text, int at, List<ParseProblem> ignored, out CfblReportFormat format, out ParseProblem problem)
    {
        CfblReportFormat? said = null;
        format = CfblReportFormat.Arf;
        problem = default;
        for (int count = 0; at < text.Length; count++)
        {
            int start = at + 1; // behind the semicolon
            at = start;
            if (!TryTake(text, ref at, bare: false, out string parameter, out problem))
                return false;
            if (count >= MaxParameters || parameter.Length == 0)
                continue;
            // RFC 9477 §5.1: both words are case-sensitive.
            CfblReportFormat? read = parameter switch { "report=arf" => CfblReportFormat.Arf, "report=xarf" => CfblReportFormat.Xarf, _ => null };
            if (read is null)
                ignored.Add(new ParseProblem(parameter.StartsWith("report=", StringComparison.OrdinalIgnoreCase) ? "unknown-format" : "unknown-parameter", start));
            else if (said is not null)
                ignored.Add(new ParseProblem("repeated-parameter", start));
            else
                said = read;
        }

        format = said ?? CfblReportFormat.Arf;
        return true;
    }

    /// <summary>Everything up to a semicolon or the end, without comments and white space; quoted strings stay as they are.</summary>
    /// <param name="bare">Words that are apart, angle brackets and commas are refused.</param>
    private static bool TryTake(string text, ref int at, bool bare, out string taken, out ParseProblem problem)
    {
        taken = "";
        problem = default;
        var word = new StringBuilder();
        bool apart = false;
        for (; at < text.Length && text[at] != ';'; at++)
        {
            char c = text[at];
            if (c is ' ' or '\t' or '(')
            {
                if (c == '(' && !TrySkipComment(text, ref at, out problem))
                    return false;
                apart = word.Length > 0;
                continue;
            }

            if (bare && c is '<' or '>' or ',')
                return Refuse(c == ',' ? "several-addresses" : "not-bare", at, out problem);
            if (bare && apart && c is not ('.' or '@') && word[^1] is not ('.' or '@'))
                return Refuse("not-bare", at, out problem);
            apart = false;
            if (c == '"')
            {
                int end = EndOfQuote(text, at);
                if (end < 0)
                    return Refuse("open-quote", at, out problem);
                word.Append(text, at, end - at + 1);
                at = end;
            }
            else
            {
                word.Append(c);
            }
        }

        taken = word.ToString();
        return true;
    }

    /// <summary>The place of the closing quote; -1 when there is none.</summary>
    private static int EndOfQuote(string text, int at)
    {
        for (int i = at + 1; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                return i;
        }

        return -1;
    }

    /// <summary>From the opening parenthesis to the closing one; comments nest (RFC 5322 §3.2.2).</summary>
    private static bool TrySkipComment(string text, ref int at, out ParseProblem problem)
    {
        problem = default;
        int start = at, depth = 0;
        for (; at < text.Length; at++)
        {
            if (text[at] == '\\')
                at++;
            else if (text[at] == '(')
                depth++;
            else if (text[at] == ')' && --depth == 0)
                return true;
        }

        return Refuse("open-comment", start, out problem);
    }

    private static bool TryDecode(ReadOnlySpan<byte> value, out string text, out ParseProblem problem)
    {
        text = "";
        problem = default;
        if (value.Length > MaxOctets)
            return Refuse("too-long", MaxOctets, out problem);
        if (!System.Text.Unicode.Utf8.IsValid(value))
            return Refuse("not-utf8", 0, out problem);
        // RFC 5322 §2.2.3: a fold is white space anyway, so its line end may stand for more of it.
        text = Encoding.UTF8.GetString(value).Replace('\r', ' ').Replace('\n', ' ');
        return true;
    }

    /// <summary>RFC 5322 §3.2.3, atext, with what RFC 6532 §3.2 adds.</summary>
    private static bool IsText(char c) => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-/=?^_`{|}~".Contains(c, StringComparison.Ordinal) || (c > 127 && !char.IsControl(c));

    private static bool Refuse(string code, int offset, out ParseProblem problem)
    {
        problem = new ParseProblem(code, offset);
        return false;
    }
}
