using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Postmaster.Fbl.Spf;

/// <summary>
/// What some host noted of its SPF check in a Received-SPF field (RFC 7208 §9.1). Anybody can write one: it is good to know, and no evidence.
/// </summary>
/// <param name="Result">In lower case, such as <c>pass</c>.</param>
/// <param name="Comment">The words in brackets; null without.</param>
/// <param name="Pairs">Keys in lower case, such as <c>client-ip</c>, with their values unquoted.</param>
public sealed record ReceivedSpf(string Result, string? Comment, IReadOnlyList<KeyValuePair<string, string>> Pairs)
{
    /// <summary>Attack: a field of a megabyte.</summary>
    private const int MaxLength = 8192;

    private const int MaxPairs = 32;

    private static readonly string[] Results = ["pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"];

    /// <summary>Null when the field does not say.</summary>
    public string? Value(string key) => Pairs.FirstOrDefault(p => string.Equals(p.Key, key, StringComparison.Ordinal)).Value;

    /// <param name="value">Unfolded, without the field name.</param>
    /// <param name="problem"><c>too-long</c>, <c>bad-result</c>, <c>bad-comment</c>, <c>bad-pair</c> or <c>too-many-pairs</c>.</param>
    public static bool TryParse(string value, [NotNullWhen(true)] out ReceivedSpf? field, out ParseProblem problem)
    {
        field = null;
        problem = value.Length > MaxLength ? new ParseProblem("too-long") : default;
        if (problem != default)
            return false;
        int at = SkipBlanks(value, 0), end = WordEnd(value, at);
        string result = value[at..end].ToLowerInvariant();
        if (!Results.Contains(result, StringComparer.Ordinal))
        {
            problem = new ParseProblem("bad-result", at);
            return false;
        }

        at = SkipBlanks(value, end);
        string? comment = null;
        if (at < value.Length && value[at] == '(' && !TryTakeComment(value, ref at, out comment))
        {
            problem = new ParseProblem("bad-comment", at);
            return false;
        }

        List<KeyValuePair<string, string>> pairs = [];
        while ((at = SkipBlanks(value, at)) < value.Length)
        {
            if (!TryTakePair(value, ref at, pairs))
            {
                problem = new ParseProblem("bad-pair", at);
                return false;
            }

            if (pairs.Count > MaxPairs)
            {
                problem = new ParseProblem("too-many-pairs", at);
                return false;
            }
        }

        field = new ReceivedSpf(result, comment, pairs);
        return true;
    }

    /// <summary><c>key=value;</c> with a dot-atom or a quoted string; hosts write addresses bare, too.</summary>
    private static bool TryTakePair(string value, ref int at, List<KeyValuePair<string, string>> pairs)
    {
        int equals = value.IndexOf('=', at);
        string key = equals < 0 ? "" : value[at..equals].TrimEnd();
        if (key.Length == 0 || !key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            return false;
        at = SkipBlanks(value, equals + 1);
        if (at < value.Length && value[at] == '"')
        {
            if (!TryTakeQuoted(value, ref at, out string? quoted))
                return false;
            pairs.Add(new(key.ToLowerInvariant(), quoted));
        }
        else
        {
            int end = WordEnd(value, at);
            pairs.Add(new(key.ToLowerInvariant(), value[at..end]));
            at = end;
        }

        at = SkipBlanks(value, at);
        if (at < value.Length && value[at] == '(' && !TryTakeComment(value, ref at, out _))
            return false;
        at = SkipBlanks(value, at);
        if (at == value.Length)
            return true;
        // Some hosts leave the semicolon out.
        if (value[at] == ';')
            at++;
        return true;
    }

    private static bool TryTakeQuoted(string value, ref int at, [NotNullWhen(true)] out string? quoted)
    {
        var text = new StringBuilder();
        quoted = null;
        for (int i = at + 1; i < value.Length; i++)
        {
            if (value[i] == '"')
            {
                at = i + 1;
                quoted = text.ToString();
                return true;
            }

            if (value[i] == '\\' && i + 1 < value.Length)
                i++;
            text.Append(value[i]);
        }

        return false;
    }

    private static bool TryTakeComment(string value, ref int at, out string? comment)
    {
        comment = null;
        int depth = 0;
        for (int i = at; i < value.Length; i++)
        {
            if (value[i] == '\\')
                i++;
            else if (value[i] == '(')
                depth++;
            else if (value[i] == ')' && --depth == 0)
            {
                comment = value[(at + 1)..i].Trim();
                at = i + 1;
                return true;
            }
        }

        return false;
    }

    private static int SkipBlanks(string value, int at)
    {
        while (at < value.Length && value[at] is (' ' or '\t'))
            at++;
        return at;
    }

    private static int WordEnd(string value, int at)
    {
        while (at < value.Length && value[at] is not (' ' or '\t' or ';' or '('))
            at++;
        return at;
    }
}
