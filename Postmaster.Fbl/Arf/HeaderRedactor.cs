using System.Buffers;
using System.Collections.Frozen;
using System.Text;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Text;

namespace Postmaster.Fbl.Arf;

/// <summary>Replaces private addresses in single header fields.</summary>
internal sealed class HeaderRedactor(List<PrivateAddress> addresses, TextRedactor text, RedactionKey key, bool everyRecipient)
{
    /// <summary>Fields whose addresses are recipients.</summary>
    private static readonly HashSet<string> RecipientFields = new(StringComparer.OrdinalIgnoreCase)
    {
        "To", "Cc", "Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc", "Apparently-To", "X-Apparently-To", "Delivered-To", "X-Delivered-To", "X-Original-To",
        "Original-To", "Envelope-To", "X-Envelope-To", "X-Rcpt-To", "X-RCPT-TO", "Original-Recipient", "Final-Recipient", "Original-Rcpt-To",
        "X-HmXmrOriginalRecipient", "X-Forwarded-To", "X-Forwarded-For", "X-Resolved-To", "X-Mailbox",
    };

    /// <summary>Fields with addresses that may carry a recipient inside (VERP).</summary>
    private static readonly HashSet<string> ReturnPathFields = new(StringComparer.OrdinalIgnoreCase)
    {
        "Return-Path", "Sender", "X-Sender", "Errors-To", "From", "Reply-To", "Envelope-From", "X-Envelope-From", "Resent-From", "Resent-Sender", "List-Unsubscribe",
        "Disposition-Notification-To", "Return-Receipt-To", "Bounces-To",
    };

    /// <summary>Characters of the longest name in the two lists.</summary>
    private const int MaxName = 32;

    private static readonly FrozenDictionary<string, TextKind>.AlternateLookup<ReadOnlySpan<char>> Kinds =
        RecipientFields.Select(name => KeyValuePair.Create(name, TextKind.Recipients)).Concat(ReturnPathFields.Select(name => KeyValuePair.Create(name, TextKind.ReturnPath)))
            .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>What an address can be taken apart with (RFC 5322 §3.4).</summary>
    private static readonly SearchValues<byte> Hiding = SearchValues.Create("\"(\\\r\n"u8);

    public static IEnumerable<MailAddress> RecipientsOf(HeaderBlock headers)
    {
        foreach (var field in headers)
        {
            if (!RecipientFields.Contains(field.Name))
                continue;
            foreach (var mailbox in AddressListReader.Read(field.RawValue.Span))
            {
                if (MailAddress.TryParse(mailbox.AddrSpec, out var address, out _))
                    yield return address;
            }
        }
    }

    /// <summary>The field with its line end; the same octets when it names nobody.</summary>
    public ReadOnlySpan<byte> Redact(HeaderField field)
    {
        var raw = field.Raw.Span;
        var value = field.RawValue.Span;
        var kind = KindOf(field);
        var addressed = kind == TextKind.Recipients || (kind == TextKind.ReturnPath && value.ContainsAny(Hiding)) ? ReplaceMailboxes(value, everyRecipient && kind == TextKind.Recipients) : null;
        var worded = ReplaceEncodedWords(addressed ?? value, kind);
        var current = worded ?? addressed;
        var replaced = text.Replace(current ?? value, kind) ?? current;
        if (field.Is("Received") && ReplaceFor(replaced ?? value) is { } received)
            replaced = received;
        replaced = ReplaceAcrossFolds(replaced ?? value, kind) ?? replaced;
        // What is still there after decoding was put together from pieces; the field is written anew.
        if (NeedsRewrite(field, replaced ?? value, kind) is { } rewritten)
            return rewritten;
        if (replaced is null)
            return raw;
        var head = field.ValueOffset - field.Offset;
        return (byte[])[.. raw[..head], .. replaced, .. raw[(head + value.Length)..]];
    }

    private static TextKind KindOf(HeaderField field)
    {
        var name = field.NameSpan;
        if (name.Length > MaxName)
            return TextKind.Plain;
        Span<char> chars = stackalloc char[MaxName];
        System.Text.Ascii.ToUtf16(name, chars, out var length);
        return Kinds.TryGetValue(chars[..length], out var kind) ? kind : TextKind.Plain;
    }

    /// <summary>The Content-Type field of a multipart whose boundary held an address.</summary>
    public byte[] WithBoundary(ContentType type, byte[] boundary)
    {
        var value = new StringBuilder($"{type}; boundary=\"{Encoding.UTF8.GetString(boundary)}\"");
        foreach (var (name, parameter) in type.Parameters)
        {
            if (!string.Equals(name, "boundary", StringComparison.OrdinalIgnoreCase))
                value.Append("; ").Append(name).Append("=\"").Append(Escaped(ReplaceString(parameter) ?? parameter)).Append('"');
        }
        return new HeaderWriter().Structured("Content-Type", value.ToString()).ToArray();
    }

    /// <summary>A boundary that may stand between quotes (RFC 2046 §5.1.1).</summary>
    public static byte[] SafeBoundary(byte[] boundary)
    {
        var safe = (byte[])boundary.Clone();
        foreach (ref var octet in safe.AsSpan())
        {
            if (octet is <= 32 or >= 127 or (byte)'"' or (byte)'\\')
                octet = (byte)'_';
        }
        return safe;
    }

