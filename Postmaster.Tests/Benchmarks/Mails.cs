using System.Globalization;
using System.Text;

namespace Postmaster.Benchmarks;

/// <summary>Mails of a wanted size as newsletters are: plain text and HTML, and what is left of the size as a picture.</summary>
internal static class Mails
{
    private const string Words = "the reader of this letter finds what was promised when the list was joined and a way to leave it at the end of each mail ";

    public static byte[] OfSize(int bytes, int seed = 1)
    {
        var random = new Random(seed);
        var text = bytes / 5;
        var html = Math.Min(bytes / 2, 60_000);
        var mail = new StringBuilder(bytes + 2000);
        mail.Append("Received: from mta7.example.net (mta7.example.net [192.0.2.17])\r\n\tby mx1.example.com (Postfix) with ESMTPS id 4XyZ1b2c3d\r\n\tfor <reader@example.com>; Mon,  2 Mar 2026 10:00:03 +0000 (UTC)\r\n")
            .Append("Received: by mta7.example.net id h8q2k41c; Mon, 2 Mar 2026 10:00:01 +0000\r\n")
            .Append("From: \"The Example Letter\" <letter@example.org>\r\nTo: reader@example.com\r\nReply-To: answers@example.org\r\n")
            .Append("Subject: =?utf-8?Q?What_is_new_in_M=C3=A4rz?= and what was asked\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\n")
            .Append(CultureInfo.InvariantCulture, $"Message-ID: <{seed}.20260302100000@example.org>\r\nMIME-Version: 1.0\r\n")
            .Append("List-Id: The Example Letter <letter.example.org>\r\nList-Unsubscribe: <https://example.org/u/8f3a9c>, <mailto:leave@example.org>\r\n")
            .Append("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nFeedback-ID: 42:letter:bulk:example\r\nX-Mailer: Example 7.1\r\n");
        mail.Append("Content-Type: multipart/alternative;\r\n\tboundary=\"=_alternative_1\"\r\n\r\n--=_alternative_1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n");
        AppendLines(mail, random, mail.Length + text, "", "");
        mail.Append("\r\n--=_alternative_1\r\nContent-Type: multipart/related; boundary=\"=_related_1\"\r\n\r\n--=_related_1\r\n")
            .Append("Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<html><body>\r\n");
        AppendLines(mail, random, mail.Length + html, "<p style=3D\"margin:0\">", "</p>");
        mail.Append("</body></html>\r\n--=_related_1\r\nContent-Type: image/png; name=logo.png\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <logo>\r\n\r\n");
        var picture = new byte[57];
        do
        {
            random.NextBytes(picture);
            mail.Append(Convert.ToBase64String(picture)).Append("\r\n");
        }
        while (mail.Length < bytes - 60);
        mail.Append("--=_related_1--\r\n--=_alternative_1--\r\n");
        return Encoding.Latin1.GetBytes(mail.ToString());
    }

    private static void AppendLines(StringBuilder mail, Random random, int end, string before, string after)
    {
        while (mail.Length < end)
        {
            var start = random.Next(Words.Length - 60);
            mail.Append(before).Append(Words, start, random.Next(20, 60)).Append(after).Append(random.Next(8) == 0 ? "\r\n\r\n" : "\r\n");
        }
    }
}
