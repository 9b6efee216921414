using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace Postmaster.Fbl.Arf;

/// <summary>What stands at one place of a text.</summary>
/// <param name="LocalLength">Octets that give way to <paramref name="Pseudonym"/>.</param>
/// <param name="Length">Octets of the whole address; as <paramref name="LocalLength"/> when the local-part stands alone.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AddressMatch(int LocalLength, int Length, byte[] Pseudonym);

/// <summary>
/// Decides whether a private address, or its local-part alone, stands at a place: in any case, with any character escaped (<see cref="CharacterEscapes"/>), with a
/// "+tag", with dots more or fewer, folded, cut by tags, comments and invisible characters of HTML, with "=" for "@" (VERP, BATV) or, where the local-part is no
/// everyday word, with "-at-", "(at)" or any other sign.
/// </summary>
internal sealed class AddressMatcher(List<PrivateAddress> addresses, RedactionKey key)
{
    /// <summary>Characters of a "+tag" that are looked through.</summary>
    private const int MaxTag = 64;

    /// <summary>Signs that stand for "@" in return paths, links and tokens, one or two of them.</summary>
    private static readonly SearchValues<byte> AtSigns = SearchValues.Create("@=%#!*+-._:/|~$ ()[]{}<>\\&"u8);

    private readonly AddressForm[] forms = [.. addresses.SelectMany(address => address.Forms)];

    public bool TryMatch(ReadOnlySpan<byte> text, int start, TextKind kind, out AddressMatch match)
    {
        match = default;
        var first = text[start];
        if (CharacterEscapes.IsIntroducer(first) && CharacterEscapes.TryRead(text, start, out var escaped, out _))
            first = escaped;
        first = Lower(first);
        var edge = false;
        AddressMatch? bare = null;
        foreach (var form in forms)
        {
            if (form.LocalPart[0] != first)
                continue;
            if (!edge && !TextEdges.IsLeft(text, start))
                return false;
            edge = true;
            var end = MatchOctets(text, start, form.LocalPart, dots: true);
            if (end < 0)
                continue;
            if (TryMatchAddress(text, start, end, form, out match))
                return true;
            if (IsBehindDomain(text, start, end, form))
            {
                match = new AddressMatch(end - start, end - start, form.PseudonymBy(key));
                return true;
            }
            if (form.IsTurned && !form.Owner.IsDistinctive)
                continue;
            // An address counts for more than a local-part alone, whichever form is first.
            if (bare is null && MatchOctets(text, start, form.LocalPart, dots: false, spelled: false) is var bareEnd and >= 0 && TextEdges.IsBare(text, start, bareEnd, kind, form.Owner))
                bare = new AddressMatch(bareEnd - start, bareEnd - start, form.PseudonymBy(key));
        }
        match = bare ?? default;
        return bare is not null;
    }

    private static bool IsBehindDomain(ReadOnlySpan<byte> text, int start, int end, AddressForm form) =>
        start >= form.Before.Length && Ascii.EqualsIgnoreCase(text[(start - form.Before.Length)..start], form.Before)
        && (end == text.Length || !char.IsAsciiLetterOrDigit((char)text[end]));

    private bool TryMatchAddress(ReadOnlySpan<byte> text, int start, int localEnd, AddressForm form, out AddressMatch match)
    {
        match = default;
        if (form.Domains.Length == 0)
            return false;
        var tag = "";
        var tagEnd = text[localEnd..].StartsWith("+AEA-"u8) ? localEnd : TagEnd(text, localEnd < text.Length && text[localEnd] == '"' ? localEnd + 1 : localEnd, out tag);
        foreach (var domain in form.Domains)
        {
            var end = MatchAtAndDomain(text, tagEnd, domain);
            if (end < 0)
            {
                end = MatchOtherAtAndDomain(text, localEnd, domain, form.Owner.IsDistinctive);
                if (end >= 0)
                    (tagEnd, tag) = (localEnd, "");
            }
            if (end < 0)
                continue;
            var length = tagEnd - start;
            if (text[tagEnd - 1] == '"' && tag.Length == 0)
                length--; // the quotes stay: they are around the pseudonym then
            match = new AddressMatch(length, end - start, PseudonymOf(text[start..localEnd], form, tag));
            return true;
        }
        return false;
    }

    /// <summary>Of the very address that stands there: a tag, and dots that the mailbox's own name has not, make another one.</summary>
    private byte[] PseudonymOf(ReadOnlySpan<byte> written, AddressForm form, string tag)
    {
        var own = PrivateAddress.Unquoted(form.Owner.Address.LocalPart);
        var dots = written.Count((byte)'.');
        var plain = dots == own.AsSpan().Count('.') || written.ContainsAnyExcept(LocalLetters) || written.Length - dots != own.Length - own.AsSpan().Count('.');
        if (plain && tag.Length == 0)
            return form.PseudonymBy(key);
        var local = plain ? own : Encoding.ASCII.GetString(written);
        return form.Turned(key.PseudonymOf($"{local}{tag}@{form.Owner.Address.Domain.Ascii}"));
    }

    private static readonly SearchValues<byte> LocalLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_"u8);

