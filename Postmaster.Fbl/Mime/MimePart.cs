namespace Postmaster.Fbl.Mime;

/// <summary>One entity of RFC 2045 §2.4: the message itself, or a part of it. Offsets count from the start of the message that was read.</summary>
public sealed class MimePart
{
    private readonly ReadOnlyMemory<byte> source;
    private readonly List<MimePart> parts = [];
    private readonly MessageLimits limits;
    private RawMessage? embedded;

    internal MimePart(ReadOnlyMemory<byte> source, MessageLimits limits, int offset, int bodyOffset, HeaderBlock headers, ContentType defaultType)
    {
        this.source = source;
        this.limits = limits;
        Offset = offset;
        BodyOffset = bodyOffset;
        EndOffset = source.Length;
        Headers = headers;
        ContentType = ContentType.Of(headers, defaultType);
        TransferEncoding = TransferDecoder.NameOf(headers.First("Content-Transfer-Encoding"));
    }

    public HeaderBlock Headers { get; }

    /// <summary>What the first Content-Type field says; <c>text/plain</c> (in a digest <c>message/rfc822</c>) when it is missing or unreadable (RFC 2045 §5.2).</summary>
    public ContentType ContentType { get; }

    /// <summary>In lower case and without comments; null means 7bit (RFC 2045 §6.1).</summary>
    public string? TransferEncoding { get; }

    /// <summary>The parts of a multipart; the one message inside a message/rfc822 or message/global that is not encoded; else empty.</summary>
    public IReadOnlyList<MimePart> Parts => parts;

    public int Offset { get; }

    /// <summary>The first octet after the blank line.</summary>
    public int BodyOffset { get; }

    /// <summary>After the last octet of the body. The line end before a delimiter belongs to the delimiter (RFC 2046 §5.1.1).</summary>
    public int EndOffset { get; internal set; }

    public ReadOnlyMemory<byte> Raw => source[Offset..EndOffset];

    /// <summary>The body as it is, still encoded.</summary>
    public ReadOnlyMemory<byte> RawBody => source[BodyOffset..EndOffset];

    /// <summary>What stands before the first delimiter of a multipart.</summary>
    public ReadOnlyMemory<byte> Preamble => PreambleEnd < 0 ? default : source[BodyOffset..PreambleEnd];

    /// <summary>What stands after the closing delimiter of a multipart.</summary>
    public ReadOnlyMemory<byte> Epilogue => EpilogueOffset < 0 || EpilogueOffset > EndOffset ? default : source[EpilogueOffset..EndOffset];

    internal int PreambleEnd { get; set; } = -1;

    internal int EpilogueOffset { get; set; } = -1;

    /// <summary>
    /// The message inside a message/rfc822 or message/global, also an encoded one (against RFC 2046 §5.2.1, but met in the wild); else null.
    /// Its offsets count from its own first octet. Read when first asked for.
    /// </summary>
    public RawMessage? EmbeddedMessage
    {
        get
        {
            if (embedded is null && ContentType.IsMessage)
                embedded = MessageReader.Read(TransferDecoder.IsIdentity(TransferEncoding) ? RawBody : DecodedOrRaw(), limits);
            return embedded;
        }
    }

    /// <summary>The body with its transfer encoding undone; broken base64 and quoted-printable give what can be had of them.</summary>
    /// <param name="maxBytes">Most octets of <paramref name="content"/>.</param>
    /// <param name="content">The first <paramref name="maxBytes"/> octets when there are more; the octets as they are when the encoding is unknown.</param>
    /// <returns>False when the content was cut or the encoding is unknown.</returns>
    public bool TryDecode(int maxBytes, out byte[] content) => TransferDecoder.TryDecode(RawBody.Span, TransferEncoding, maxBytes, out content);

    /// <inheritdoc cref="TryDecode(int, out byte[])"/>
    public bool TryDecode(out byte[] content) => TryDecode(limits.MaxDecodedBytes, out content);

    /// <summary>This part and all below it, from top to bottom.</summary>
    public IEnumerable<MimePart> Walk()
    {
        var waiting = new Stack<MimePart>();
        waiting.Push(this);
        while (waiting.TryPop(out var part))
        {
            yield return part;
            for (var i = part.parts.Count - 1; i >= 0; i--)
                waiting.Push(part.parts[i]);
        }
    }

    internal void Add(MimePart part) => parts.Add(part);

    private byte[] DecodedOrRaw()
    {
        TryDecode(limits.MaxDecodedBytes, out var content);
        return content;
    }
}
