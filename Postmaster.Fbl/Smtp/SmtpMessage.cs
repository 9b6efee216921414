using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Smtp;

/// <summary>One message for one transaction.</summary>
/// <param name="ReversePath">Null is the null reverse-path <c>&lt;&gt;</c> (RFC 5321 §4.5.5).</param>
/// <param name="Recipients">At least one; results come in this order.</param>
/// <param name="Content">Header and body. Line ends are made CRLF while sending; dots are stuffed while sending.</param>
/// <param name="SevenBitContent">The same message in 7-bit form, sent when <paramref name="Content"/> has 8-bit octets and the peer lacks
/// 8BITMIME (RFC 6152 §3); null means that such a message fails with <see cref="SmtpProblem.PeerLacks8BitMime"/>.</param>
public sealed record SmtpMessage(
    MailAddress? ReversePath,
    IReadOnlyList<MailAddress> Recipients,
    ReadOnlyMemory<byte> Content,
    ReadOnlyMemory<byte>? SevenBitContent = null);
