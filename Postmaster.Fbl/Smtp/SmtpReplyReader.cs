using System.Globalization;
using System.Text;

namespace Postmaster.Fbl.Smtp;

/// <summary>Puts the lines of one reply together (RFC 5321 §4.2.1) and splits off the enhanced code (RFC 2034 §4).</summary>
internal sealed class SmtpReplyReader
{
    /// <summary>RFC 5321 §4.5.3.1.5 says 512; peers that put whole web addresses in their replies exceed it.</summary>
    public const int MaxLineOctets = 4096;

    /// <summary>Stops a peer that continues its reply for ever. The longest EHLO replies have some 30 lines.</summary>
    public const int MaxLines = 128;

    private readonly List<string> lines = [];
    private int code;
    private string? enhancedCode;

    /// <summary>Takes one line without its line end. False when it cannot belong to a reply; the connection is of no more use then.</summary>
    public bool TryAddLine(ReadOnlySpan<byte> line, out SmtpReply? complete)
    {
        complete = null;
        if (lines.Count == MaxLines || !TryReadCode(line, out var lineCode) || (lines.Count > 0 && lineCode != code))
            return false;
        var separator = line.Length > 3 ? line[3] : (byte)' ';
        if (separator is not ((byte)' ' or (byte)'-'))
            return false;

        var text = Clean(line.Length > 4 ? line[4..] : default);
        var enhanced = EnhancedCodeOf(text, lineCode);
        if (lines.Count == 0)
            (code, enhancedCode) = (lineCode, enhanced);
        lines.Add(enhanced is not null && string.Equals(enhanced, enhancedCode, StringComparison.Ordinal) ? text[enhanced.Length..].TrimStart(' ') : text);
        if (separator is (byte)' ')
            complete = new SmtpReply(code, enhancedCode, lines);
        return true;
    }

    // RFC 5321 §4.2: reply-code = %x32-35 %x30-35 %x30-39; the second digit is not judged.
    private static bool TryReadCode(ReadOnlySpan<byte> line, out int code)
    {
        code = 0;
        return line.Length >= 3 && line[0] is >= (byte)'2' and <= (byte)'5'
            && int.TryParse(line[..3], NumberStyles.None, CultureInfo.InvariantCulture, out code);
    }

    /// <summary>Outside text: UTF-8 where it is valid, controls and separators replaced by spaces.</summary>
    private static string Clean(ReadOnlySpan<byte> text)
    {
        var clean = new StringBuilder(Encoding.UTF8.GetString(text));
        for (var i = 0; i < clean.Length; i++)
        {
            if (char.IsControl(clean[i]) || clean[i] is '\u2028' or '\u2029')
                clean[i] = ' ';
        }

        return clean.ToString().Trim(' ');
    }

    // RFC 3463 §2: class "." subject "." detail; the class has to agree with the code (RFC 2034 §4).
    private static string? EnhancedCodeOf(string text, int code)
    {
        var end = text.IndexOf(' ', StringComparison.Ordinal) is >= 0 and var space ? space : text.Length;
        var parts = text[..end].Split('.');
        return parts.Length == 3 && parts[0].Length == 1 && parts[0][0] - '0' == code / 100
            && parts[1..].All(p => p.Length is >= 1 and <= 3 && p.All(char.IsAsciiDigit)) ? text[..end] : null;
    }
}
