using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Benchmarks;

/// <summary>Feedback reports: redacted and written about a mail of 40 KB, and read; beside what the same octets cost to hash and to copy.</summary>
internal static class ArfRates
{
    private const double AskedWritten = 20_000, AskedRead = 80_000;

    private static readonly MailAddress Reader = MailAddress.Parse("reader.one@example.com");

    public static void Measure(Table table)
    {
        var key = RedactionKey.ForOwner(new byte[32], "owner-1");
        foreach (var (name, mail) in new[] { ("a letter with a picture", Letter(picture: true)), ("a letter of links", Letter(picture: false)) })
        {
            var kilobytes = string.Create(CultureInfo.InvariantCulture, $"{mail.Length / 1024.0:0.#} KB");
            var redacted = Redactor.Redact(MessageReader.Read(mail), Reader, key, RedactionMode.Recipient);
            if (redacted.AsSpan().IndexOf("reader.one"u8) >= 0)
                throw new InvalidOperationException("The address is still there.");
            table.Asked($"ARF of {name}, {kilobytes}: redacted and written", Rate.Of(() => Report(mail, key)), AskedWritten);
            table.Add("  of this: redacted", Rate.Of(() => Redactor.Redact(MessageReader.Read(mail), Reader, key, RedactionMode.Recipient)));
            table.Add("  of this: written", Rate.Of(() => FeedbackReportWriter.Write(Draft(redacted))));
            table.Add("  the tree of its parts read", Rate.Of(() => MessageReader.Read(mail)));
            table.Add("  its octets copied once", Rate.Of(() => mail.AsSpan().ToArray()));
            table.Add("  its octets through SHA-256", Rate.Of(() => SHA256.HashData(mail)));
        }
        var report = FeedbackReportWriter.Write(Draft(Letter(picture: false, bytes: 3_900)));
        table.Asked(string.Create(CultureInfo.InvariantCulture, $"ARF of {report.Length / 1024.0:0.0} KB read"), Rate.Of(() => Read(report)), AskedRead);
        table.Add("  its lines counted", Rate.Of(() => Lines(report)));
        table.Add("  its octets through SHA-256", Rate.Of(() => SHA256.HashData(report)));
    }

    private static byte[] Report(byte[] mail, RedactionKey key) =>
        FeedbackReportWriter.Write(Draft(Redactor.Redact(MessageReader.Read(mail), Reader, key, RedactionMode.Recipient)));

    private static FeedbackReport Read(byte[] report)
        => FeedbackReportReader.TryRead(MessageReader.Read(report), out var read, out _) ? read : throw new InvalidOperationException("The report is in order.");

    private static int Lines(ReadOnlySpan<byte> octets)
    {
        var lines = 0;
        for (var feed = octets.IndexOf((byte)'\n'); feed >= 0; feed = octets.IndexOf((byte)'\n'))
        {
            lines++;
            octets = octets[(feed + 1)..];
        }
        return lines;
    }

    private static FeedbackReportDraft Draft(byte[] original) => new()
    {
        From = MailAddress.Parse("fbl@example.com"),
        To = MailAddress.Parse("complaints@example.org"),
        Date = new DateTimeOffset(2026, 3, 2, 11, 0, 0, TimeSpan.Zero),
        MessageId = "<r1@example.com>",
        Text = "A reader marked this mail as unwanted.\n",
        Report = new FeedbackReport
        {
            FeedbackType = FeedbackType.Abuse,
            UserAgent = "Postmaster/1",
            Version = "1",
            ArrivalDate = new DateTimeOffset(2026, 3, 2, 10, 0, 3, TimeSpan.Zero),
            OriginalMailFrom = "bounce@example.org",
            OriginalRcptTo = ["3zp5nnonlsba4qk2@example.com"],
            ReportingMta = "mx1.example.com",
            SourceIp = IPAddress.Parse("192.0.2.17"),
            ReportedDomain = ["example.org"],
            AuthenticationResults = ["mx1.example.com; dkim=pass header.d=example.org header.s=s1 header.b=AbCdEfGh; spf=pass smtp.mailfrom=example.org; dmarc=pass header.from=example.org"],
        },
        Original = original,
    };

