using System.Text;

namespace Postmaster.Fbl.Mime;

/// <summary>Charsets by their names in mail, and the charset of bare 8-bit headers.</summary>
internal static class MailCharset
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Null when the charset is not known. UTF-7 is unknown on purpose: it hides text from every filter.</summary>
    public static Encoding? Find(string name) => name.Trim().ToLowerInvariant() switch
    {
        "utf-8" or "utf8" or "us-ascii" or "ascii" => Encoding.UTF8,
        "iso-8859-1" or "latin1" or "iso8859-1" => Encoding.Latin1,
        "utf-16" or "utf-16le" => Encoding.Unicode,
        "utf-16be" => Encoding.BigEndianUnicode,
        "cp1252" => CodePagesEncodingProvider.Instance.GetEncoding(1252),
        "" => null,
        var other => CodePagesEncodingProvider.Instance.GetEncoding(other),
    };

    /// <summary>RFC 6532 §3.1: a bare 8-bit header is UTF-8. One that is not is taken for Latin-1, so that no octet is lost.</summary>
    public static string DecodeHeader(ReadOnlySpan<byte> octets)
    {
        if (Ascii.IsValid(octets))
            return Encoding.ASCII.GetString(octets);
        return System.Text.Unicode.Utf8.IsValid(octets) ? StrictUtf8.GetString(octets) : Encoding.Latin1.GetString(octets);
    }

    /// <summary>The octets of a value that <see cref="DecodeHeader"/> gave, when it was ASCII or UTF-8.</summary>
    public static byte[] HeaderBytes(string value) => Encoding.UTF8.GetBytes(value);
}
