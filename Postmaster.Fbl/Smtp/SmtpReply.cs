using System.Globalization;
using System.Text;

namespace Postmaster.Fbl.Smtp;

// The Smtp folder: mail in motion. A client for submission to one relay (SmtpClient) and the server side of LMTP (LmtpSession).
//
// Client: RFC 5321 (SMTP), 2920 (PIPELINING), 1870 (SIZE), 6152 (8BITMIME), 6531 (SMTPUTF8), 3207 (STARTTLS), 8314 (implicit TLS),
// 4954 (AUTH) with PLAIN (RFC 4616) and LOGIN, 2034 and 3463 (enhanced status codes).
// Server: RFC 2033 (LMTP) with PIPELINING, SIZE, 8BITMIME, SMTPUTF8, ENHANCEDSTATUSCODES.
// Left out: MX lookup (there is one relay), DSN (RFC 3461), CHUNKING (RFC 3030), BURL, ETRN; and on the server AUTH and STARTTLS,
// because LMTP is spoken on loopback, on a Unix socket or behind the host's own TLS.

/// <summary>An answer to one SMTP or LMTP command (RFC 5321 §4.2).</summary>
/// <param name="Code">Three digits, 200 to 599.</param>
/// <param name="EnhancedCode">RFC 3463 <c>class.subject.detail</c> without the text; null when there is none.</param>
/// <param name="Lines">The text of each line, without code and enhanced code; outside text when the reply was read from a peer, with control
/// characters already replaced by spaces. Never empty.</param>
public sealed record SmtpReply(int Code, string? EnhancedCode, IReadOnlyList<string> Lines)
{
    // RFC 5321 §4.5.3.1.5: a reply line is at most 512 octets, "250-5.7.100 " and CRLF included.
    private const int MaxTextOctets = 512 - 14;

    public SmtpReply(int code, string? enhancedCode, string text)
        : this(code, enhancedCode, [text])
    {
    }

    public bool IsPositive => Code is >= 200 and < 300;

    public bool IsTemporary => Code is >= 400 and < 500;

    public bool IsPermanent => Code is >= 500 and < 600;

    /// <summary>One line for people: <c>550 5.1.1 No such user</c>; the lines of a long reply are joined by spaces.</summary>
    public override string ToString()
    {
        var text = string.Join(' ', Lines).Trim();
        return string.Create(CultureInfo.InvariantCulture, $"{Code}{(EnhancedCode is null ? "" : " " + EnhancedCode)}{(text.Length == 0 ? "" : " " + text)}");
    }

    public bool Equals(SmtpReply? other) =>
        other is not null && Code == other.Code && string.Equals(EnhancedCode, other.EnhancedCode, StringComparison.Ordinal) && Lines.SequenceEqual(other.Lines, StringComparer.Ordinal);

    public override int GetHashCode() => HashCode.Combine(Code, EnhancedCode, Lines.Count);

    /// <summary>The reply on the wire. Text that no reply may carry (controls, non-ASCII, over-long lines) is replaced or cut here and nowhere else.</summary>
    internal string ToWire()
    {
        var wire = new StringBuilder();
        for (var i = 0; i < Math.Max(Lines.Count, 1); i++)
        {
            // RFC 5321 §4.2.1: a hyphen after the code on every line but the last. RFC 2034 §4: the enhanced code on every line.
            wire.Append(CultureInfo.InvariantCulture, $"{Code}{(i < Lines.Count - 1 ? '-' : ' ')}");
            if (EnhancedCode is not null)
                wire.Append(EnhancedCode).Append(' ');
            AppendText(wire, i < Lines.Count ? Lines[i] : "");
            wire.Append("\r\n");
        }

        return wire.ToString();
    }

    private static void AppendText(StringBuilder wire, string text)
    {
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MaxTextOctets)))
            wire.Append(c is >= ' ' and <= '~' ? c : c is '\t' or '\r' or '\n' ? ' ' : '?');
    }
}