    /// <summary>The end of the text behind <paramref name="start"/> that stands for these octets, or -1.</summary>
    /// <param name="dots">Some providers pass over dots in local-parts, so there may be more or fewer.</param>
    /// <param name="spelled">A dot may be written as <see cref="SpelledSigns"/> reads it.</param>
    private static int MatchOctets(ReadOnlySpan<byte> text, int start, ReadOnlySpan<byte> wanted, bool dots, bool spelled = true)
    {
        var position = start;
        for (var i = 0; i < wanted.Length; i++)
        {
            if (position < text.Length && Lower(text[position]) == wanted[i] && char.IsAsciiLetterOrDigit((char)wanted[i]))
            {
                position++;
                continue;
            }
            // Nearly every word that only begins as this one goes on like this; a space may stand before a spelled dot.
            if (position < text.Length && (char.IsAsciiLetterOrDigit((char)text[position]) || (text[position] == ' ' && !(spelled && wanted[i] == '.'))) && text[position] != wanted[i])
            {
                if (dots && i > 0 && wanted[i] == '.')
                    continue;
                return -1;
            }
            if (i > 0)
                position = HiddenText.Skip(text, position);
            var length = LengthOf(text, position, wanted[i]);
            if (length == 0 && spelled && wanted[i] == '.' && i > 0)
                length = SpelledSigns.Dot(text, position);
            if (length == 0 && dots && i > 0)
            {
                if (wanted[i] == '.')
                    continue;
                var dot = LengthOf(text, position, (byte)'.');
                length = dot == 0 ? 0 : LengthOf(text, position + dot, wanted[i]) is var next and > 0 ? dot + next : 0;
            }
            if (length == 0)
                return -1;
            position += length;
        }
        return position;
    }

    /// <summary>The octets that stand for one, or 0.</summary>
    private static int LengthOf(ReadOnlySpan<byte> text, int position, byte wanted)
    {
        if (position >= text.Length)
            return 0;
        if (CharacterEscapes.IsIntroducer(text[position]) && CharacterEscapes.TryRead(text, position, out var value, out var length))
            return Lower(value) == wanted ? length : 0;
        return Lower(text[position]) == wanted ? 1 : 0;
    }

    private static int MatchAtAndDomain(ReadOnlySpan<byte> text, int start, byte[] domain)
    {
        start = HiddenText.Skip(text, start);
        if (start >= text.Length)
            return -1;
        if (CharacterEscapes.TryRead(text, start, out var value, out var length) && value is (byte)'@' or (byte)'=')
        {
            var end = MatchDomain(text, start + length, domain);
            if (end >= 0)
                return end;
        }
        if (text[start..].StartsWith("+AEA-"u8)) // "@" in UTF-7
            return MatchDomain(text, start + 5, domain);
        if (text[start..].StartsWith("\uFF20"u8) || text[start..].StartsWith("\uFE6B"u8)) // wide and small "@"
            return MatchDomain(text, start + 3, domain);
        if (text[start] is (byte)'@' or (byte)'=')
            return MatchDomain(text, start + 1 + SpelledSigns.LineEnd(text[(start + 1)..]), domain);
        return SpelledSigns.At(text, start) is var spelled and > 0 ? MatchDomain(text, start + spelled, domain) : -1;
    }

    /// <summary>"ann-at-list.example", "ann(at)list.example", "ann @ list.example", "ann**list.example", "ann.list.example".</summary>
    /// <param name="distinctive">Without an "at" or two signs the name of a mailbox "mail" and its domain would be that of a host.</param>
    private static int MatchOtherAtAndDomain(ReadOnlySpan<byte> text, int start, byte[] domain, bool distinctive)
    {
        const int most = 3;
        var written = false;
        for (var i = 0; i < most && start < text.Length; i++)
        {
            if (CharacterEscapes.TryRead(text, start, out var sign, out var length) && AtSigns.Contains(sign))
                start += length;
            else if (AtSigns.Contains(sign = text[start]))
                start++;
            else
                return -1;
            written |= sign is (byte)'@' or (byte)'%';
            if (start + 2 < text.Length && Ascii.EqualsIgnoreCase(text.Slice(start, 2), "at"u8) && AtSigns.Contains(text[start + 2])
                && MatchDomainBehind(text, start + 3, domain) is var word and >= 0)
                return word;
            if (start < text.Length && (written || (i < 2 && sign != ' ' && (distinctive || (i == 1 && text[start - 2] == sign)))) && MatchDomain(text, start, domain) is var end and >= 0)
                return end;
        }
        return -1;
    }

    /// <summary>One more sign may stand before the domain: "ann (at) list.example".</summary>
    private static int MatchDomainBehind(ReadOnlySpan<byte> text, int start, byte[] domain)
    {
        var end = MatchDomain(text, start, domain);
        return end < 0 && start < text.Length && AtSigns.Contains(text[start]) ? MatchDomain(text, start + 1, domain) : end;
    }

    private static int MatchDomain(ReadOnlySpan<byte> text, int start, byte[] domain)
    {
        var end = MatchOctets(text, HiddenText.Skip(text, start), domain, dots: false);
        return end >= 0 && (end == text.Length || !char.IsAsciiLetterOrDigit((char)text[end])) ? end : -1;
    }

    private static int TagEnd(ReadOnlySpan<byte> text, int start, out string tag)
    {
        tag = "";
        var position = start;
        var plus = LengthOf(text, position, (byte)'+');
        if (plus == 0)
            return start;
        position += plus;
        var tagStart = position;
        while (position < text.Length && position - tagStart < MaxTag && (char.IsAsciiLetterOrDigit((char)text[position]) || text[position] is (byte)'.' or (byte)'-' or (byte)'_' or (byte)'+'))
            position++;
        tag = "+" + Encoding.ASCII.GetString(text[tagStart..position]);
        return position;
    }

    private static byte Lower(byte octet) => octet is >= (byte)'A' and <= (byte)'Z' ? (byte)(octet | 0x20) : octet;
}
