using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Smtp;

/// <summary>What the host decides in an LMTP session. One session calls it from one place at a time; several sessions may share it.</summary>
public interface ILmtpHandler
{
    /// <summary>Answers RCPT TO: 250 takes the recipient, 550 5.1.1 and 450 refuse it. An exception is answered 451 4.3.0.
    /// The envelope is the transaction so far, without this recipient.</summary>
    ValueTask<SmtpReply> RecipientAsync(LmtpEnvelope envelope, MailAddress recipient, CancellationToken ct);

    /// <summary>
    /// Takes the message for every recipient of the envelope, and answers one reply for each, in their order (RFC 2033 §4.2). A 2yz reply means that
    /// the message is kept: commit before answering. A full disk is 452 4.3.1. An exception, or an answer that is missing, is 451 4.3.0.
    /// The message is as received with the dots unstuffed and line ends untouched; its array is the handler's to keep.
    /// </summary>
    ValueTask<IReadOnlyList<SmtpReply>> DeliverAsync(LmtpEnvelope envelope, ReadOnlyMemory<byte> message, CancellationToken ct);
}

/// <summary>The transaction that a message came in.</summary>
public sealed record LmtpEnvelope
{
    /// <summary>The name that the client gave itself in LHLO: outside text, printable ASCII.</summary>
    public required string ClientName { get; init; }

    /// <summary>Null for the null reverse-path, and for one that is no address of ours (a domain literal); <see cref="ReversePathText"/> tells which.</summary>
    public required MailAddress? ReversePath { get; init; }

    /// <summary>As written between the angle brackets, without a source route; empty for the null reverse-path. Outside text without control characters.</summary>
    public required string ReversePathText { get; init; }

    /// <summary>SIZE= of MAIL FROM (RFC 1870), in octets; null when not given.</summary>
    public long? DeclaredSize { get; init; }

    /// <summary>BODY=8BITMIME was given (RFC 6152).</summary>
    public bool EightBitMime { get; init; }

    /// <summary>SMTPUTF8 was given (RFC 6531).</summary>
    public bool SmtpUtf8 { get; init; }

    /// <summary>The recipients that were answered 2yz, in order.</summary>
    public IReadOnlyList<MailAddress> Recipients { get; init; } = [];
}