    /// <summary>As bulk mail is: the address in the envelope's traces, in the links to leave, in the footer, and in every link's token.</summary>
    private static byte[] Letter(bool picture, int bytes = 40 * 1024)
    {
        var random = new Random(1);
        var header = new StringBuilder("Return-Path: <bounce-42-reader.one=example.com@mail.example.org>\r\nDelivered-To: reader.one@example.com\r\n")
            .Append("Received: from mta7.example.org (mta7.example.org [192.0.2.17])\r\n\tby mx1.example.com (Postfix) with ESMTPS id 4XyZ1b2c3d\r\n\tfor <reader.one@example.com>; Mon,  2 Mar 2026 10:00:03 +0000 (UTC)\r\n")
            .Append("Authentication-Results: mx1.example.com; dkim=pass header.d=example.org header.s=s1 header.b=AbCdEfGh;\r\n\tspf=pass smtp.mailfrom=mail.example.org; dmarc=pass header.from=example.org\r\n")
            .Append("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s1;\r\n\tt=1772445601; h=From:To:Subject:Date:Message-ID:List-Unsubscribe;\r\n\tbh=").Append(Base64(random, 32)).Append(";\r\n\tb=");
        for (var i = 0; i < 5; i++)
            header.Append(Base64(random, 51)).Append("\r\n\t ");
        header.Append("AA==\r\nFrom: \"The Example Letter\" <letter@example.org>\r\nTo: reader.one@example.com\r\nReply-To: answers@example.org\r\n")
            .Append("Subject: =?utf-8?Q?What_is_new_in_M=C3=A4rz?= and what was asked\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\nMessage-ID: <1.20260302100000@example.org>\r\nMIME-Version: 1.0\r\n")
            .Append("List-Id: The Example Letter <letter.example.org>\r\nList-Unsubscribe: <https://example.org/u/").Append(Token(random)).Append(">,\r\n\t<mailto:leave-reader.one=example.com@example.org>\r\n")
            .Append("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nFeedback-ID: 42:letter:bulk:example\r\nX-Mailer: Example 7.1\r\n")
            .Append("Content-Type: multipart/related; boundary=\"=_related_1\"\r\n\r\n--=_related_1\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n");
        var html = new StringBuilder("<html><body>\r\n");
        var end = (picture ? bytes / 2 : bytes - 300) - header.Length;
        while (html.Length * 21 / 20 < end)
        {
            html.Append("<p style=\"margin:0;font-family:sans-serif\">the reader of this letter finds what was promised when the list was joined and a way to leave it at the end</p>\r\n");
            if (random.Next(3) == 0)
                html.Append("<a href=\"https://link.example.org/c/").Append(Token(random)).Append("?utm_source=letter&amp;utm_medium=mail\" style=\"color:#336699\">Read on</a>\r\n");
        }
        html.Append("<p>This mail went to reader.one@example.com. <a href=\"https://example.org/leave?m=reader.one%40example.com\">Leave</a></p></body></html>\r\n");
        header.Append(QuotedPrintable(html.ToString())).Append("\r\n--=_related_1\r\nContent-Type: image/png; name=logo.png\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <logo>\r\n\r\n");
        do
            header.Append(Base64(random, 57)).Append("\r\n");
        while (header.Length < bytes - 100);
        header.Append("--=_related_1--\r\n");
        return Encoding.Latin1.GetBytes(header.ToString());
    }

    private static string Base64(Random random, int octets)
    {
        var buffer = new byte[octets];
        random.NextBytes(buffer);
        return Convert.ToBase64String(buffer);
    }

    private static string Token(Random random) => random.Next(4) == 0
        ? System.Buffers.Text.Base64Url.EncodeToString(Encoding.ASCII.GetBytes($"{{\"l\":{random.Next(100_000)},\"r\":\"reader.one@example.com\",\"c\":\"spring\"}}"))
        : Base64(random, 48).Replace('+', '-').Replace('/', '_');

    private static string QuotedPrintable(string text)
    {
        var output = new StringBuilder();
        foreach (var line in text.Split("\r\n"))
        {
            var column = 0;
            foreach (var c in line)
            {
                var unit = c == '=' ? "=3D" : c.ToString();
                if (column + unit.Length > 75)
                {
                    output.Append("=\r\n");
                    column = 0;
                }
                output.Append(unit);
                column += unit.Length;
            }
            output.Append("\r\n");
        }
        return output.ToString();
    }
}
