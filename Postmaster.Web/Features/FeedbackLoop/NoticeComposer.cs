using System.Text;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Text;

namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>Writes the portal's own mails: plain text in UTF-8, signed, from a person's role and not from a machine without ears.</summary>
internal static class NoticeComposer
{
    /// <summary>Columns of a line of base64 (RFC 2045 §6.8).</summary>
    private const int LineLength = 76;

    public static byte[] Compose(NoticeContent notice, string fromName, MailAddress from, MailAddress to, string messageId, DkimSigner signer, DateTimeOffset now)
    {
        bool plain = notice.Text.All(c => c is '\n' or '\t' or (>= ' ' and <= '~')) && notice.Text.Split('\n').All(line => line.Length <= 998);
        HeaderWriter writer = new HeaderWriter()
            .Mailbox("From", fromName, from.ToString())
            .Mailbox("To", null, to.ToString())
            .Unstructured("Subject", notice.Subject)
            .Structured("Date", MailDate.Format(now))
            .Structured("Message-ID", $"<{messageId}>")
            .Structured("Auto-Submitted", "auto-generated"); // RFC 3834 §5
        foreach ((string name, string value) in notice.LeaveUrl is { } leave ? OneClick.Fields(leave) : [])
            writer = writer.Structured(name, value);
        byte[] header = writer
            .Structured("MIME-Version", "1.0")
            .Structured("Content-Type", "text/plain; charset=utf-8")
            .Structured("Content-Transfer-Encoding", plain ? "7bit" : "base64")
            .ToArray();
        string body = plain ? notice.Text.TrimEnd('\n').Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n" : Encoded(notice.Text);
        return signer.Sign([.. header, .. "\r\n"u8, .. Encoding.ASCII.GetBytes(body)], now);
    }

    private static string Encoded(string text)
    {
        string encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n")));
        return string.Concat(encoded.Chunk(LineLength).Select(line => new string(line) + "\r\n"));
    }
}
