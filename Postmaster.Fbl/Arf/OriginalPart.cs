using System.Buffers;
using System.Text;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Arf;

/// <summary>What part 1 has to say about the copy of the original.</summary>
internal enum OriginalNote
{
    None,
    Changed,
    TooLarge,
    International,
}

/// <summary>Part 3 of a report, header and all.</summary>
internal sealed record OriginalPart(bool Is8Bit, OriginalNote Note)
{
    /// <param name="message">The original; its parts are not looked into.</param>
    public static OriginalPart Write(FeedbackReportDraft draft, RawMessage message, OctetWriter output)
    {
        var header = message.Headers.Raw.Span;
        if (draft.Shape != OriginalShape.FullMessage)
            return WriteHeadersOnly(output, HeaderOf(message, draft.Shape), OriginalNote.None);
        if (draft.Original.Length > draft.MaxOriginalBytes)
            return WriteHeadersOnly(output, header, OriginalNote.TooLarge);
        if (!Ascii.IsValid(header))
            return WriteHeadersOnly(output, header, OriginalNote.International);
        return WriteFullMessage(output, header, message.Body.Span);
    }

    /// <summary>RFC 9477 §3.5 wants the first and the last of them; a sender finds his subscriber by the other two.</summary>
    private static readonly string[] IdentifierFields = ["Message-ID", "List-Id", "Feedback-ID", "CFBL-Feedback-ID"];

    /// <summary>What a report shows of the header: all of it, or its identifiers.</summary>
    public static ReadOnlySpan<byte> HeaderOf(RawMessage message, OriginalShape shape) =>
        shape == OriginalShape.Identifiers ? Identifiers(message.Headers) : message.Headers.Raw.Span;

    private static byte[] Identifiers(HeaderBlock headers)
    {
        var output = new ArrayBufferWriter<byte>(512);
        foreach (var field in headers)
        {
            if (!Array.Exists(IdentifierFields, name => field.Is(name)))
                continue;
            output.Write(field.Raw.Span);
            if (!output.WrittenSpan.EndsWith("\n"u8))
                output.Write("\r\n"u8);
        }
        return output.WrittenSpan.ToArray();
    }

    private static OriginalPart WriteFullMessage(OctetWriter output, ReadOnlySpan<byte> header, ReadOnlySpan<byte> body)
    {
        var text = MailText.Of(body);
        FeedbackReportWriter.BeginPart(output, "message/rfc822", text.Is8Bit ? "8bit" : "7bit");
        var changed = WriteHeader(output, header);
        output.Write("\r\n"u8);
        if (text.IsMailable)
            output.Write(body);
        else
            changed |= Mend(output, body, "\r\n"u8, fold: false);
        return new OriginalPart(text.Is8Bit, changed ? OriginalNote.Changed : OriginalNote.None);
    }

    /// <summary>RFC 6522 §4: all the fields; here the encoding may be quoted-printable, so nothing has to be changed.</summary>
    private static OriginalPart WriteHeadersOnly(OctetWriter output, ReadOnlySpan<byte> header, OriginalNote note)
    {
        var isAscii = Ascii.IsValid(header);
        using var plain = new OctetWriter(header.Length + 64);
        if (isAscii && !header.Contains((byte)0) && !WriteLines(plain, header, "\r\n"u8, fold: false))
        {
            FeedbackReportWriter.BeginPart(output, "text/rfc822-headers", "7bit");
            output.Write(plain.WrittenSpan);
            return new OriginalPart(Is8Bit: false, note);
        }
        var charset = isAscii ? "us-ascii" : System.Text.Unicode.Utf8.IsValid(header) ? "utf-8" : "unknown-8bit";
        FeedbackReportWriter.BeginPart(output, $"text/rfc822-headers; charset={charset}", "quoted-printable");
        output.Write(TransferEncoder.QuotedPrintable(header));
        return new OriginalPart(Is8Bit: false, note);
    }

    /// <summary>A bare CR becomes a space, as it must not end the field for anyone; long lines are folded.</summary>
    private static bool WriteHeader(OctetWriter output, ReadOnlySpan<byte> header) => WriteLines(output, header, " "u8, fold: true);

    /// <summary>Every line with CRLF. True when more than line ends had to be changed.</summary>
    private static bool WriteLines(OctetWriter output, ReadOnlySpan<byte> text, ReadOnlySpan<byte> forBareReturn, bool fold)
    {
        if (!MailText.Of(text).IsMailable || (fold && !text.IsEmpty && text[^1] != '\n'))
            return Mend(output, text, forBareReturn, fold);
        output.Write(text);
        return false;
    }

    private static bool Mend(OctetWriter output, ReadOnlySpan<byte> text, ReadOnlySpan<byte> forBareReturn, bool fold)
    {
        var changed = false;
        while (!text.IsEmpty)
        {
            var feed = text.IndexOf((byte)'\n');
            var line = feed < 0 ? text : text[..feed];
            text = feed < 0 ? default : text[(feed + 1)..];
            if (feed >= 0 && line.EndsWith("\r"u8))
                line = line[..^1];
            if (line.Length > MailText.MaxLineLength || line.ContainsAny((byte)'\r', (byte)0))
            {
                changed = true;
                WriteMended(output, line, forBareReturn, fold);
            }
            else
            {
                output.Write(line);
            }
            if (feed >= 0 || fold)
                output.Write("\r\n"u8);
        }
        return changed;
    }

    private static void WriteMended(OctetWriter output, ReadOnlySpan<byte> line, ReadOnlySpan<byte> forBareReturn, bool fold)
    {
        var column = 0;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '\r')
            {
                output.Write(forBareReturn);
                column = forBareReturn.Length == 1 ? column + 1 : 0;
            }
            else
            {
                output.Write(line[i] == 0 ? (byte)'?' : line[i]);
                column++;
            }
            // A character of UTF-8 has at most three octets more; a break falls before it, not inside.
            var room = i + 1 < line.Length && (line[i + 1] & 0xC0) == 0x80 ? MailText.MaxLineLength : MailText.MaxLineLength - 4;
            if (column >= room && i + 1 < line.Length)
            {
                output.Write(fold ? "\r\n "u8 : "\r\n"u8);
                column = fold ? 1 : 0;
            }
        }
    }
}
