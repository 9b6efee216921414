using Postmaster.Fbl.Smtp;

namespace Postmaster.Fbl.Milter;

/// <summary>
/// One mail transaction as the MTA told it: the envelope with every recipient, taken or refused, and the message if it came to its end.
/// Holds a share of the sessions' memory until it is disposed of.
/// </summary>
public sealed class MilterTransaction : IDisposable
{
    private readonly SmtpMessageBuffer message;
    private readonly SmtpMemoryBudget? budget;
    private long taken;

    internal MilterTransaction(SmtpMessageBuffer message, SmtpMemoryBudget? budget, long taken) =>
        (this.message, this.budget, this.taken) = (message, budget, taken);

    public required MilterClient Client { get; init; }

    /// <summary>The name of the last HELO or EHLO; empty when there was none. Outside text without control characters.</summary>
    public required string Helo { get; init; }

    /// <summary>Such as <c>TLSv1.3</c>; null for a session without TLS.</summary>
    public string? TlsVersion { get; init; }

    /// <summary>Such as <c>TLS_AES_256_GCM_SHA384</c>; null for a session without TLS.</summary>
    public string? Cipher { get; init; }

    /// <summary>The login name of a client that authenticated itself: its mail goes out, it does not come in.</summary>
    public string? AuthenticatedAs { get; init; }

    /// <summary>As written between the angle brackets; empty for <c>&lt;&gt;</c>. Outside text without control characters.</summary>
    public required string ReversePath { get; init; }

    /// <summary>The client asked for UTF-8 in addresses and headers (RFC 6531).</summary>
    public bool SmtpUtf8 { get; init; }

    /// <summary>The MTA's name for the message in its log; null when it never got one.</summary>
    public string? QueueId { get; init; }

    /// <summary>In the order of the RCPT commands.</summary>
    public required IReadOnlyList<MilterRecipient> Recipients { get; init; }

    /// <summary>Recipients beyond <see cref="MilterSessionOptions.MaxRecipients"/>, or that there was no memory for.</summary>
    public int RecipientsDropped { get; init; }

    /// <summary>The message came to its end and we let it pass. What filters after us or the MTA's queue made of it is not known.</summary>
    public required bool IsComplete { get; init; }

    public MilterLoss Loss { get; init; }

    /// <summary>Octets of the message, also when they were not kept.</summary>
    public long MessageBytes { get; init; }

    /// <summary>
    /// The message in CRLF lines, without the Received field of this MTA; empty unless <see cref="IsComplete"/> and nothing was lost.
    /// Not to be used after <see cref="Dispose"/>.
    /// </summary>
    public ReadOnlyMemory<byte> Message => IsComplete && Loss is MilterLoss.None ? message.Written : default;

    /// <summary>Gives the memory back. May be called more than once.</summary>
    public void Dispose()
    {
        message.Dispose();
        budget?.Release(Interlocked.Exchange(ref taken, 0));
    }
}
