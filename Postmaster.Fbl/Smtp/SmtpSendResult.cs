using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Smtp;

public enum SmtpOutcome
{
    /// <summary>The peer took the responsibility for this recipient (RFC 5321 §4.2.5).</summary>
    Accepted,

    /// <summary>Try again later: a 4yz reply, or no complete answer (no connection, no DNS, time-out, connection lost).</summary>
    TemporaryFailure,

    /// <summary>Do not try again unchanged.</summary>
    PermanentFailure,
}

/// <summary>What became of one recipient.</summary>
/// <param name="Recipient">As given in the message.</param>
/// <param name="Outcome">Whether to try again.</param>
/// <param name="Reply">The decisive reply; null when there was none, as when the connection was lost.</param>
/// <param name="Problem">One of <see cref="SmtpProblem"/>'s codes; null when accepted.</param>
/// <param name="Reason">Words for people; contains the reply's text when there was one (outside text without control characters).</param>
public sealed record SmtpRecipientResult(MailAddress Recipient, SmtpOutcome Outcome, SmtpReply? Reply, string? Problem, string Reason);

/// <summary>What became of one message.</summary>
/// <param name="Recipients">One result for each of <see cref="SmtpMessage.Recipients"/>, in that order.</param>
/// <param name="MayHaveBeenDelivered">The connection ended after the whole message was sent and before the reply: the recipients with
/// <see cref="SmtpProblem.LostAfterData"/> are to be tried again, with the same Message-ID, and may get it twice (RFC 5321 §4.5.3.2.6).</param>
/// <param name="Encrypted">Whether the message went over TLS.</param>
public sealed record SmtpSendResult(IReadOnlyList<SmtpRecipientResult> Recipients, bool MayHaveBeenDelivered = false, bool Encrypted = false)
{
    public bool AllAccepted => Recipients.All(r => r.Outcome is SmtpOutcome.Accepted);
}

/// <summary>The codes of <see cref="SmtpRecipientResult.Problem"/>.</summary>
public static class SmtpProblem
{
    /// <summary>The peer's own 4yz or 5yz reply to MAIL, RCPT, DATA or the message; see <see cref="SmtpRecipientResult.Reply"/>.</summary>
    public const string Refused = "refused";

    public const string DnsFailure = "dns-failure";
    public const string ConnectFailed = "connect-failed";
    public const string ConnectRefusedByPolicy = "connect-forbidden";
    public const string TimedOut = "timed-out";
    public const string ConnectionLost = "connection-lost";

    /// <summary>Lost or timed out after the final dot and before the reply.</summary>
    public const string LostAfterData = "lost-after-data";

    /// <summary>The answer was no SMTP reply, was too long, or had a code that does not fit the command.</summary>
    public const string MalformedReply = "malformed-reply";

    // The following speak of the relay and our settings, not of the message, so they are temporary whatever the code of the reply.
    public const string GreetingRefused = "greeting-refused";
    public const string HelloRefused = "hello-refused";
    public const string TlsUnavailable = "tls-unavailable";
    public const string TlsFailed = "tls-failed";
    public const string TlsInjection = "tls-injection";
    public const string AuthenticationUnavailable = "authentication-unavailable";
    public const string AuthenticationNeedsTls = "authentication-needs-tls";
    public const string AuthenticationFailed = "authentication-failed";
    public const string AuthenticationRequired = "authentication-required";

    // Permanent, found out by ourselves.
    public const string MessageTooLarge = "message-too-large";
    public const string PeerLacks8BitMime = "peer-lacks-8bitmime";
    public const string PeerLacksSmtpUtf8 = "peer-lacks-smtputf8";
}
