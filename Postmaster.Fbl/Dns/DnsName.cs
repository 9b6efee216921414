using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Postmaster.Fbl.Dns;

/// <summary>
/// A name as the wire holds it: labels of any octets (RFC 2181 §11), compared without the case of ASCII letters (RFC 4343).
/// </summary>
internal sealed class DnsName : IEquatable<DnsName>
{
    /// <summary>RFC 1035 §2.3.4.</summary>
    internal const int MaxLabelOctets = 63;

    /// <summary>With length octets and the root (RFC 1035 §2.3.4).</summary>
    internal const int MaxWireOctets = 255;

    /// <summary>Four characters an octet at most (<c>\DDD</c>): longer text cannot be a name.</summary>
    private const int MaxTextLength = 4 * MaxWireOctets;

    /// <summary>A name has at most 127 labels, and no honest writer needs more pointers than labels; stops long chains of pointers.</summary>
    private const int MaxPointers = 127;

    private const int PointerMark = 0xC0; // RFC 1035 §4.1.4

    private readonly byte[] _wire;

    private DnsName(ReadOnlySpan<byte> wire)
    {
        _wire = wire.ToArray();
        Text = Format(wire);
        Key = Text.ToLowerInvariant(); // ASCII only, see Format
    }

    /// <summary>Uncompressed, ends with the root's zero octet.</summary>
    public ReadOnlySpan<byte> Wire => _wire;

    /// <summary>Without the trailing dot; the root is ".".</summary>
    public string Text { get; }

    /// <summary><see cref="Text"/> in lower case: equal for equal names.</summary>
    public string Key { get; }

    public bool IsRoot => _wire.Length == 1;

    /// <summary>Null for the root.</summary>
    public DnsName? Parent => IsRoot ? null : new DnsName(_wire.AsSpan(1 + _wire[0]));

    /// <summary>Reads text with RFC 1035 §5.1 escapes; characters beyond ASCII become their UTF-8 octets.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out DnsName? name)
    {
        name = null;
        if (text.Length is 0 or > MaxTextLength)
            return false;
        Span<byte> wire = stackalloc byte[MaxWireOctets];
        if (text is ".")
        {
            name = new DnsName(wire[..1]);
            return true;
        }
        var labelStart = 0;
        var length = 1;
        Span<byte> octets = stackalloc byte[4];
        for (var i = 0; i < text.Length;)
        {
            if (text[i] == '.')
            {
                if (!CloseLabel(wire, ref labelStart, ref length))
                    return false;
                i++;
                continue;
            }
            if (!TryReadCharacter(text, ref i, octets, out var count) || length + count >= MaxWireOctets)
                return false;
            octets[..count].CopyTo(wire[length..]);
            length += count;
        }
        // A trailing dot has already closed the last label.
        if (length > labelStart + 1 && !CloseLabel(wire, ref labelStart, ref length))
            return false;
        wire[labelStart] = 0;
        name = new DnsName(wire[..(labelStart + 1)]);
        return true;
    }

    /// <summary>Reads at <paramref name="offset"/>, follows compression, and leaves the offset behind the name.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, ref int offset, [NotNullWhen(true)] out DnsName? name)
    {
        name = null;
        Span<byte> wire = stackalloc byte[MaxWireOctets];
        var length = 0;
        var position = offset;
        var pointers = 0;
        var lowest = offset;
        var end = -1;
        while (position < message.Length)
        {
            int octet = message[position];
            if ((octet & PointerMark) == PointerMark)
            {
                if (position + 1 >= message.Length || ++pointers > MaxPointers)
                    return false;
                if (end < 0)
                    end = position + 2;
                var target = ((octet & ~PointerMark) << 8) | message[position + 1];
                // RFC 1035 §4.1.4: a pointer leads to a *prior* occurrence; only ever backwards means no loops.
                if (target >= lowest)
                    return false;
                position = lowest = target;
                continue;
            }
            if (octet > MaxLabelOctets || position + 1 + octet > message.Length || length + 1 + octet > MaxWireOctets)
                return false;
            message.Slice(position, 1 + octet).CopyTo(wire[length..]);
            length += 1 + octet;
            position += 1 + octet;
            if (octet == 0)
            {
                offset = end < 0 ? position : end;
                name = new DnsName(wire[..length]);
                return true;
            }
        }
        return false;
    }

    public bool IsEqualOrSubdomainOf(DnsName other)
    {
        var name = this;
        while (name._wire.Length > other._wire.Length)
            name = name.Parent!;
        return name.Equals(other);
    }

    public bool Equals(DnsName? other) => other is not null && string.Equals(Key, other.Key, StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as DnsName);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Key);

    public override string ToString() => Text;

    private static bool CloseLabel(Span<byte> wire, ref int labelStart, ref int length)
    {
        var count = length - labelStart - 1;
        if (count is 0 or > MaxLabelOctets || length >= MaxWireOctets)
            return false;
        wire[labelStart] = (byte)count;
        labelStart = length++;
        return true;
    }

    private static bool TryReadCharacter(string text, ref int i, Span<byte> octets, out int count)
    {
        count = 1;
        if (text[i] != '\\')
        {
            var found = Rune.TryGetRuneAt(text, i, out var rune);
            if (found)
                (count, i) = (rune.EncodeToUtf8(octets), i + rune.Utf16SequenceLength);
            return found;
        }
        if (i + 3 < text.Length && char.IsAsciiDigit(text[i + 1]))
        {
            var parsed = byte.TryParse(text.AsSpan(i + 1, 3), NumberStyles.None, CultureInfo.InvariantCulture, out octets[0]);
            i += 4;
            return parsed;
        }
        if (i + 1 >= text.Length || char.IsAsciiDigit(text[i + 1]) || !char.IsAscii(text[i + 1]))
            return false;
        octets[0] = (byte)text[i + 1];
        i += 2;
        return true;
    }

    private static string Format(ReadOnlySpan<byte> wire)
    {
        if (wire.Length == 1)
            return ".";
        var text = new StringBuilder(wire.Length);
        for (var i = 0; wire[i] != 0; i += 1 + wire[i])
        {
            if (i > 0)
                text.Append('.');
            foreach (var octet in wire.Slice(i + 1, wire[i]))
            {
                if (octet is (byte)'.' or (byte)'\\')
                    text.Append('\\').Append((char)octet);
                else if (octet is > (byte)' ' and < 0x7F)
                    text.Append((char)octet);
                else
                    text.Append(CultureInfo.InvariantCulture, $"\\{octet:D3}");
            }
        }
        return text.ToString();
    }
}
