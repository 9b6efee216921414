using System.Globalization;
using System.Text;

namespace Postmaster.Tests.Support;

/// <summary>Mails as they come, unsigned: short notes and newsletters, plain and multipart, with white space in odd places. One octet a character.</summary>
internal static class CorpusText
{
    private const string Words = "the reader of this letter finds what was promised when the list was joined, and a way to leave it at the end of each mail ";

    /// <summary>Line ends and white space that canonicalization has rules about.</summary>
    private static readonly string[] Ends = ["", "\r\n", "\r\n", "\r\n", "\r\n\r\n\r\n", " \t\r\n", "\r\n \r\n\t\r\n"];

    private static readonly string[] Folds = [" ", "  ", "\t", "\r\n ", "\r\n\t", " \r\n  ", "\t \r\n \t"];

    public static string Make(Random random, int number)
    {
        var mail = new StringBuilder();
        AppendHeader(mail, random, number);
        // most mails are small, some are large
        var size = (int)(600 * Math.Exp(random.NextDouble() * 4));
        if (random.Next(3) == 0)
            AppendPlain(mail, random, size);
        else
            AppendMultipart(mail, random, size);
        return mail.Append(Ends[random.Next(Ends.Length)]).ToString();
    }

    private static void AppendHeader(StringBuilder mail, Random random, int number)
    {
        for (var hop = random.Next(4); hop > 0; hop--)
            mail.Append(CultureInfo.InvariantCulture, $"Received: from mta{hop}.example.net (mta{hop}.example.net [192.0.2.{hop}])\r\n\tby mx1.example.com with ESMTPS id {number:x}; Mon,  2 Mar 2026 09:59:0{hop} +0000\r\n");
        mail.Append(Name(random, "From")).Append(CultureInfo.InvariantCulture, $"{Fold(random)}\"Letter {number}\"{Fold(random)}<letter@example.org>\r\n");
        mail.Append(Name(random, "To")).Append(CultureInfo.InvariantCulture, $" reader{number}@example.com,{Fold(random)}other@example.com{(random.Next(4) == 0 ? " \t" : "")}\r\n");
        mail.Append(Name(random, "Subject")).Append(random.Next(5) switch
        {
            0 => "",
            1 => $" =?utf-8?Q?M=C3=A4rz?={Fold(random)}and{Fold(random)}more  ",
            2 => " na\u00EFve caf\u00E9", // octets above 127 without a word on their character set
            _ => $" What{Fold(random)}is  new",
        }).Append("\r\n");
        mail.Append(CultureInfo.InvariantCulture, $"Date: Mon, 2 Mar 2026 09:{number % 60:00}:00 +0000\r\nMessage-ID: <{number}@example.org>\r\n");
        if (random.Next(2) == 0)
            mail.Append("List-Unsubscribe: <https://example.org/u/8f3a9c>,\r\n <mailto:leave@example.org>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
        if (random.Next(4) == 0)
            mail.Append("X-Empty:\r\nX-Twice: one\r\nX-Twice: two\r\n");
        mail.Append("MIME-Version: 1.0\r\n");
    }

    private static void AppendPlain(StringBuilder mail, Random random, int size)
    {
        mail.Append("Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n");
        AppendLines(mail, random, mail.Length + size, "", "");
    }

    private static void AppendMultipart(StringBuilder mail, Random random, int size)
    {
        mail.Append("Content-Type: multipart/mixed;\r\n boundary=\"=_1\"\r\n\r\nA preamble.\r\n--=_1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n");
        AppendLines(mail, random, mail.Length + (size / 4), "", "");
        mail.Append("\r\n--=_1\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n");
        AppendLines(mail, random, mail.Length + (size / 4), "<p style=3D\"margin:0\">", "</p>");
        mail.Append("--=_1\r\nContent-Type: image/png; name=logo.png\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        var picture = new byte[57];
        for (var left = size / 2; left > 0; left -= 78)
        {
            random.NextBytes(picture);
            mail.Append(Convert.ToBase64String(picture)).Append("\r\n");
        }
        mail.Append("--=_1--");
    }

    private static void AppendLines(StringBuilder mail, Random random, int end, string before, string after)
    {
        while (mail.Length < end)
        {
            mail.Append(before).Append(Words, random.Next(Words.Length - 60), random.Next(20, 60));
            if (random.Next(6) == 0)
                mail.Append(" \u00E9\u00FC  \t ");
            mail.Append(after).Append(random.Next(8) == 0 ? "\r\n\r\n" : random.Next(8) == 0 ? "  \t\r\n" : "\r\n");
        }
    }

    private static string Fold(Random random) => Folds[random.Next(Folds.Length)];

    private static string Name(Random random, string name) => random.Next(6) switch
    {
        0 => name.ToUpperInvariant() + ":",
        1 => name.ToLowerInvariant() + ":",
        _ => name + ":",
    };
}
