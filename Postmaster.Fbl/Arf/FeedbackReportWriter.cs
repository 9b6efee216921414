using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Text;

namespace Postmaster.Fbl.Arf;

/// <summary>
/// Writes a report as RFC 5965 §2 and RFC 6522 §3 want it: three parts in their order, CRLF, nothing that SMTP could not carry.
/// </summary>
/// <remarks>
/// The original goes out as message/rfc822 in 7bit or 8bit, never encoded (RFC 2046 §5.2.1). Its line ends become CRLF. Bare CR, NUL and lines over
/// 998 octets are mended, and part 1 says so. It goes out as its header only when it is larger than the draft allows, or when its header holds 8-bit
/// octets: such a message is message/global (RFC 6532), for which ARF has no form; quoted-printable carries that header unchanged.
/// </remarks>
public static class FeedbackReportWriter
{
    private const string ChangedNote =
        "The copy of the message below was changed so that it can be sent by mail: characters that mail does not allow were replaced, or long lines were broken.";

    private const string TooLargeNote = "The message is too large to be attached; only its header is.";

    private const string InternationalNote = "The header of the message is not plain ASCII, so only the header is attached, in an encoded form.";

    /// <summary>Octets of "FW: " and the original's subject; what is longer is cut between words.</summary>
    private const int MaxSubject = 900;

