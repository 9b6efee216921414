using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Postmaster.Fbl.Mime;

namespace Postmaster.Tests.Arf;

/// <summary>Ways to write an address, and places of a message to put it in. Octets are characters here (Latin-1).</summary>
internal static class HidingPlaces
{
    public const string Local = "ann.smith", Domain = "mail.example", Address = Local + "@" + Domain;

    /// <summary>Ways that keep the text readable by a program, and so can be put into one another.</summary>
    public static IReadOnlyList<(string Name, Func<string, string> Write)> Encodings { get; } =
    [
        ("as it is", text => text),
        ("upper case", text => text.ToUpperInvariant()),
        ("percent", text => text.Replace("@", "%40", StringComparison.Ordinal)),
        ("percent, every letter", text => string.Concat(text.Select(c => Number(c, "%{0:X2}")))),
        ("percent, every letter, small", text => string.Concat(text.Select(c => Number(c, "%{0:x2}")))),
        ("percent, every second letter", text => string.Concat(text.Select((c, i) => i % 2 == 0 ? Number(c, "%{0:x2}") : c.ToString()))),
        ("percent twice", text => string.Concat(text.Select(c => Number(c, "%25{0:X2}")))),
        ("percent with u", text => string.Concat(text.Select(c => Number(c, "%u{0:x4}")))),
        ("equals sign", text => string.Concat(text.Select(c => char.IsAsciiLetter(c) ? c.ToString() : Number(c, "={0:X2}")))),
        ("HTML, decimal", text => string.Concat(text.Select(c => Number(c, "&#{0};")))),
        ("HTML, hexadecimal", text => string.Concat(text.Select(c => Number(c, "&#x{0:x};")))),
        ("HTML, with zeros", text => string.Concat(text.Select(c => Number(c, "&#{0:00000};")))),
        ("HTML, names", text => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("@", "&commat;", StringComparison.Ordinal).Replace(".", "&period;", StringComparison.Ordinal)),
        ("HTML twice", text => string.Concat(text.Select(c => Number(c, "&amp;#{0};")))),
        ("JSON", text => string.Concat(text.Select(c => Number(c, "\\u{0:x4}")))),
        ("JSON, capitals", text => string.Concat(text.Select(c => char.IsAsciiLetter(c) ? c.ToString() : Number(c, "\\u{0:X4}")))),
        ("script", text => string.Concat(text.Select(c => Number(c, "\\x{0:x2}")))),
        ("base64", text => Convert.ToBase64String(Octets(text))),
        ("base64 without padding", text => Convert.ToBase64String(Octets(text)).TrimEnd('=')),
        ("base64 for URLs", text => System.Buffers.Text.Base64Url.EncodeToString(Octets(text))),
        ("base64 in JSON, first", text => Convert.ToBase64String(Octets($"{{\"r\":\"{text}\",\"l\":7}}"))),
        ("base64 in JSON, second", text => Convert.ToBase64String(Octets($"{{\"to\":\"{text}\",\"l\":17}}"))),
        ("base64 in JSON, third", text => Convert.ToBase64String(Octets($"{{\"rcp\":\"{text}\",\"l\":177,\"x\":\"???>>>\"}}"))),
        ("base64 of UTF-16", text => Convert.ToBase64String(Encoding.Unicode.GetBytes(text))),
        ("base64 of UTF-16, big", text => Convert.ToBase64String(Encoding.BigEndianUnicode.GetBytes(text))),
        ("hex", text => Convert.ToHexStringLower(Octets(text))),
        ("hex, capitals", text => Convert.ToHexString(Octets(text))),
        ("base32", text => Base32(Octets(text))),
        ("base32, small", text => Base32(Octets(text)).ToLowerInvariant()),
    ];

