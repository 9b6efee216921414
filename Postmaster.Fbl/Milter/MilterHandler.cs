using System.Net;

namespace Postmaster.Fbl.Milter;

/// <summary>Who is told what the MTA saw. Several sessions may share one.</summary>
public interface IMilterHandler
{
    /// <summary>
    /// Takes what is known of one mail transaction, after the MTA has its final answer; the handler disposes of it. Has to return at once, because
    /// the MTA may already be sending the next one. An exception is kept in the session's result and has no other effect.
    /// </summary>
    void Observe(MilterTransaction transaction);
}

/// <summary>The SMTP client, as the MTA sees it.</summary>
/// <param name="HostName">By reverse DNS, or what the MTA says in its place (<c>unknown</c>, <c>[192.0.2.1]</c>). Outside text.</param>
/// <param name="Address">Null for a Unix socket, or when the MTA does not know.</param>
public sealed record MilterClient(string HostName, IPAddress? Address);

/// <summary>One RCPT TO.</summary>
/// <param name="Address">As written between the angle brackets. Outside text without control characters.</param>
/// <param name="Refusal">Null when the MTA took the recipient.</param>
/// <param name="Mailer">How the MTA will deliver: its name of a transport, such as <c>local</c>, <c>lmtp</c> or <c>smtp</c>; null when it does not say.</param>
public sealed record MilterRecipient(string Address, MilterRefusal? Refusal, string? Mailer = null);

/// <summary>Why the MTA refused a recipient.</summary>
/// <param name="EnhancedCode">Of RFC 3463, such as <c>5.1.1</c>; empty when the MTA does not say.</param>
/// <param name="Text">The rest of the reply, without control characters.</param>
public sealed record MilterRefusal(string EnhancedCode, string Text)
{
    /// <summary>RFC 3463 §2: class 4, the client is to try again.</summary>
    public bool IsTemporary => EnhancedCode.StartsWith('4');
}

/// <summary>Why a message that the MTA has is not at hand.</summary>
public enum MilterLoss
{
    None,

    /// <summary>Larger than <see cref="MilterSessionOptions.MaxMessageBytes"/>.</summary>
    TooLarge,

    /// <summary>All sessions together hold as much as they may.</summary>
    OutOfMemory,
}
