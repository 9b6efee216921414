using System.Buffers;
using System.Buffers.Text;

namespace Postmaster.Fbl.Mime;

/// <summary>Applies the content transfer encodings of RFC 2045 §6.7 and §6.8, with lines of at most 76 characters and CRLF.</summary>
internal static class TransferEncoder
{
    private const int MaxLine = 76;
    private const string HexDigits = "0123456789ABCDEF";

    /// <summary>Line ends (LF or CRLF) of <paramref name="text"/> become line ends; every other octet comes back on decoding, a bare CR as "=0D".</summary>
    public static byte[] QuotedPrintable(ReadOnlySpan<byte> text, bool lineFeedOnly = false)
    {
        var output = new ArrayBufferWriter<byte>(text.Length + (text.Length / 8) + 16);
        var lineEnd = lineFeedOnly ? "\n"u8 : "\r\n"u8;
        while (!text.IsEmpty)
        {
            var feed = text.IndexOf((byte)'\n');
            var line = feed < 0 ? text : text[..feed];
            text = feed < 0 ? default : text[(feed + 1)..];
            if (feed >= 0 && line.EndsWith("\r"u8))
                line = line[..^1];
            WriteLine(output, line, lineEnd);
            if (feed >= 0)
                output.Write(lineEnd);
        }
        return output.WrittenSpan.ToArray();
    }

    /// <summary>No line end after the last line.</summary>
    public static byte[] Base64(ReadOnlySpan<byte> octets, bool lineFeedOnly = false)
    {
        var output = new ArrayBufferWriter<byte>((octets.Length * 4 / 3) + (octets.Length / 28) + 16);
        var lineEnd = lineFeedOnly ? "\n"u8 : "\r\n"u8;
        const int octetsPerLine = MaxLine / 4 * 3;
        for (var first = true; !octets.IsEmpty; first = false)
        {
            if (!first)
                output.Write(lineEnd);
            var piece = octets[..Math.Min(octetsPerLine, octets.Length)];
            octets = octets[piece.Length..];
            System.Buffers.Text.Base64.EncodeToUtf8(piece, output.GetSpan(MaxLine), out _, out var written);
            output.Advance(written);
        }
        return output.WrittenSpan.ToArray();
    }

    private static void WriteLine(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> line, ReadOnlySpan<byte> lineEnd)
    {
        var column = 0;
        for (var i = 0; i < line.Length; i++)
        {
            var octet = line[i];
            var last = i == line.Length - 1;
            // RFC 2045 §6.7 (3): white space may not end a line. "From " and a lone "." are masked for careless hops.
            var plain = octet is >= 33 and <= 126 and not (byte)'=' || octet is (byte)' ' or (byte)'\t' && !last;
            if (column == 0 && plain && (line[i..].StartsWith("From "u8) || octet == '.'))
                plain = false;
            var width = plain ? 1 : 3;
            if (column + width > (last ? MaxLine : MaxLine - 1))
            {
                output.Write("="u8);
                output.Write(lineEnd);
                column = 0;
            }
            if (plain)
                output.Write([octet]);
            else
                output.Write([(byte)'=', (byte)HexDigits[octet >> 4], (byte)HexDigits[octet & 15]]);
            column += width;
        }
    }
}
