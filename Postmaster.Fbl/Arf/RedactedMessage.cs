using System.Buffers;
using System.Text;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Arf;

/// <summary>Writes a message again, part by part, with the addresses replaced; gaps between the parts and all that holds no address as they were.</summary>
internal sealed class RedactedMessage(RawMessage message, HeaderRedactor header, TextRedactor text, int encodedDepth = 0) : IDisposable
{
    /// <summary>Encoded messages inside encoded messages that are opened, against RFC 2046 §5.2.1 as they are; deeper ones are read as text.</summary>
    private const int MaxEncodedMessages = 4;

    /// <summary>What the names of charsets begin with in which letters of ASCII may be other octets.</summary>
    private static readonly string[] Hiding = ["utf-", "ibm", "cp"];

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
        var start = output.WrittenCount;
        for (var round = 1; WriteBody(part, body) && round < TextRedactor.MaxRounds; round++)
            body = output.TakeFrom(start);
    }

    /// <returns>Whether it has to be looked at again.</returns>
    private bool WriteBody(MimePart part, ReadOnlySpan<byte> body) => part.TransferEncoding switch
    {
        "base64" => WriteBase64(part, body),
        "quoted-printable" => WriteQuotedPrintable(part, body),
        _ => WriteEdited(body, InContent(part, body)),
    };

    private bool WriteEdited(ReadOnlySpan<byte> body, FoundEdits found)
    {
        FoundEdits.Apply(body, found.Edits ?? [], output);
        return found.More;
    }

    private bool WriteQuotedPrintable(MimePart part, ReadOnlySpan<byte> body)
    {
        using var decoded = new QuotedPrintableText(body);
        var found = InContent(part, decoded.Text);
        decoded.Apply(found.Edits ?? [], output);
        return found.More;
    }

    private bool WriteBase64(MimePart part, ReadOnlySpan<byte> body)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(body.Length);
        var length = Base64Text.Decode(body, buffer);
        byte[]? broken = null;
        if (length < 0)
            TransferDecoder.TryDecodeBase64(body, int.MaxValue, out broken);
        var content = broken ?? buffer.AsSpan(0, length);
        var found = InContent(part, content);
        if (found.Edits is not { } edits)
            WriteEdited(body, new FoundEdits(text.FindWritten(body, TextKind.Plain), false)); // An address may stand as it is in what calls itself base64.
        else if (broken is null)
            Base64Text.Apply(body, content, edits, output);
        else
            WriteAnew(body, FoundEdits.Apply(content, edits));
        ArrayPool<byte>.Shared.Return(buffer);
        return found.More;
    }

    /// <summary>Lines of other lengths, letters that are none, pieces glued together: all of it is encoded again.</summary>
    private void WriteAnew(ReadOnlySpan<byte> body, byte[] content)
    {
        output.Write(TransferEncoder.Base64(content, lineFeedOnly: body.Contains((byte)'\n') && !body.Contains((byte)'\r')));
        output.Write(body[body.TrimEnd("\r\n"u8).Length..]);
    }

    private FoundEdits InContent(MimePart part, ReadOnlySpan<byte> content)
    {
        if (part.ContentType.IsMessage && !TransferDecoder.IsIdentity(part.TransferEncoding) && encodedDepth < MaxEncodedMessages)
        {
            using var inner = new RedactedMessage(MessageReader.Read(content.ToArray()), header, text, encodedDepth + 1);
            return Difference(content, inner.Write());
        }
        // Of the charsets in use only UTF-16, UTF-32 and EBCDIC hide ASCII.
        var charset = part.ContentType.Parameter("charset") is { } name && Hiding.Any(one => name.StartsWith(one, StringComparison.OrdinalIgnoreCase)) ? MailCharset.Find(name) : null;
        if (charset is null or UTF8Encoding || charset.GetBytes("a") is [(byte)'a'])
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