    /// <summary>Ways that stand for the address alone.</summary>
    public static IEnumerable<(string Name, string Text)> Writings()
    {
        foreach (var (name, write) in Encodings)
        {
            yield return (name, write(Address));
            if (name is not "as it is" and not "upper case") // those two are ordinary words elsewhere
                yield return ($"{name}, local-part", write(Local));
        }
        yield return ("tag", $"{Local}+shop@{Domain}");
        yield return ("tag, escaped", $"{Local}%2Bshop%40{Domain}");
        yield return ("without its dot", Address.Replace(".s", "s", StringComparison.Ordinal));
        yield return ("with another dot", Address.Replace("sm", "s.m", StringComparison.Ordinal));
        yield return ("quoted", $"\"{Local}\"@{Domain}");
        yield return ("quoted pairs", $"\"ann\\.smith\"@{Domain}");
        yield return ("VERP", $"bounce-17-{Local}={Domain}@esp.example");
        yield return ("VERP, plus", $"bounce+{Local}={Domain}@esp.example");
        yield return ("VERP, local-part", $"bounce-17-{Local}-4@esp.example");
        yield return ("BATV", $"prvs=1234abcd56={Address}");
        yield return ("SRS", $"SRS0=HHH=TT={Domain}={Local}@fwd.example");
        yield return ("at", $"{Local}-at-{Domain}");
        yield return ("at in brackets", $"{Local}(at){Domain}");
        yield return ("at in words", $"{Local} at {Domain}");
        yield return ("underscore", $"x_{Local}_y");
        yield return ("parameter", $"https://esp.example/?u={Local}&x=1");
        yield return ("path", $"https://esp.example/{Local}/x");
        yield return ("SRS, hidden domain first", $"SRS1=HHH=fwd.example==HHH=TT={Domain}={Local}@far.example");
        yield return ("at with spaces", $"{Local} @ {Domain}");
        yield return ("at in brackets and spaces", $"{Local} [at] {Domain}");
        yield return ("hex with colons", Numbers("{0:x2}", ":"));
        yield return ("hex with spaces, capitals", Numbers("{0:X2}", " "));
        yield return ("hex with prefixes", Numbers("0x{0:x2}", ", "));
        yield return ("hex with prefixes only", Numbers("0x{0:x2}", ""));
        yield return ("code points", Numbers("U+{0:X4}", " "));
        yield return ("decimal numbers", Numbers("{0}", " "));
        yield return ("script with numbers", $"String.fromCharCode({Numbers("{0}", ",")})");
        yield return ("octal", string.Concat(Address.Select(c => $"\\{Convert.ToString(c, 8).PadLeft(3, '0')}")));
        yield return ("style sheet", Numbers("\\{0:x4}", ""));
        yield return ("ROT13", "naa.fzvgu@znvy.rknzcyr");
        yield return ("reversed", "elpmaxe.liam@htims.nna");
        yield return ("UTF-7", $"{Local}+AEA-{Domain}");
        yield return ("tags between", $"ann<wbr>.smi<!-- no -->th<b>@</b>{Domain}");
        yield return ("soft hyphens", $"ann.&shy;smith@{Domain}");
        yield return ("no width", $"ann.\u00E2\u0080\u008Bsmith@{Domain}");
        foreach (var algorithm in new[] { HashAlgorithmName.MD5, HashAlgorithmName.SHA1, HashAlgorithmName.SHA256, HashAlgorithmName.SHA384, HashAlgorithmName.SHA512 })
        {
            foreach (var text in new[] { Address, Address.ToUpperInvariant(), Local })
            {
                var digest = CryptographicOperations.HashData(algorithm, Octets(text));
                yield return ($"{algorithm} of {text}", Convert.ToHexStringLower(digest));
                yield return ($"{algorithm} of {text}, capitals", Convert.ToHexString(digest));
                yield return ($"{algorithm} of {text}, cut", Convert.ToHexStringLower(digest.AsSpan(0, 16)));
                yield return ($"{algorithm} of {text}, base64", Convert.ToBase64String(digest));
                yield return ($"{algorithm} of {text}, for URLs", System.Buffers.Text.Base64Url.EncodeToString(digest));
            }
        }
    }

