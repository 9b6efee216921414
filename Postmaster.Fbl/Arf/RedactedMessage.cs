using System.Buffers;
using System.Text;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Arf;

/// <summary>Writes a message again, part by part, with the addresses replaced; gaps between the parts and all that holds no address as they were.</summary>
internal sealed class RedactedMessage(HeaderRedactor header, TextRedactor text)
{
    /// <summary>Encoded messages inside encoded messages that are opened, against RFC 2046 §5.2.1 as they are; deeper ones are read as text.</summary>
    private const int MaxEncodedMessages = 4;

    private readonly ArrayBufferWriter<byte> output = new();
    private int encodedDepth;

    public byte[] Write(RawMessage message)
    {
        if (MessageProblemCodes.Limits.Any(message.HasProblem))
        {
            foreach (var field in message.Headers)
                output.Write(header.Redact(field));
            output.Write("\r\n"u8);
            output.Write(Encoding.ASCII.GetBytes(Redactor.RemovedBody));
        }
        else
        {
            WritePart(message.Root, message.Bytes.Span);
        }
        return output.WrittenSpan.ToArray();
    }

    /// <summary>As deep as the tree is, which a limit bounds.</summary>
    private void WritePart(MimePart part, ReadOnlySpan<byte> source)
    {
        var boundary = WriteHeader(part, source);
        if (part.Parts.Count == 0)
        {
            WriteLeaf(part);
            return;
        }
        var position = part.BodyOffset;
        foreach (var child in part.Parts)
        {
            WriteGap(source[position..child.Offset], boundary);
            WritePart(child, source);
            position = child.EndOffset;
        }
        WriteGap(source[position..part.EndOffset], boundary);
    }

    private readonly record struct Boundary(byte[]? Old, byte[]? New);

    private Boundary WriteHeader(MimePart part, ReadOnlySpan<byte> source)
    {
        var boundary = default(Boundary);
        if (part.Parts.Count > 0 && part.ContentType.IsMultipart && part.ContentType.Parameter("boundary") is { } named)
        {
            var old = Encoding.UTF8.GetBytes(named.TrimEnd(' ', '\t'));
            boundary = new Boundary(old, text.Replace(old, TextKind.Plain) is { } replaced ? HeaderRedactor.SafeBoundary(replaced) : null);
        }
        var first = part.Headers.First("Content-Type");
        var position = part.Offset;
        foreach (var field in part.Headers)
        {
            WriteText(source[position..field.Offset], TextKind.Plain);
            output.Write(ReferenceEquals(field, first) && boundary.New is { } name ? header.WithBoundary(part.ContentType, name) : header.Redact(field));
            position = field.Offset + field.Raw.Length;
        }
        WriteText(source[position..part.BodyOffset], TextKind.Plain);
        return boundary;
    }

    /// <summary>Preamble, delimiter lines and epilogue.</summary>
    private void WriteGap(ReadOnlySpan<byte> gap, Boundary boundary)
    {
        if (boundary.Old is null || boundary.New is null)
        {
            WriteText(gap, TextKind.Plain);
            return;
        }
        while (!gap.IsEmpty)
        {
            var feed = gap.IndexOf((byte)'\n');
            var line = feed < 0 ? gap : gap[..(feed + 1)];
            gap = gap[line.Length..];
            if (!line.StartsWith("--"u8) || !line[2..].StartsWith(boundary.Old))
            {
                WriteText(line, TextKind.Plain);
                continue;
            }
            output.Write("--"u8);
            output.Write(boundary.New);
            output.Write(line[(2 + boundary.Old.Length)..]);
        }
    }

    private void WriteLeaf(MimePart part)
    {
        var body = part.RawBody.Span;
        if (part.TransferEncoding is not ("base64" or "quoted-printable"))
        {
            WriteText(body, TextKind.Plain);
            return;
        }
        part.TryDecode(int.MaxValue, out var content);
        if (RedactContent(part, content) is not { } redacted)
        {
            // An address may stand as it is in what calls itself base64.
            WriteText(body, TextKind.Plain);
            return;
        }
        var lineFeedOnly = body.Contains((byte)'\n') && !body.Contains((byte)'\r');
        var encoded = part.TransferEncoding is "base64" ? TransferEncoder.Base64(redacted, lineFeedOnly) : TransferEncoder.QuotedPrintable(redacted, lineFeedOnly);
        output.Write(encoded);
        if (body.EndsWith("\n"u8) && !encoded.AsSpan().EndsWith("\n"u8))
            output.Write(lineFeedOnly ? "\n"u8 : "\r\n"u8);
    }

    /// <summary>Null when there is nothing to replace.</summary>
    private byte[]? RedactContent(MimePart part, byte[] content)
    {
        if (part.ContentType.IsMessage && encodedDepth < MaxEncodedMessages)
        {
            var inner = new RedactedMessage(header, text) { encodedDepth = encodedDepth + 1 }.Write(MessageReader.Read(content));
            return inner.AsSpan().SequenceEqual(content) ? null : inner;
        }
        // Of the charsets in use only UTF-16 and UTF-32 hide ASCII.
        var charset = part.ContentType.Parameter("charset") is { } name && name.StartsWith("utf-", StringComparison.OrdinalIgnoreCase) ? MailCharset.Find(name) : null;
        if (charset is null or UTF8Encoding)
            return text.Replace(content, TextKind.Plain);
        return text.Replace(Encoding.UTF8.GetBytes(charset.GetString(content)), TextKind.Plain) is { } replaced
            ? charset.GetBytes(Encoding.UTF8.GetString(replaced)) : null;
    }

    private void WriteText(ReadOnlySpan<byte> octets, TextKind kind)
    {
        if (text.Replace(octets, kind) is { } replaced)
            output.Write(replaced);
        else
            output.Write(octets);
    }
}
