using System.Buffers;

namespace Postmaster.Fbl.Smtp;

/// <summary>Message content to message data, over any cut: every line end becomes CRLF (RFC 5321 §2.3.8), dots at line starts are stuffed (§4.5.2).</summary>
internal sealed class SmtpDataEncoder
{
    private const byte Cr = (byte)'\r';
    private const byte Lf = (byte)'\n';
    private const byte Dot = (byte)'.';

    private bool lineStart = true;
    private bool afterCr;

    public void Encode(ReadOnlySpan<byte> content, IBufferWriter<byte> output)
    {
        while (content.Length > 0)
        {
            if (afterCr)
            {
                // Alone or with LF, the CR ends the line.
                afterCr = false;
                EndLine(output);
                if (content[0] is Lf)
                {
                    content = content[1..];
                    continue;
                }
            }

            var end = content.IndexOfAny(Cr, Lf);
            var line = end < 0 ? content : content[..end];
            if (line.Length > 0)
            {
                if (lineStart && line[0] is Dot)
                    output.Write([Dot]);
                output.Write(line);
                lineStart = false;
            }

            if (end < 0)
                return;
            afterCr = content[end] is Cr;
            if (!afterCr)
                EndLine(output);
            content = content[(end + 1)..];
        }
    }

    /// <summary>Ends the last line if need be, and the data (RFC 5321 §4.1.1.4).</summary>
    public void Finish(IBufferWriter<byte> output)
    {
        if (afterCr || !lineStart)
            EndLine(output);
        output.Write(".\r\n"u8);
    }

    /// <summary>Octets of the message as RFC 1870 §3 counts them: with CRLF, without stuffed dots and terminator.</summary>
    public static long SizeOf(ReadOnlySpan<byte> content)
    {
        var size = 0L;
        while (content.Length > 0)
        {
            var end = content.IndexOfAny(Cr, Lf);
            size += (end < 0 ? content.Length : end) + 2;
            if (end < 0)
                break;
            var length = content[end] is Cr && end + 1 < content.Length && content[end + 1] is Lf ? 2 : 1;
            content = content[(end + length)..];
        }

        return size;
    }

    private void EndLine(IBufferWriter<byte> output)
    {
        output.Write("\r\n"u8);
        lineStart = true;
    }
}
