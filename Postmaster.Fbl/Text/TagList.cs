using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;

namespace Postmaster.Fbl.Text;

/// <summary>
/// A list of <c>tag=value</c> pairs parted by semicolons, as DKIM signatures, DKIM keys and DMARC records are written (RFC 6376 §3.2).
/// The list keeps a view of the octets that it was read from: values are slices, never copies.
/// </summary>
/// <remarks>
/// Strict where the RFC is: a tag that occurs twice makes the whole list invalid, tag names are case-sensitive, an empty value differs from an absent tag.
/// Octets above 127 are let through in values, because internationalized mail (RFC 8616) puts UTF-8 there.
/// </remarks>
public sealed class TagList
{
    /// <summary>Attack: a record of thousands of tags, against which every new tag has to be compared. Real lists have a dozen.</summary>
    public const int MaxTags = 64;

    private readonly ReadOnlyMemory<byte> _text;
    private readonly Tag[] _tags;

    private TagList(ReadOnlyMemory<byte> text, Tag[] tags) => (_text, _tags) = (text, tags);

    /// <summary>How many tags there are, known and unknown ones.</summary>
    public int Count => _tags.Length;

    /// <summary>Reads a list; <paramref name="text"/> must stay unchanged while the list is in use.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> text, [NotNullWhen(true)] out TagList? list, out ParseProblem problem)
    {
        list = null;
        var span = text.Span;
        var count = span.Count((byte)';') + 1;
        if (count > MaxTags + 1)
        {
            problem = new ParseProblem("too-many-tags", 0);
            return false;
        }

        var tags = new Tag[count];
        var used = 0;
        var position = 0;
        while (position <= span.Length)
        {
            var length = span[position..].IndexOf((byte)';');
            var end = length < 0 ? span.Length : position + length;
            if (IsBlank(span[position..end]))
            {
                if (end == span.Length && used > 0)
                    break; // one semicolon may end the list
                problem = new ParseProblem("empty-tag", position);
                return false;
            }
            if (used == MaxTags)
            {
                problem = new ParseProblem("too-many-tags", position);
                return false;
            }
            if (!TryReadTag(span, position, end, out var tag, out problem))
                return false;
            if (Contains(span, tags.AsSpan(0, used), tag))
            {
                problem = new ParseProblem("duplicate-tag", tag.NameStart); // RFC 6376 §3.2: the entire list is invalid
                return false;
            }
            tags[used++] = tag;
            position = end + 1;
        }

        list = new TagList(text, used == tags.Length ? tags : tags[..used]);
        problem = default;
        return true;
    }

    /// <summary>Reads a list from text; offsets then count the octets of its UTF-8 form.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out TagList? list, out ParseProblem problem)
        => TryParse(Encoding.UTF8.GetBytes(text), out list, out problem);

    /// <summary>The value without the white space around it; white space inside is kept. False when the tag is absent.</summary>
    public bool TryGet(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var index = IndexOf(name);
        value = index < 0 ? default : _text.Span[_tags[index].ValueStart.._tags[index].ValueEnd];
        return index >= 0;
    }

    /// <summary>The value as text (UTF-8, bad octets replaced); null when the tag is absent, empty when it has no value.</summary>
    public string? Text(ReadOnlySpan<byte> name) => TryGet(name, out var value) ? Encoding.UTF8.GetString(value) : null;

    /// <summary>The position of a tag in the list, from 0; -1 when it is absent. Some lists demand that <c>v=</c> comes first.</summary>
    public int IndexOf(ReadOnlySpan<byte> name)
    {
        var span = _text.Span;
        for (var i = 0; i < _tags.Length; i++)
        {
            if (span[_tags[i].NameStart.._tags[i].NameEnd].SequenceEqual(name))
                return i;
        }
        return -1;
    }

    /// <summary>
    /// Where everything between the equals sign and the next semicolon (or the end) stands, white space included: what a DKIM verifier
    /// takes out of <c>b=</c> (RFC 6376 §3.7). Null when the tag is absent.
    /// </summary>
    public Range? OuterRange(ReadOnlySpan<byte> name)
    {
        var index = IndexOf(name);
        return index < 0 ? null : new Range(_tags[index].OuterStart, _tags[index].OuterEnd);
    }

    private static bool TryReadTag(ReadOnlySpan<byte> span, int start, int end, out Tag tag, out ParseProblem problem)
    {
        tag = default;
        while (IsSpace(span[start]))
            start++;
        var nameEnd = start;
        while (nameEnd < end && IsNameOctet(span[nameEnd], nameEnd == start))
            nameEnd++;
        var equals = nameEnd;
        while (equals < end && IsSpace(span[equals]))
            equals++;
        if (nameEnd == start || equals == end || span[equals] != '=')
        {
            problem = new ParseProblem(nameEnd == start ? "bad-tag-name" : "equals-sign-missing", nameEnd);
            return false;
        }

        var (valueStart, valueEnd) = (equals + 1, end);
        while (valueStart < valueEnd && IsSpace(span[valueStart]))
            valueStart++;
        while (valueEnd > valueStart && IsSpace(span[valueEnd - 1]))
            valueEnd--;
        for (var i = valueStart; i < valueEnd; i++)
        {
            if (!IsSpace(span[i]) && span[i] is < 0x21 or 0x7F)
            {
                problem = new ParseProblem("control-character", i);
                return false;
            }
        }

        tag = new Tag(start, nameEnd, valueStart, valueEnd, equals + 1, end);
        problem = default;
        return true;
    }

    private static bool Contains(ReadOnlySpan<byte> span, ReadOnlySpan<Tag> tags, Tag other)
    {
        var name = span[other.NameStart..other.NameEnd];
        foreach (var tag in tags)
        {
            if (span[tag.NameStart..tag.NameEnd].SequenceEqual(name))
                return true;
        }
        return false;
    }

    private static bool IsBlank(ReadOnlySpan<byte> span) => span.IndexOfAnyExcept(" \t\r\n"u8) < 0;

    private static bool IsSpace(byte octet) => octet is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';

    private static bool IsNameOctet(byte octet, bool first)
        => char.IsAsciiLetter((char)octet) || (!first && (char.IsAsciiDigit((char)octet) || octet == '_'));

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Tag(int NameStart, int NameEnd, int ValueStart, int ValueEnd, int OuterStart, int OuterEnd);
}
