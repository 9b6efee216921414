using System.Buffers;
using System.Text;

namespace Postmaster.Fbl.Mime;

/// <summary>Undoes the content transfer encodings of RFC 2045 §6, taking what can be had of broken ones.</summary>
internal static class TransferDecoder
{
    private static readonly SearchValues<byte> QuotedStop = SearchValues.Create("=\n"u8);

    public static string? NameOf(HeaderField? field)
    {
        if (field is null)
            return null;
        var reader = new ParameterReader(field.Unfolded);
        reader.SkipWhite();
        var token = reader.Token();
        return token.IsEmpty ? null : token.ToString().ToLowerInvariant();
    }

    public static bool IsIdentity(string? encoding) => encoding is null or "7bit" or "8bit" or "binary";

    public static bool TryDecode(ReadOnlySpan<byte> body, string? encoding, int maxBytes, out byte[] content)
    {
        switch (encoding)
        {
            case "base64":
                return TryDecodeBase64(body, maxBytes, out content);
            case "quoted-printable":
                return TryDecodeQuotedPrintable(body, maxBytes, out content);
            default:
                var fits = body.Length <= maxBytes;
                content = body[..Math.Min(body.Length, maxBytes)].ToArray();
                return fits && IsIdentity(encoding);
        }
    }

    /// <summary>RFC 2045 §6.8: what is not of the alphabet is ignored; padding ends a quantum, and more may follow (parts glued together).</summary>
    public static bool TryDecodeBase64(ReadOnlySpan<byte> text, int maxBytes, out byte[] content)
    {
        var buffer = new byte[Math.Min(maxBytes, (text.Length / 4 * 3) + 3)];
        var length = 0;
        int bits = 0, count = 0;
        var whole = true;
        foreach (var octet in text)
        {
            var value = Base64Value(octet);
            if (value < 0)
            {
                if (octet == '=')
                    bits = count = 0;
                continue;
            }
            bits = ((bits << 6) | value) & 0xFFFFFF;
            count += 6;
            if (count < 8)
                continue;
            count -= 8;
            if (length == buffer.Length)
            {
                whole = false;
                break;
            }
            buffer[length++] = (byte)(bits >> count);
        }
        content = length == buffer.Length ? buffer : buffer[..length];
        return whole;
    }

    /// <summary>RFC 2045 §6.7: white space at the end of a line is transport's, "=" at the end joins lines, and "=" before no hex digits stands for itself.</summary>
    public static bool TryDecodeQuotedPrintable(ReadOnlySpan<byte> text, int maxBytes, out byte[] content)
    {
        var buffer = new byte[Math.Min(maxBytes, text.Length)];
        var length = 0;
        while (!text.IsEmpty)
        {
            var stop = text.IndexOfAny(QuotedStop);
            var plain = stop < 0 ? text : text[..stop];
            text = stop < 0 ? default : text[stop..];
            var lineEnd = default(ReadOnlySpan<byte>);
            if (text.IsEmpty || text[0] == '\n')
            {
                var trimmed = plain.TrimEnd(" \t\r"u8);
                lineEnd = text.IsEmpty ? plain.EndsWith("\r"u8) ? "\r"u8 : default : plain.EndsWith("\r"u8) ? "\r\n"u8 : "\n"u8;
                plain = trimmed;
                text = text.IsEmpty ? default : text[1..];
            }
            else if (TryHex(text, out var octet))
            {
                if (!Append(buffer, ref length, plain) || !Append(buffer, ref length, [octet]))
                    return Cut(buffer, length, out content);
                text = text[3..];
                continue;
            }
            else
            {
                var soft = SoftLineBreak(text);
                lineEnd = soft > 0 ? default : "="u8;
                text = text[Math.Max(soft, 1)..];
            }
            if (!Append(buffer, ref length, plain) || !Append(buffer, ref length, lineEnd))
                return Cut(buffer, length, out content);
        }
        content = length == buffer.Length ? buffer : buffer[..length];
        return true;
    }

    internal static int HexValue(byte octet) => octet switch
    {
        >= (byte)'0' and <= (byte)'9' => octet - '0',
        >= (byte)'A' and <= (byte)'F' => octet - 'A' + 10,
        >= (byte)'a' and <= (byte)'f' => octet - 'a' + 10,
        _ => -1,
    };

    private static bool TryHex(ReadOnlySpan<byte> text, out byte octet)
    {
        octet = 0;
        if (text.Length < 3 || HexValue(text[1]) < 0 || HexValue(text[2]) < 0)
            return false;
        octet = (byte)((HexValue(text[1]) << 4) | HexValue(text[2]));
        return true;
    }

    /// <summary>The length of "=", white space and a line end; 0 when it is something else.</summary>
    private static int SoftLineBreak(ReadOnlySpan<byte> text)
    {
        var end = text[1..].IndexOfAnyExcept(" \t\r"u8);
        if (end < 0)
            return text.Length;
        return text[end + 1] == '\n' ? end + 2 : 0;
    }

    private static bool Append(byte[] buffer, ref int length, ReadOnlySpan<byte> octets)
    {
        var room = Math.Min(buffer.Length - length, octets.Length);
        octets[..room].CopyTo(buffer.AsSpan(length));
        length += room;
        return room == octets.Length;
    }

    private static bool Cut(byte[] buffer, int length, out byte[] content)
    {
        content = buffer[..length];
        return false;
    }

    private static int Base64Value(byte octet) => octet switch
    {
        >= (byte)'A' and <= (byte)'Z' => octet - 'A',
        >= (byte)'a' and <= (byte)'z' => octet - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => octet - '0' + 52,
        (byte)'+' => 62,
        (byte)'/' => 63,
        _ => -1,
    };
}
