using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace Postmaster.Fbl.Arf;

/// <summary>Where words begin and end, and whether a word that equals the local-part means the mailbox.</summary>
internal static class TextEdges
{
    /// <summary>Octets looked back for the beginning of a URL or a token.</summary>
    private const int MaxLookBack = 512;

    /// <summary>Octets of an escape before the word.</summary>
    private const int MaxEscape = 12;

    /// <summary>Octets that are told at once.</summary>
    private const int Block = 64;

    /// <summary>Groups of <see cref="Signs"/>: letters and digits, and what escapes begin with.</summary>
    private const byte Alphanumeric = 0b0001_1111, Introducers = 0b1110_0000;

    private static readonly byte[] Signs = TableOfSigns();

    private static readonly SearchValues<byte> UrlEdge = SearchValues.Create(" \t\r\n\"'<>"u8);
    private static readonly SearchValues<byte> ParameterEnds = SearchValues.Create("&\"'<>#?/)} \t\r\n;,%|\\"u8);

    private static readonly SearchValues<byte> LocalLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_+"u8);

    /// <summary>"joann@..." is not "ann@...", but "%3Dann@..." is.</summary>
    public static bool IsLeft(ReadOnlySpan<byte> text, int start)
    {
        if (start == 0 || !char.IsAsciiLetterOrDigit((char)text[start - 1]))
            return true;
        if (!HasIntroducer(text, start))
            return false;
        for (var i = start - 2; i >= 0 && i >= start - MaxEscape; i--)
        {
            if (!CharacterEscapes.IsIntroducer(text[i]))
                continue;
            if (text[i] == '\\' && i == start - 2 && text[start - 1] is (byte)'n' or (byte)'r' or (byte)'t')
                return true;
            if (CharacterEscapes.TryRead(text, i, out var value, out var length) && i + length == start && !char.IsAsciiLetterOrDigit((char)value))
                return true;
        }
        return false;
    }

    /// <summary>A bit for each of the 64 octets from there on before which <see cref="IsLeft"/> may be true: behind no letter or digit, or behind one that may end an escape.</summary>
    public static ulong MayBeLeft(ReadOnlySpan<byte> text, int start)
    {
        if (start <= Block || start + Block > text.Length)
            return ulong.MaxValue;
        var signs = new OctetTable(Signs);
        ref var octets = ref MemoryMarshal.GetReference(text);
        var before = signs.Groups(ref octets, start - 1);
        var letters = OctetTable.Bits(before & Vector512.Create(Alphanumeric));
        var escapes = OctetTable.Bits(before & Vector512.Create(Introducers));
        var earlier = OctetTable.Bits(signs.Groups(ref octets, start - 1 - Block) & Vector512.Create(Introducers));
        // Each stands for the sixteen places after it.
        for (var known = 1; known < Vector128<byte>.Count; known *= 2)
        {
            escapes |= (escapes << known) | (earlier >> (Block - known));
            earlier |= earlier << known;
        }
        return ~letters | escapes;
    }

    private static byte[] TableOfSigns()
    {
        var table = new byte[OctetTable.Size];
        // A group for each high half is exact.
        ReadOnlySpan<string> groups = ["0123456789", "ABCDEFGHIJKLMNO", "PQRSTUVWXYZ", "abcdefghijklmno", "pqrstuvwxyz", "%&", "=", "\\"];
        for (var i = 0; i < groups.Length; i++)
            OctetTable.Add(table, i, Encoding.ASCII.GetBytes(groups[i]));
        return table;
    }

