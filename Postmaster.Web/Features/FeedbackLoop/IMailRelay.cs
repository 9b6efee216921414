using Postmaster.Fbl.Names;
using Postmaster.Fbl.Smtp;

namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>A finished mail with its envelope.</summary>
/// <param name="MessageId">Without angle brackets; the same at every attempt.</param>
/// <param name="Sender">The envelope sender, which a bounce comes back to.</param>
/// <param name="Content">Header and body with CRLF, signed.</param>
/// <param name="SevenBitContent">The same in a form without 8-bit octets, for a relay that takes no others; null when <paramref name="Content"/> has none.</param>
/// <param name="Recipients">At least one: they get it in one transaction.</param>
public sealed record RelayMail(string MessageId, MailAddress Sender, IReadOnlyList<MailAddress> Recipients, byte[] Content, byte[]? SevenBitContent = null)
{
    public RelayMail(string messageId, MailAddress sender, MailAddress recipient, byte[] content, byte[]? sevenBitContent = null)
        : this(messageId, sender, [recipient], content, sevenBitContent)
    {
    }

    /// <summary>The first one; most mails have no other.</summary>
    public MailAddress Recipient => Recipients[0];
}

/// <summary>What the relay said: of all recipients alike, or where they differ of <see cref="Each"/>.</summary>
/// <param name="Answer">One line for people; outside text without control characters.</param>
public sealed record RelayAnswer(SmtpOutcome Outcome, string Answer)
{
    /// <summary>One for each recipient, in the order of the mail; null: all got this answer.</summary>
    public IReadOnlyList<RelayAnswer>? Each { get; init; }

    public RelayAnswer For(int recipient) => Each is null ? this : Each[recipient];
}

/// <summary>Takes the responsibility for a mail, or says why not.</summary>
public interface IMailRelay
{
    /// <summary>Whatever the relay does is in the answer; only cancellation and broken files are thrown, and then the mail may have left.</summary>
    Task<RelayAnswer> SendAsync(RelayMail mail, CancellationToken ct);
}
