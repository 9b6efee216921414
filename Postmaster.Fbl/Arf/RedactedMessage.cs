using System.Buffers;
using System.Text;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Arf;

/// <summary>Writes a message again, part by part, with the addresses replaced; gaps between the parts and all that holds no address as they were.</summary>
internal sealed class RedactedMessage(RawMessage message, HeaderRedactor header, TextRedactor text, int encodedDepth = 0) : IDisposable
{
    /// <summary>Encoded messages inside encoded messages that are opened, against RFC 2046 §5.2.1 as they are; deeper ones are read as text.</summary>
    private const int MaxEncodedMessages = 4;

    private readonly OctetWriter output = new(message.Bytes.Length + 1024);

    public void Dispose() => output.Dispose();

    public byte[] Write()
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
        return output.ToArray();
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
        for (var round = 0; round < TextRedactor.MaxRounds; round++)
        {
            var next = part.TransferEncoding switch
            {
                "base64" => OfBase64(part, body, out var more) is { } octets ? (octets, more) : default,
                "quoted-printable" => OfQuotedPrintable(part, body, out var more) is { } octets ? (octets, more) : default,
                _ => InContent(part, body) is { Edits: { } edits } found ? (FoundEdits.Apply(body, edits), found.More) : default,
            };
            if (next.Item1 is null)
                break;
            body = next.Item1;
            if (!next.Item2)
                break;
        }
        output.Write(body);
    }

    /// <summary>Null when there is nothing to replace.</summary>
    private byte[]? OfQuotedPrintable(MimePart part, ReadOnlySpan<byte> body, out bool more)
    {
        using var decoded = new QuotedPrintableText(body);
        var found = InContent(part, decoded.Text);
        more = found.More;
        if (found.Edits is not { } edits)
            return null;
        using var changed = new OctetWriter(body.Length + (edits.Count * 64));
        decoded.Apply(edits, changed);
        return changed.ToArray();
    }

    /// <summary>Null when there is nothing to replace.</summary>
    private byte[]? OfBase64(MimePart part, ReadOnlySpan<byte> body, out bool more)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(body.Length);
        var length = Base64Text.Decode(body, buffer);
        byte[]? changed;
        if (length < 0)
        {
            changed = OfBrokenBase64(part, body, out more);
        }
        else
        {
            var found = InContent(part, buffer.AsSpan(0, length));
            more = found.More;
            changed = found.Edits is { } edits ? Base64Text.Apply(body, buffer.AsSpan(0, length), edits) : null;
        }
        ArrayPool<byte>.Shared.Return(buffer);
        // An address may stand as it is in what calls itself base64.
        return changed ?? (text.FindWritten(body, TextKind.Plain) is { } written ? FoundEdits.Apply(body, written) : null);
    }

    /// <summary>Lines of other lengths, letters that are none, pieces glued together: all of it is written again.</summary>
    private byte[]? OfBrokenBase64(MimePart part, ReadOnlySpan<byte> body, out bool more)
    {
        TransferDecoder.TryDecodeBase64(body, int.MaxValue, out var content);
        var found = InContent(part, content);
        more = found.More;
        if (found.Edits is not { } edits)
            return null;
        var lineFeedOnly = body.Contains((byte)'\n') && !body.Contains((byte)'\r');
        var encoded = TransferEncoder.Base64(FoundEdits.Apply(content, edits), lineFeedOnly);
        return [.. encoded, .. body[body.TrimEnd("\r\n"u8).Length..]];
    }

    private FoundEdits InContent(MimePart part, ReadOnlySpan<byte> content)
    {
        if (part.ContentType.IsMessage && !TransferDecoder.IsIdentity(part.TransferEncoding) && encodedDepth < MaxEncodedMessages)
        {
            using var inner = new RedactedMessage(MessageReader.Read(content.ToArray()), header, text, encodedDepth + 1);
            return Difference(content, inner.Write());
        }
        // Of the charsets in use only UTF-16 and UTF-32 hide ASCII.
        var charset = part.ContentType.Parameter("charset") is { } name && name.StartsWith("utf-", StringComparison.OrdinalIgnoreCase) ? MailCharset.Find(name) : null;
        if (charset is null or UTF8Encoding)
            return text.Find(content, TextKind.Plain);
        return text.Replace(Encoding.UTF8.GetBytes(charset.GetString(content)), TextKind.Plain) is { } replaced
            ? Difference(content, charset.GetBytes(Encoding.UTF8.GetString(replaced))) : default;
    }

    private static FoundEdits Difference(ReadOnlySpan<byte> before, byte[] after)
    {
        var same = before.CommonPrefixLength(after);
        if (same == before.Length && same == after.Length)
            return default;
        var tail = 0;
        while (tail < Math.Min(before.Length, after.Length) - same && before[^(tail + 1)] == after[^(tail + 1)])
            tail++;
        return new FoundEdits([new TextEdit(same, before.Length - same - tail, after[same..^tail])], false);
    }

    private void WriteText(ReadOnlySpan<byte> octets, TextKind kind)
    {
        if (text.Replace(octets, kind) is { } replaced)
            output.Write(replaced);
        else
            output.Write(octets);
    }
}
