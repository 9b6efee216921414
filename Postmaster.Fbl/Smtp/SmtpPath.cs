namespace Postmaster.Fbl.Smtp;

/// <summary>The argument of MAIL FROM and RCPT TO: a path in angle brackets, then parameters (RFC 5321 §4.1.2).</summary>
internal readonly record struct SmtpPath(string Text, IReadOnlyList<KeyValuePair<string, string?>> Parameters)
{
    // RFC 5321 §4.5.3.1.3 allows 256 octets; SMTPUTF8 text and quoting need some more.
    private const int MaxPathLength = 512;

    // More than any client has reason to give.
    private const int MaxParameters = 16;

    /// <summary>Reads <c>FROM:&lt;path&gt; NAME=value</c> with the keyword given. The source route, if any, is dropped (RFC 5321 §4.1.1.3).</summary>
    public static bool TryParse(string argument, string keyword, out SmtpPath path)
    {
        path = default;
        if (!argument.StartsWith(keyword, StringComparison.OrdinalIgnoreCase))
            return false;
        // Spaces after the colon are not in the grammar, but many clients put one.
        var rest = argument.AsSpan(keyword.Length).TrimStart(' ');
        var end = rest.Length > 0 && rest[0] == '<' ? ClosingBracket(rest) : -1;
        if (end < 0 || end > MaxPathLength || HasControl(rest[..end]))
            return false;
        var text = WithoutSourceRoute(rest[1..end]);
        var tail = rest[(end + 1)..];
        if (tail.Length > 0 && tail[0] != ' ')
            return false;
        var parameters = ParseParameters(tail);
        path = new SmtpPath(text.ToString(), parameters ?? []);
        return parameters is not null;
    }

    private static int ClosingBracket(ReadOnlySpan<char> text)
    {
        var quoted = false;
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '"')
                quoted = !quoted;
            else if (text[i] == '\\' && quoted)
                i++;
            else if (text[i] == '>' && !quoted)
                return i;
        }

        return -1;
    }

    private static bool HasControl(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (char.IsControl(c) || c is '\u2028' or '\u2029')
                return true;
        }

        return false;
    }

    private static ReadOnlySpan<char> WithoutSourceRoute(ReadOnlySpan<char> path) =>
        path.Length > 0 && path[0] == '@' && path.IndexOf(':') is > 0 and var colon ? path[(colon + 1)..] : path;

    private static List<KeyValuePair<string, string?>>? ParseParameters(ReadOnlySpan<char> tail)
    {
        var parameters = new List<KeyValuePair<string, string?>>();
        foreach (var range in tail.Split(' '))
        {
            var parameter = tail[range];
            if (parameter.IsEmpty)
                continue;
            var equals = parameter.IndexOf('=');
            var name = (equals < 0 ? parameter : parameter[..equals]).ToString().ToUpperInvariant();
            // RFC 5321 §4.1.2: esmtp-keyword; each stands at most once (RFC 5321 §4.1.1.11 leaves no meaning to a second).
            if (!IsKeyword(name) || parameters.Count == MaxParameters || parameters.Exists(p => string.Equals(p.Key, name, StringComparison.Ordinal)))
                return null;
            parameters.Add(new(name, equals < 0 ? null : parameter[(equals + 1)..].ToString()));
        }

        return parameters;
    }

    private static bool IsKeyword(string name) =>
        name.Length > 0 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
