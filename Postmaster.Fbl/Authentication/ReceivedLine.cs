using System.Net;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Authentication;

/// <summary>What is read of one Received field.</summary>
/// <param name="Helo">What the client called itself; null when the field does not say.</param>
/// <param name="Tls">The protocol version, such as <c>TLSv1.3</c>; "TLS" where only RFC 3848's keyword tells; empty for a hop without; null when unknown.</param>
public sealed record ReceivedLine(string? By, IPAddress? From, DateTimeOffset? Date, string? Helo = null, string? Tls = null)
{
    /// <summary>Octets of a field that are looked at; a longer one is made to be looked at.</summary>
    private const int MaxLength = 8192;

    /// <summary>The longest text form of an IPv6 address, with its brackets; longer comments are something else.</summary>
    private const int MaxAddressLength = 48;

    /// <param name="value">Unfolded, without the field name. Whatever it is, it is read; what it does not say is null.</param>
    public static ReceivedLine Parse(string value)
    {
        if (value.Length > MaxLength)
            return new ReceivedLine(null, null, null);
        int semicolon = value.LastIndexOf(';');
        DateTimeOffset? date = semicolon >= 0 && MailDate.TryParse(value.AsSpan(semicolon + 1), out DateTimeOffset at) ? at.ToUniversalTime() : null;
        string path = semicolon >= 0 ? value[..semicolon] : value;
        int by = WordOutsideComments(path, "by", AfterFrom(path));
        if (by < 0)
            return new ReceivedLine(null, null, date);
        string host = path[(by + 2)..].TrimStart();
        int end = host.AsSpan().IndexOfAny(" \t(;");
        host = end < 0 ? host : host[..end];
        return new ReceivedLine(host.Length == 0 ? null : host.TrimEnd('.'), Address(path[..by]), date, HeloOf(path[..by]), TlsOf(path[..by], path[by..]));
    }

    /// <summary>Behind the word after "from": it is the client's own, and may be "by".</summary>
    private static int AfterFrom(string path)
    {
        int start = path.Length - path.TrimStart().Length;
        if (!path.AsSpan(start).StartsWith("from ", StringComparison.OrdinalIgnoreCase))
            return 0;
        int word = start + 5;
        while (word < path.Length && path[word] == ' ')
            word++;
        int end = path.AsSpan(word).IndexOfAny(" \t(");
        return end < 0 ? path.Length : word + end;
    }

    /// <summary>RFC 5321 §4.4: the word after "from"; hosts that write the resolved name there put the other into a comment as "helo=".</summary>
    private static string? HeloOf(string from)
    {
        const string comment = "helo=";
        int at = from.IndexOf(comment, StringComparison.OrdinalIgnoreCase);
        string text = at >= 0 ? from[(at + comment.Length)..] : from.TrimStart() is var start && start.StartsWith("from ", StringComparison.OrdinalIgnoreCase) ? start[5..].TrimStart() : "";
        int end = text.AsSpan().IndexOfAny(" \t()");
        string word = end < 0 ? text : text[..end];
        return word.Length is 0 or > 255 ? null : word;
    }

    /// <summary>RFC 3848: the keyword after "with" ends in S or SA for a hop under TLS; most hosts name the version in a comment.</summary>
    private static string? TlsOf(string beforeBy, string afterBy)
    {
        // Before "by" stand words of the client's, such as its HELO name: only Postfix's own comment counts there.
        int postfix = beforeBy.IndexOf("(using ", StringComparison.Ordinal);
        string path = (postfix < 0 ? "" : beforeBy[postfix..]) + " " + Comments(afterBy);
        foreach (string version in (string[])["1.3", "1.2", "1.1", "1.0", "1"])
        {
            if (((string[])["TLSv" + version, "TLS" + version, "TLS" + version.Replace('.', '_')]).Any(name => path.Contains(name, StringComparison.OrdinalIgnoreCase)))
                return "TLSv" + version;
        }

        int with = WordOutsideComments(afterBy, "with", 0);
        if (with < 0)
            return null;
        string keyword = afterBy[(with + 4)..].TrimStart();
        int end = keyword.AsSpan().IndexOfAny(" \t(;");
        keyword = (end < 0 ? keyword : keyword[..end]).ToUpperInvariant();
        return keyword switch
        {
            "ESMTPS" or "ESMTPSA" or "UTF8SMTPS" or "UTF8SMTPSA" or "LMTPS" or "LMTPSA" => "TLS",
            "SMTP" or "ESMTP" or "ESMTPA" or "UTF8SMTP" or "UTF8SMTPA" => "",
            _ => null,
        };
    }

    /// <summary>What stands in brackets, at whatever depth.</summary>
    private static string Comments(string text)
    {
        int depth = 0;
        var inside = new System.Text.StringBuilder();
        foreach (char c in text)
        {
            depth += c == '(' ? 1 : c == ')' && depth > 0 ? -1 : 0;
            inside.Append(depth > 0 ? c : ' ');
        }

        return inside.ToString();
    }

    /// <summary>A comment that is nothing but an address, as Exchange and qmail write it.</summary>
    private static IPAddress? BareAddress(string from)
    {
        for (int open = from.IndexOf('(', StringComparison.Ordinal); open >= 0; open = from.IndexOf('(', open + 1))
        {
            int close = from.IndexOf(')', open);
            if (close < 0)
                return null;
            if (close - open <= MaxAddressLength && StrictIpAddress.TryParse(from.AsSpan(open + 1, close - open - 1), out IPAddress? address))
                return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        }

        return null;
    }

    /// <summary>The last bracketed address: hosts write the name that the client gave first, which may look like one, too.</summary>
    private static IPAddress? Address(string from)
    {
        for (int close = from.LastIndexOf(']'); close > 0; close = from.LastIndexOf(']', close - 1))
        {
            int open = from.LastIndexOf('[', close);
            if (open < 0)
                return null;
            string text = from[(open + 1)..close];
            if (text.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase))
                text = text[5..];
            if (StrictIpAddress.TryParse(text, out IPAddress? address))
                return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        }

        return BareAddress(from);
    }

    private static int WordOutsideComments(string text, string word, int start)
    {
        int depth = 0;
        for (int i = start; i < text.Length; i++)
        {
            if (text[i] == '(')
                depth++;
            else if (text[i] == ')' && depth > 0)
                depth--;
            else if (depth == 0 && (i == 0 || text[i - 1] is ' ' or '\t' or ')') && text.AsSpan(i).StartsWith(word, StringComparison.OrdinalIgnoreCase)
                && i + word.Length < text.Length && text[i + word.Length] is ' ' or '\t')
                return i;
        }

        return -1;
    }
}
