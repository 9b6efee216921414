using Postmaster.Fbl.Smtp;

namespace Postmaster.Web.Features.Intake;

/// <summary>Addresses of the portal's domain that another slice takes mail for, beside the buttons' own.</summary>
internal interface ILmtpMailbox
{
    /// <summary>Whether an address is this mailbox's to answer for.</summary>
    /// <param name="localPart">As the client wrote it.</param>
    bool Owns(string localPart);

    /// <summary>Answers RCPT TO.</summary>
    Task<SmtpReply> RecipientAsync(string localPart, CancellationToken ct);

    /// <summary>Takes the mail; a 2yz reply means that it is on the disk.</summary>
    Task<SmtpReply> DeliverAsync(LmtpEnvelope envelope, string localPart, ReadOnlyMemory<byte> mail, CancellationToken ct);
}