    /// <summary>Whether one stands in the octets before, as it does before few words: asked at once.</summary>
    private static bool HasIntroducer(ReadOnlySpan<byte> text, int start)
    {
        if (start < Vector128<byte>.Count)
            return true;
        var before = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(text), (nuint)(start - Vector128<byte>.Count));
        return (Vector128.Equals(before, Vector128.Create((byte)'%')) | Vector128.Equals(before, Vector128.Create((byte)'='))
            | Vector128.Equals(before, Vector128.Create((byte)'&')) | Vector128.Equals(before, Vector128.Create((byte)'\\'))) != Vector128<byte>.Zero;
    }

    /// <summary>Whether the local-part, standing without its domain, is to be replaced.</summary>
    public static bool IsBare(ReadOnlySpan<byte> text, int start, int end, TextKind kind, PrivateAddress address)
    {
        if (address.IsUnmistakable && (end == text.Length || !char.IsAsciiLetterOrDigit((char)text[end])) && !IsOtherMailbox(text, start, end, address))
            return true;
        if (address.IsDistinctive && IsInsideVerp(text, start, end, kind))
            return true;
        if (IsParameter(text, start, end))
            return true;
        return (kind == TextKind.Recipients || address.IsDistinctive) && IsWordEdge(text, start - 1, -1) && IsWordEdge(text, end, 1);
    }

    /// <summary>"joe.ann.smith@mail.example" and "ann.smith.jr@mail.example" are of the same provider and somebody else, and so is ann.smith of another provider.</summary>
    private static bool IsOtherMailbox(ReadOnlySpan<byte> text, int start, int end, PrivateAddress address)
    {
        if (end == text.Length)
            return false;
        if (text[end] == '@')
            return start == 0 || !(Joins(text[start - 1]) || text[start - 1] == '+') || HasDomain(text, end, address);
        return Joins(text[end]) && HasDomain(text, end, address);
    }

    private static bool Joins(byte octet) => octet is (byte)'.' or (byte)'-' or (byte)'_';

    /// <summary>What follows is the rest of a local-part, and then the domain.</summary>
    private static bool HasDomain(ReadOnlySpan<byte> text, int end, PrivateAddress address)
    {
        var rest = text.Slice(end, Math.Min(MaxLookBack, text.Length - end));
        var at = rest.IndexOfAnyExcept(LocalLetters);
        var domain = address.Forms[0].Domains[0];
        return at >= 0 && rest[at] == '@' && at + 1 + domain.Length <= rest.Length && Ascii.EqualsIgnoreCase(rest.Slice(at + 1, domain.Length), domain);
    }

    /// <summary>"bounce-ann@list.example", but not "&lt;ann@else.example&gt;", which is somebody else.</summary>
    private static bool IsInsideVerp(ReadOnlySpan<byte> text, int start, int end, TextKind kind)
    {
        if (start == 0 || end == text.Length)
            return false;
        var left = IsVerpSeparator(text[start - 1]);
        var right = IsVerpSeparator(text[end]);
        if (kind != TextKind.ReturnPath)
            return left && (right || text[end] == '@') && IsInAddress(text, end);
        return (left && (right || text[end] == '@')) || (right && text[start - 1] is (byte)'<' or (byte)':' or (byte)' ');
    }

    private static bool IsInAddress(ReadOnlySpan<byte> text, int end)
    {
        var rest = text.Slice(end, Math.Min(MaxLookBack, text.Length - end));
        var edge = rest.IndexOfAny(UrlEdge);
        return (edge < 0 ? rest : rest[..edge]).Contains((byte)'@');
    }

    private static bool IsVerpSeparator(byte octet) => octet is (byte)'-' or (byte)'+' or (byte)'=' or (byte)'.' or (byte)'_';

    /// <summary>No letter or digit there, and no dot, hyphen or the like that joins the word to another one.</summary>
    private static bool IsWordEdge(ReadOnlySpan<byte> text, int at, int step)
    {
        if (at < 0 || at >= text.Length)
            return true;
        if (char.IsAsciiLetterOrDigit((char)text[at]))
            return step < 0 && IsLeft(text, at + 1);
        if (text[at] is >= 0x80 or (byte)'@')
            return text[at] != '@' && IsPunctuation(text, at, step);
        var beyond = at + step;
        var joins = text[at] is (byte)'.' or (byte)'-' or (byte)'_' or (byte)'+' or (byte)'=';
        return !joins || beyond < 0 || beyond >= text.Length || !char.IsAsciiLetterOrDigit((char)text[beyond]);
    }

    /// <summary>U+0080 to U+00BF and U+2000 to U+207F in UTF-8: quotation marks, spaces, dashes.</summary>
    private static bool IsPunctuation(ReadOnlySpan<byte> text, int at, int step)
    {
        if (step > 0)
            return text[at] is 0xC2 || (text[at] is 0xE2 && at + 1 < text.Length && text[at + 1] is 0x80 or 0x81);
        return (at >= 1 && text[at - 1] is 0xC2) || (at >= 2 && text[at - 2] is 0xE2 && text[at - 1] is 0x80 or 0x81);
    }

    /// <summary>A whole parameter of a URL: "?user=ann&amp;", "/ann?".</summary>
    private static bool IsParameter(ReadOnlySpan<byte> text, int start, int end)
    {
        if (start == 0 || !BeginsParameter(text, start))
            return false;
        if (end < text.Length && !ParameterEnds.Contains(text[end]))
            return false;
        var before = text[Math.Max(0, start - MaxLookBack)..start];
        var urlStart = before.LastIndexOfAny(UrlEdge) + 1;
        var url = before[urlStart..];
        var host = url.IndexOf("://"u8);
        // "https://ann" is a host, "https://host/ann" is not.
        return host >= 0 ? url[(host + 3)..].Contains((byte)'/') || url.Contains((byte)'?') : Ascii.EqualsIgnoreCase(url[..Math.Min(7, url.Length)], "mailto:"u8);
    }

    private static bool BeginsParameter(ReadOnlySpan<byte> text, int start) =>
        text[start - 1] is (byte)'=' or (byte)'/' || (start >= 3 && (text[(start - 3)..start].SequenceEqual("%3D"u8) || text[(start - 3)..start].SequenceEqual("%3d"u8)
            || text[(start - 3)..start].SequenceEqual("%2F"u8) || text[(start - 3)..start].SequenceEqual("%2f"u8)));
}
