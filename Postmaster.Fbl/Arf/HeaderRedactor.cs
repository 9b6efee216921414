using System.Buffers;
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
        var kind = RecipientFields.Contains(field.Name) ? TextKind.Recipients : ReturnPathFields.Contains(field.Name) ? TextKind.ReturnPath : TextKind.Plain;
        var addressed = kind == TextKind.Plain ? null : ReplaceMailboxes(value, everyRecipient && kind == TextKind.Recipients);
        var worded = ReplaceEncodedWords(addressed ?? value, kind);
        var current = worded ?? addressed;
        var replaced = text.Replace(current ?? value, kind) ?? current;
        if (field.Is("Received") && ReplaceFor(replaced ?? value) is { } received)
            replaced = received;
        // What is still there after decoding was put together from pieces; the field is written anew.
        if (NeedsRewrite(field, replaced ?? value, kind) is { } rewritten)
            return rewritten;
        if (ReplaceAcrossFolds(field, replaced ?? value) is { } refolded)
            return refolded;
        if (replaced is null)
            return raw;
        var head = field.ValueOffset - field.Offset;
        return (byte[])[.. raw[..head], .. replaced, .. raw[(head + value.Length)..]];
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
            if (!all && !addresses.Exists(known => known.Is(address)))
                return false;
            localPart = key.Pseudonym(address);
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

    /// <summary>Base64 and hex are cut by folding (RFC 5322 §2.2.3): read as one, and folded anew when the address was inside.</summary>
    private byte[]? ReplaceAcrossFolds(HeaderField field, ReadOnlySpan<byte> value)
    {
        const int line = 72;
        if (!value.Contains((byte)'\n'))
            return null;
        var joined = new ArrayBufferWriter<byte>(value.Length);
        foreach (var range in value.Split((byte)'\n'))
            joined.Write(value[range].Trim(" \t\r"u8));
        if (text.ReplaceEncoded(joined.WrittenSpan) is not { } replaced)
            return null;
        var output = new ArrayBufferWriter<byte>(replaced.Length + (replaced.Length / line * 3) + field.Name.Length + 8);
        output.Write(Encoding.ASCII.GetBytes(field.Name + ":"));
        for (var start = 0; start < replaced.Length; start += line)
        {
            output.Write(start == 0 ? " "u8 : "\r\n "u8);
            output.Write(replaced.AsSpan(start, Math.Min(line, replaced.Length - start)));
        }
        output.Write("\r\n"u8);
        return output.WrittenSpan.ToArray();
    }

    private byte[]? NeedsRewrite(HeaderField field, ReadOnlySpan<byte> value, TextKind kind)
    {
        if (field.Is("Content-Type") || field.Is("Content-Disposition"))
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
