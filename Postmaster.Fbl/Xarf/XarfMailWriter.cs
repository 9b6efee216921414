using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Text;

namespace Postmaster.Fbl.Xarf;

/// <summary>
/// Puts a XARF report into a mail, as RFC 9477 §3.5.1 lets a sender ask for it. Version 4 does not say how; the form is that of the versions before:
/// <c>X-XARF: PLAIN</c>, multipart/mixed, a text for people and the report (<c>application/json; name=xarf.json</c>) after it.
/// </summary>
public static class XarfMailWriter
{
    /// <summary>Without DKIM signature: that comes on top by the caller. Plain ASCII with CRLF.</summary>
    public static byte[] Write(XarfMailDraft draft)
    {
        // "=_" can stand in no quoted-printable text and "_" in no base64.
        var boundary = $"=_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(draft.MessageId)).AsSpan(0, 20))}";
        var header = new HeaderWriter()
            .Mailbox("From", draft.FromName, draft.From.ToString())
            .Mailbox("To", null, draft.To.ToString())
            .Unstructured("Subject", draft.Subject)
            .Structured("Date", MailDate.Format(draft.Date))
            .Structured("Message-ID", draft.MessageId);
        foreach (var (name, value) in draft.ExtraFields)
            header.Structured(name, value);
        header.Structured("X-XARF", "PLAIN")
            .Structured("MIME-Version", "1.0")
            .Structured("Content-Type", $"multipart/mixed; boundary=\"{boundary}\"");

        var output = new ArrayBufferWriter<byte>((draft.Json.Length * 3 / 2) + 4096);
        output.Write(header.ToArray());
        Put(output, $"\r\n--{boundary}\r\n");
        output.Write(FeedbackReportWriter.TextPart(draft.Text));
        Put(output, $"\r\n--{boundary}\r\nContent-Type: application/json; name=\"xarf.json\"\r\nContent-Disposition: attachment; filename=\"xarf.json\"\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        output.Write(TransferEncoder.Base64(draft.Json.Span));
        Put(output, $"\r\n--{boundary}--\r\n");
        return output.WrittenSpan.ToArray();
    }

    private static void Put(ArrayBufferWriter<byte> output, string ascii) => Encoding.ASCII.GetBytes(ascii, output);
}
