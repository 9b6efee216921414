using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Postmaster.Web.Features.Operations;

namespace Postmaster.Web.Features.Traffic;

/// <summary>The keyed hashes by which recipients and deliveries are told apart: the key is sealed in the database, so the database alone gives nobody away.</summary>
internal sealed class TrafficKeys(ProviderKeys keys)
{
    internal const string Name = "traffic-hash";
    private KeyedHash? _hash;

    /// <summary>Call once before the first event is read.</summary>
    public async Task<KeyedHash> OpenAsync(CancellationToken ct) =>
        _hash ??= new KeyedHash((await keys.GetOrCreateAsync(Name, () => RandomNumberGenerator.GetBytes(KeyedHash.KeyLength), ct)).AsSpan(0, KeyedHash.KeyLength));
}

/// <summary>What is hashed. Cases and brackets differ between those who speak of the same message.</summary>
internal static class HashedNames
{
    /// <summary>Dovecot's log tells no more of a Message-ID (mail_log cuts it after 77 octets with its bracket), so no more of it is compared.</summary>
    private const int TellingOctets = 76;

    private const int Room = Events.EventLimits.HeaderText + Events.EventLimits.Address + 1;

    /// <summary>A recipient: the address in lower case.</summary>
    public static ulong Recipient(KeyedHash hash, ReadOnlySpan<byte> address)
    {
        Span<byte> text = stackalloc byte[Events.EventLimits.Address];
        return (ulong)hash.Of(text[..Lower(Bare(address), text)]);
    }

    /// <summary>A message in a mailbox: the beginning of the Message-ID as it is, the address in lower case.</summary>
    public static UInt128 Delivery(KeyedHash hash, ReadOnlySpan<byte> messageId, ReadOnlySpan<byte> mailbox)
    {
        Span<byte> text = stackalloc byte[Room];
        ReadOnlySpan<byte> id = messageId.Trim(" \t"u8).TrimStart((byte)'<').TrimEnd((byte)'>');
        id = id[..Math.Min(id.Length, TellingOctets)];
        id.CopyTo(text);
        text[id.Length] = 0;
        return hash.Of(text[..(id.Length + 1 + Lower(Bare(mailbox), text[(id.Length + 1)..]))]);
    }

    private static int Lower(ReadOnlySpan<byte> text, Span<byte> into)
    {
        if (Ascii.ToLower(text, into, out int written) == OperationStatus.Done)
            return written;
        // RFC 6531: a local-part may be UTF-8.
        byte[] lower = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text).ToLowerInvariant());
        int length = Math.Min(lower.Length, into.Length);
        lower.AsSpan(0, length).CopyTo(into);
        return length;
    }

    private static ReadOnlySpan<byte> Bare(ReadOnlySpan<byte> text)
    {
        text = text.Trim(" \t"u8);
        return text.Length >= 2 && text[0] == '<' && text[^1] == '>' ? text[1..^1] : text;
    }
}
