using System.Text;

namespace Postmaster.Fbl.Mime;

/// <summary>One field of a header, as it stood in the message; nothing is copied until it is asked for.</summary>
public sealed class HeaderField
{
    private readonly ReadOnlyMemory<byte> source;
    private readonly int nameLength;
    private readonly int valueOffset;
    private readonly int end;
    private string? name;
    private string? unfolded;
    private string? decoded;

    internal HeaderField(ReadOnlyMemory<byte> source, int offset, int nameLength, int valueOffset, int end)
    {
        this.source = source;
        Offset = offset;
        this.nameLength = nameLength;
        this.valueOffset = valueOffset;
        this.end = end;
    }

    /// <summary>Octets from the start of the message to the name.</summary>
    public int Offset { get; }

    /// <summary>Octets from the start of the message to the first octet after the colon.</summary>
    public int ValueOffset => valueOffset;

    /// <summary>As written, without white space before the colon.</summary>
    public string Name => name ??= Encoding.ASCII.GetString(NameSpan);

    /// <summary>The name through the final line end, which is missing only at the end of a cut message.</summary>
    public ReadOnlyMemory<byte> Raw => source[Offset..end];

    /// <summary>From after the colon to before the final line end, folding and all.</summary>
    public ReadOnlyMemory<byte> RawValue
    {
        get
        {
            var value = source[valueOffset..end];
            var span = value.Span;
            if (span.EndsWith("\n"u8))
                value = span.EndsWith("\r\n"u8) ? value[..^2] : value[..^1];
            return value;
        }
    }

    /// <summary>
    /// The value with line ends taken out (RFC 5322 §2.2.3) and white space trimmed; UTF-8 (RFC 6532) or else Latin-1.
    /// Holds no CR and no LF: a lone CR has become a space. Other control characters stay.
    /// </summary>
    public string Unfolded => unfolded ??= Unfold(RawValue.Span);

    /// <summary>As <see cref="Unfolded"/>, with the encoded words of RFC 2047 decoded. For people, not for machines: it may hold any character.</summary>
    public string Decoded => decoded ??= EncodedWord.Decode(Unfolded);

    /// <summary>Field names are compared without regard to case (RFC 5322 §1.2.2).</summary>
    public bool Is(ReadOnlySpan<char> other) => Ascii.EqualsIgnoreCase(NameSpan, other);

    /// <summary>The name and the value, for people.</summary>
    public override string ToString() => $"{Name}: {Unfolded}";

    internal ReadOnlySpan<byte> NameSpan => source.Span.Slice(Offset, nameLength);

    private static string Unfold(ReadOnlySpan<byte> value)
    {
        value = value.Trim(" \t\r\n"u8);
        if (!value.ContainsAny((byte)'\r', (byte)'\n'))
            return MailCharset.DecodeHeader(value);

        var buffer = new byte[value.Length];
        var length = 0;
        for (var i = 0; i < value.Length; i++)
        {
            var octet = value[i];
            if (octet == '\n' || (octet == '\r' && i + 1 < value.Length && value[i + 1] == '\n'))
                continue;
            buffer[length++] = octet == '\r' ? (byte)' ' : octet;
        }
        return MailCharset.DecodeHeader(buffer.AsSpan(0, length));
    }
}