    /// <summary>Places: what stands before and after the writing, and whether all of it is changed as it stands (else a part is encoded around it).</summary>
    public static IEnumerable<(string Name, Func<string, string> Message)> Places { get; } =
    [
        ("plain body", text => $"From: a@b.example\r\nSubject: x\r\n\r\nHello,\r\n{text}\r\nBye \t\r\n"),
        ("body with LF", text => $"From: a@b.example\nSubject: x\n\nHello,\n{text}\nBye\n"),
        ("between words", text => $"A: 1\r\n\r\nSee {text} and go.\r\n"),
        ("link", text => $"A: 1\r\n\r\n<a href=\"https://e.example/u?x=1&t={text}&y=2\">x</a>\r\n"),
        ("path of a link", text => $"A: 1\r\n\r\nhttps://e.example/unsub/{text}/next?a=1#b\r\n"),
        ("own field", text => $"X-Token: {text}\r\nA: 1\r\n\r\nbody\r\n"),
        ("List-Unsubscribe", text => $"A: 1\r\nList-Unsubscribe: <https://e.example/u/{text}>, <mailto:u@e.example>\r\n\r\nbody\r\n"),
        ("Message-ID", text => $"Message-ID: <17.{text}.4@e.example>\r\nA: 1\r\n\r\nbody\r\n"),
        ("part", text => $"Content-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>{text}</p>\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\nYWJj  ZGVm\r\n--b--\r\nend"),
        ("message inside", text => $"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nX-A: <{text}>\r\n\r\n{text}\r\n--b--\r\n"),
        ("preamble and epilogue", text => $"Content-Type: multipart/mixed; boundary=b\r\n\r\n({text})\r\n--b\r\n\r\nx\r\n--b--\r\n[{text}]\r\n"),
        ("quoted-printable", text => $"Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p style=3D'a'>=E4 \r\n{QuotedPrintable(text, 76)}\r\n</p>=\r\n.\r\n"),
        ("quoted-printable, narrow", text => $"Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=A4\r\n{QuotedPrintable(text, 9)}\r\n.\r\n"),
        ("base64 part", text => $"Content-Transfer-Encoding: base64\r\n\r\n{Encoding.Latin1.GetString(TransferEncoder.Base64(Octets($"A long enough text, so that lines are before it and stay as they are: {text} and after it.\n")))}\r\n"),
        ("base64 part with LF", text => $"Content-Transfer-Encoding: base64\n\n{Encoding.Latin1.GetString(TransferEncoder.Base64(Octets($"({text})"), lineFeedOnly: true))}\n"),
        ("base64 part, odd lines", text => $"Content-Transfer-Encoding: base64\r\n\r\n{Cut(Convert.ToBase64String(Octets($"... {text} ...")), 31, "\r\n")}\r\n"),
        ("UTF-16 part", text => $"Content-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(Encoding.Unicode.GetBytes($"({text})"))}\r\n"),
        ("encoded word", text => $"Subject: =?iso-8859-1?B?{Convert.ToBase64String(Octets($"x {text} y"))}?=\r\n\r\nbody\r\n"),
        ("parameter in pieces", text => $"A: 1\r\nContent-Disposition: attachment;\r\n filename*0=\"{Escaped(text[..(text.Length / 2)])}\";\r\n filename*1=\"{Escaped(text[(text.Length / 2)..])}\"\r\n\r\nbody\r\n"),
    ];

    public static byte[] Octets(string text) => Encoding.Latin1.GetBytes(text);

    public static string Cut(string text, int width, string fold) => string.Join(fold, text.Chunk(width).Select(piece => new string(piece)));

    public static string QuotedPrintable(string text, int width)
    {
        var output = new StringBuilder();
        var column = 0;
        foreach (var c in text)
        {
            var unit = c is '=' or > '~' ? Number(c, "={0:X2}") : c.ToString();
            if (column + unit.Length > width - 1)
            {
                output.Append("=\r\n");
                column = 0;
            }
            output.Append(unit);
            column += unit.Length;
        }
        return output.ToString();
    }

    private static string Escaped(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    private static string Numbers(string format, string between) => string.Join(between, Address.Select(c => Number(c, format)));

    private static string Number(char c, string format) => string.Format(CultureInfo.InvariantCulture, format, (int)c);

    private static string Base32(byte[] octets)
    {
        var bits = string.Concat(octets.Select(octet => Convert.ToString(octet, 2).PadLeft(8, '0')));
        return string.Concat(bits.Chunk(5).Select(five => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[Convert.ToInt32(new string(five).PadRight(5, '0'), 2)]));
    }
}