    private static readonly SearchValues<char> PlainText = SearchValues.Create("\t\n" + string.Concat(Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c)));

    /// <summary>Without DKIM signature: that comes on top by the caller.</summary>
    public static byte[] Write(FeedbackReportDraft draft)
    {
        // The draft's own limit decides about size; parts are not looked into.
        var message = MessageReader.Read(draft.Original, new MessageLimits { MaxMessageBytes = 0 });
        using var body = new OctetWriter(draft.Original.Length + 1024);
        var original = OriginalPart.Write(draft, message, body);
        var note = original.Note switch
        {
            OriginalNote.Changed => ChangedNote,
            OriginalNote.TooLarge => TooLargeNote,
            OriginalNote.International => InternationalNote,
            _ => null,
        };
        var text = TextPart(note is null ? draft.Text : $"{draft.Text.TrimEnd()}\n\n{note}\n");
        var fields = ReportPart(draft);
        var boundary = Boundary(draft.MessageId, text, fields, body.WrittenSpan);
        var header = Header(draft, message.Headers.First("Subject"), boundary, original.Is8Bit);
        var delimiter = Encoding.ASCII.GetBytes($"\r\n--{boundary}");
        var report = GC.AllocateUninitializedArray<byte>(header.Length + text.Length + fields.Length + body.WrittenCount + (4 * delimiter.Length) + 10);
        var rest = report.AsSpan();
        Put(ref rest, header);
        foreach (var part in (ReadOnlySpan<ReadOnlyMemory<byte>>)[text, fields, body.WrittenMemory])
        {
            Put(ref rest, delimiter);
            Put(ref rest, "\r\n"u8);
            Put(ref rest, part.Span);
        }
        Put(ref rest, delimiter);
        Put(ref rest, "--\r\n"u8);
        return report;
    }

    private static void Put(ref Span<byte> rest, ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(rest);
        rest = rest[octets.Length..];
    }

    private static byte[] Header(FeedbackReportDraft draft, HeaderField? subject, string boundary, bool is8Bit)
    {
        var header = new HeaderWriter()
            .Mailbox("From", draft.FromName, draft.From.ToString())
            .Mailbox("To", null, draft.To.ToString());
        if (draft.Shape == OriginalShape.Identifiers)
            header.Unstructured("Subject", $"Feedback report about {(draft.Report.ReportedDomain is [var domain, ..] ? domain : "a message")}");
        else
            WriteSubject(header, subject);
        header.Structured("Date", MailDate.Format(draft.Date)).Structured("Message-ID", draft.MessageId);
        foreach (var (name, value) in draft.ExtraFields)
            header.Structured(name, value);
        header.Structured("MIME-Version", "1.0");
        header.Structured("Content-Type", $"multipart/report; report-type=feedback-report; boundary=\"{boundary}\"");
        // RFC 2045 §6.4: what holds 8bit is 8bit.
        header.Structured("Content-Transfer-Encoding", is8Bit ? "8bit" : "7bit");
        return header.ToArray();
    }

    /// <summary>RFC 5965 §2: the subject of the original behind a forwarding prefix; encoded words stay as they are.</summary>
    private static void WriteSubject(HeaderWriter header, HeaderField? subject)
    {
        if (subject is null || subject.Unfolded.Length == 0)
            header.Unstructured("Subject", "FW:");
        else if (Ascii.IsValid(subject.RawValue.Span) && subject.RawValue.Length <= MaxSubject)
            header.Structured("Subject", "FW: " + subject.Unfolded);
        else
            header.Unstructured("Subject", "FW: " + (subject.Decoded.Length <= MaxSubject ? subject.Decoded : subject.Decoded[..MaxSubject]));
    }

    internal static byte[] TextPart(string text)
    {
        var clean = text.AsSpan().ContainsAnyExcept(PlainText) ? Cleaned(text) : text;
        if (!clean.EndsWith('\n'))
            clean += "\n";
        return Part("text/plain; charset=utf-8", TransferEncoder.QuotedPrintable(Encoding.UTF8.GetBytes(clean)), "quoted-printable");
    }

    private static string Cleaned(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!Rune.IsControl(rune) || rune.Value is '\n' or '\t')
                clean.Append(rune.ToString());
        }
        return clean.ToString();
    }

    /// <summary>The fields of a part and the blank line after them.</summary>
    internal static void BeginPart(OctetWriter output, string contentType, string transferEncoding)
    {
        output.Write(new HeaderWriter().Structured("Content-Type", contentType).Structured("Content-Transfer-Encoding", transferEncoding).ToArray());
        output.Write("\r\n"u8);
    }

    private static byte[] Part(string contentType, ReadOnlySpan<byte> body, string transferEncoding)
    {
        using var output = new OctetWriter(body.Length + 256);
        BeginPart(output, contentType, transferEncoding);
        output.Write(body);
        return output.ToArray();
    }

    /// <summary>RFC 5965 §3, in 7bit.</summary>
    private static byte[] ReportPart(FeedbackReportDraft draft)
    {
        var report = draft.Report;
        var fields = new HeaderWriter();
        Put(fields, "Feedback-Type", report.FeedbackType ?? FeedbackType.Abuse);
        Put(fields, "User-Agent", report.UserAgent ?? "Postmaster");
        Put(fields, "Version", report.Version ?? "1");
        Put(fields, "Original-Envelope-Id", report.OriginalEnvelopeId);
        Put(fields, "Original-Mail-From", Path(report.OriginalMailFrom));
        foreach (var recipient in report.OriginalRcptTo)
            Put(fields, "Original-Rcpt-To", Path(recipient));
        Put(fields, "Arrival-Date", report.ArrivalDate is { } arrival ? MailDate.Format(arrival) : null);
        Put(fields, "Reporting-MTA", report.ReportingMta is { } mta ? $"dns; {mta}" : null);
        Put(fields, "Source-IP", SourceIp(draft));
        Put(fields, "Source-Port", report.SourcePort?.ToString(CultureInfo.InvariantCulture));
        Put(fields, "Incidents", report.Incidents?.ToString(CultureInfo.InvariantCulture));
        foreach (var domain in report.ReportedDomain)
            Put(fields, "Reported-Domain", domain);
        foreach (var uri in report.ReportedUri)
            Put(fields, "Reported-URI", uri);
        foreach (var results in report.AuthenticationResults)
            Put(fields, "Authentication-Results", results);
        WriteAuthFailure(fields, report.AuthFailure);
        return Part("message/feedback-report", fields.ToArray(), "7bit");
    }

    /// <summary>RFC 6591 §3.2</summary>
    private static void WriteAuthFailure(HeaderWriter fields, AuthFailureDetails? details)
    {
        if (details is null)
            return;
        Put(fields, "Auth-Failure", details.Kind);
        Put(fields, "Delivery-Result", details.DeliveryResult);
        Put(fields, "Identity-Alignment", details.IdentityAlignment);
        Put(fields, "DKIM-Domain", details.DkimDomain);
        Put(fields, "DKIM-Identity", details.DkimIdentity);
        Put(fields, "DKIM-Selector", details.DkimSelector);
        Put(fields, "DKIM-Selector-DNS", details.DkimSelectorDns);
        Put(fields, "DKIM-Canonicalized-Header", details.DkimCanonicalizedHeader);
        Put(fields, "DKIM-Canonicalized-Body", details.DkimCanonicalizedBody);
        foreach (var record in details.SpfDns)
            Put(fields, "SPF-DNS", record);
    }

    /// <summary>A field of a report is ASCII; what is not becomes "?".</summary>
    private static void Put(HeaderWriter fields, string name, string? value)
    {
        if (value is not null)
            fields.Structured(name, Encoding.ASCII.GetString(Encoding.ASCII.GetBytes(value)));
    }

    private static string? Path(string? address) => address is null ? null : $"<{address.Replace("<", "", StringComparison.Ordinal).Replace(">", "", StringComparison.Ordinal)}>";

    private static string? SourceIp(FeedbackReportDraft draft)
    {
        if (draft.Report.SourceIp is not { } address)
            return null;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return draft.StrictSourceIp && address.AddressFamily == AddressFamily.InterNetworkV6 ? $"IPv6:{address}" : address.ToString();
    }

    /// <summary>Made from the Message-ID, so that a retry gives the same octets, and found in no part. "=_" can stand in no quoted-printable text.</summary>
    private static string Boundary(string messageId, ReadOnlySpan<byte> text, ReadOnlySpan<byte> fields, ReadOnlySpan<byte> original)
    {
        for (var attempt = 0; ; attempt++)
        {
            var seed = SHA256.HashData(Encoding.UTF8.GetBytes($"{attempt} {messageId}"));
            var boundary = $"=_{Convert.ToHexStringLower(seed.AsSpan(0, 20))}";
            var octets = Encoding.ASCII.GetBytes(boundary);
            if (text.IndexOf(octets) < 0 && fields.IndexOf(octets) < 0 && original.IndexOf(octets) < 0)
                return boundary;
        }
    }
}
