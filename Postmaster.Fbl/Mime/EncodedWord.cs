using System.Text;

namespace Postmaster.Fbl.Mime;

/// <summary>Decodes the encoded words of RFC 2047. What is not one, or is in an unknown charset, stays as it is.</summary>
internal static class EncodedWord
{
    public static string Decode(string text)
    {
        var start = text.IndexOf("=?", StringComparison.Ordinal);
        if (start < 0)
            return text;

        var result = new StringBuilder(text.Length);
        var pending = new List<byte>();
        Encoding? pendingCharset = null;
        var copied = 0;
        while (start >= 0)
        {
            if (!TryRead(text, start, out var charset, out var octets, out var end))
            {
                start = text.IndexOf("=?", start + 2, StringComparison.Ordinal);
                continue;
            }
            // RFC 2047 §6.2: white space between adjacent encoded words is not shown.
            var between = text.AsSpan(copied, start - copied);
            if (pendingCharset is null || !between.IsWhiteSpace())
            {
                Flush(result, pending, pendingCharset);
                result.Append(between);
            }
            else if (!Equals(pendingCharset, charset))
            {
                Flush(result, pending, pendingCharset);
            }
            // Words of one charset are joined as octets first: senders cut characters in two, against §5.
            pending.AddRange(octets);
            pendingCharset = charset;
            copied = end;
            start = text.IndexOf("=?", end, StringComparison.Ordinal);
        }
        Flush(result, pending, pendingCharset);
        return result.Append(text, copied, text.Length - copied).ToString();
    }

    /// <summary>Where encoded words stand with nothing but white space between them, line ends included.</summary>
    internal static IEnumerable<(int Start, int End)> Runs(string text)
    {
        var runStart = -1;
        var runEnd = -1;
        var start = text.IndexOf("=?", StringComparison.Ordinal);
        while (start >= 0)
        {
            if (TryRead(text, start, out _, out _, out var end))
            {
                if (runStart >= 0 && !text.AsSpan(runEnd, start - runEnd).IsWhiteSpace())
                {
                    yield return (runStart, runEnd);
                    runStart = -1;
                }
                runStart = runStart < 0 ? start : runStart;
                runEnd = end;
                start = end;
            }
            else
            {
                start += 2;
            }
            start = text.IndexOf("=?", start, StringComparison.Ordinal);
        }
        if (runStart >= 0)
            yield return (runStart, runEnd);
    }

    /// <summary>"=?" charset ["*" language (RFC 2231 §5)] "?" encoding "?" text "?=".</summary>
    internal static bool TryRead(string text, int start, out Encoding charset, out byte[] octets, out int end)
    {
        charset = Encoding.UTF8;
        octets = [];
        end = start;
        var charsetEnd = IndexOfWithin(text, '?', start + 2, MaxCharsetName);
        if (charsetEnd < 0 || charsetEnd + 2 >= text.Length || text[charsetEnd + 2] != '?')
            return false;
        var contentStart = charsetEnd + 3;
        // The text holds no "?" (§2), so the next one ends it; looking further would be quadratic.
        var contentEnd = text.IndexOf('?', contentStart);
        if (contentEnd < 0 || contentEnd + 1 >= text.Length || text[contentEnd + 1] != '=')
            return false;
        var name = text.AsSpan(start + 2, charsetEnd - start - 2);
        if (name.IndexOf('*') is var star and >= 0)
            name = name[..star];
        if (MailCharset.Find(name.ToString()) is not { } found)
            return false;
        charset = found;
        end = contentEnd + 2;
        var content = text.AsSpan(contentStart, contentEnd - contentStart);
        switch (text[charsetEnd + 1])
        {
            case 'B' or 'b':
                TransferDecoder.TryDecodeBase64(Encoding.UTF8.GetBytes(content.ToString()), int.MaxValue, out octets);
                return true;
            case 'Q' or 'q':
                octets = DecodeQ(content);
                return true;
            default:
                return false;
        }
    }

    /// <summary>The longest name in IANA's registry has 45 characters.</summary>
    private const int MaxCharsetName = 64;

    private static int IndexOfWithin(string text, char wanted, int start, int within)
    {
        if (start >= text.Length)
            return -1;
        var found = text.AsSpan(start, Math.Min(within, text.Length - start)).IndexOf(wanted);
        return found <= 0 ? -1 : start + found;
    }

    /// <summary>RFC 2047 §4.2.</summary>
    private static byte[] DecodeQ(ReadOnlySpan<char> content)
    {
        var bytes = Encoding.UTF8.GetBytes(content.ToString());
        var length = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == '=' && i + 2 < bytes.Length && TransferDecoder.HexValue(bytes[i + 1]) is var high and >= 0
                && TransferDecoder.HexValue(bytes[i + 2]) is var low and >= 0)
            {
                bytes[length++] = (byte)((high << 4) | low);
                i += 2;
            }
            else
            {
                bytes[length++] = bytes[i] == '_' ? (byte)' ' : bytes[i];
            }
        }
        return bytes[..length];
    }

    private static void Flush(StringBuilder result, List<byte> pending, Encoding? charset)
    {
        if (charset is not null)
            result.Append(charset.GetString([.. pending]));
        pending.Clear();
    }
}