    /// <summary>Addresses that quotes, comments or white space hide, and the display names beside them.</summary>
    private byte[]? ReplaceMailboxes(ReadOnlySpan<byte> value, bool all)
    {
        ArrayBufferWriter<byte>? output = null;
        var copied = 0;
        foreach (var mailbox in AddressListReader.Read(value))
        {
            if (!TryRedact(mailbox.AddrSpec, all, out var localPart, out var redacted))
                continue;
            output ??= new ArrayBufferWriter<byte>(value.Length + 64);
            var name = (Offset: mailbox.NameOffset, Length: mailbox.NameLength, Text: localPart);
            var address = (mailbox.Offset, mailbox.Length, Text: redacted);
            foreach (var (offset, length, replacement) in name.Offset < address.Offset ? [name, address] : new[] { address, name })
            {
                if (offset < copied)
                    continue;
                output.Write(value[copied..offset]);
                output.Write(Encoding.UTF8.GetBytes(replacement));
                copied = offset + length;
            }
        }
        output?.Write(value[copied..]);
        return output?.WrittenSpan.ToArray();
    }

    private bool TryRedact(string addrSpec, bool all, out string localPart, out string redacted)
    {
        localPart = redacted = "";
        if (MailAddress.TryParse(addrSpec, out var address, out _))
        {
            var known = addresses.Find(one => one.Is(address));
            if (!all && known is null)
                return false;
            localPart = known?.Address.Equals(address) == true ? known.PseudonymBy(key) : key.Pseudonym(address);
            redacted = $"{localPart}@{address.Domain.Ascii}";
            return true;
        }
        if (!all || addrSpec.Length == 0)
            return false;
        localPart = key.PseudonymOf(addrSpec);
        redacted = $"{localPart}@redacted.invalid";
        return true;
    }

    /// <summary>"for ann;" without a domain (RFC 5321 §4.4 wants one, local deliveries leave it out).</summary>
    private byte[]? ReplaceFor(ReadOnlySpan<byte> value)
    {
        var at = value.LastIndexOf("for "u8);
        if (at < 0 || (at > 0 && value[at - 1] is not ((byte)' ' or (byte)'\t' or (byte)'\n')))
            return null;
        at += 4;
        var length = value[at..].IndexOf((byte)';');
        length = length < 0 ? value.Length - at : length;
        return text.ReplaceWritten(value.Slice(at, length), TextKind.Recipients) is { } replaced ? [.. value[..at], .. replaced, .. value[(at + length)..]] : null;
    }

    private byte[]? ReplaceEncodedWords(ReadOnlySpan<byte> value, TextKind kind)
    {
        if (value.IndexOf("=?"u8) < 0)
            return null;
        var chars = Encoding.Latin1.GetString(value);
        StringBuilder? output = null;
        var copied = 0;
        foreach (var (start, end) in EncodedWord.Runs(chars))
        {
            var decoded = EncodedWord.Decode(chars[start..end].ReplaceLineEndings(""));
            if (text.Replace(Encoding.UTF8.GetBytes(decoded), kind) is not { } replaced)
                continue;
            output ??= new StringBuilder(chars.Length);
            output.Append(chars, copied, start - copied).AppendJoin("\r\n ", EncodedWordWriter.Encode(HeaderWriter.Clean(Encoding.UTF8.GetString(replaced)), phrase: true));
            copied = end;
        }
        return output is null ? null : Encoding.Latin1.GetBytes(output.Append(chars, copied, chars.Length - copied).ToString());
    }

    /// <summary>Words are cut by folding (RFC 5322 §2.2.3) and read as one; what is replaced is folded again if it was.</summary>
    private byte[]? ReplaceAcrossFolds(ReadOnlySpan<byte> value, TextKind kind)
    {
        byte[]? changed = null;
        for (var round = 0; round < TextRedactor.MaxRounds && FoldedValue.Cuts(changed ?? value); round++)
        {
            var joined = new FoldedValue(changed ?? value);
            var found = text.Find(joined.Text, kind);
            if (found.Edits is null)
                break;
            changed = joined.Apply(changed ?? value, found.Edits);
            if (!found.More)
                break;
        }
        return changed;
    }

    private byte[]? NeedsRewrite(HeaderField field, ReadOnlySpan<byte> value, TextKind kind)
    {
        if (value.Contains((byte)'*') && (field.Is("Content-Type") || field.Is("Content-Disposition")))
            return RewriteParameters(field, value);
        if (value.IndexOf("=?"u8) < 0)
            return null;
        var decoded = EncodedWord.Decode(MailCharset.DecodeHeader(value).ReplaceLineEndings(""));
        return text.Replace(Encoding.UTF8.GetBytes(decoded), kind) is { } replaced
            ? new HeaderWriter().Unstructured(field.Name, Encoding.UTF8.GetString(replaced)).ToArray() : null;
    }

    /// <summary>RFC 2231 lets a parameter be cut into pieces and percent-encoded.</summary>
    private byte[]? RewriteParameters(HeaderField field, ReadOnlySpan<byte> value)
    {
        var unfolded = MailCharset.DecodeHeader(value).ReplaceLineEndings("");
        var reader = new ParameterReader(unfolded);
        var parameters = reader.Parameters();
        if (!parameters.Values.Any(parameter => ReplaceString(parameter) is not null))
            return null;
        var head = unfolded.IndexOf(';', StringComparison.Ordinal);
        var result = new StringBuilder(unfolded, 0, head, unfolded.Length);
        foreach (var (name, parameter) in parameters)
            result.Append("; ").Append(name).Append("=\"").Append(Escaped(ReplaceString(parameter) ?? parameter)).Append('"');
        return new HeaderWriter().Structured(field.Name, result.ToString()).ToArray();
    }

    private string? ReplaceString(string value) => text.Replace(Encoding.UTF8.GetBytes(value), TextKind.Plain) is { } replaced ? Encoding.UTF8.GetString(replaced) : null;

    private static string Escaped(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
