using Microsoft.Extensions.Options;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Smtp;
using Postmaster.Fbl.Text;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Intake;

/// <summary>
/// What the LMTP sessions ask: <c>spam@</c>, <c>not-spam@</c>, <c>phishing@</c> and <c>virus@</c> of the provider's portal domain are taken, and what other slices have
/// a mailbox for (<see cref="ILmtpMailbox"/>), nothing else; postmaster@ and abuse@ of that domain stay with the provider's mail server (RFC 2142).
/// </summary>
internal sealed class LmtpDoor(
    IntakeStore store, BorderIdentity border, IEnumerable<ILmtpMailbox> mailboxes, IOptions<ProviderOptions> provider, IOptions<IntakeOptions> intake,
    ILogger<LmtpDoor> log) : ILmtpHandler
{
    private static readonly SmtpReply NoSuchMailbox = new(550, "5.1.1", "No such mailbox here; complaints go to spam@, not-spam@, phishing@ or virus@ this domain");
    private static readonly SmtpReply DiskFull = new(452, "4.3.1", "No room on the disk, try again later");
    private static readonly SmtpReply Fault = new(451, "4.3.0", "Could not be kept, try again later");

    /// <summary>Characters that an operator's list shows.</summary>
    private const int MaxSubject = 200;

    private readonly DomainName _domain = DomainName.Parse(provider.Value.Domain);

    public async ValueTask<SmtpReply> RecipientAsync(LmtpEnvelope envelope, MailAddress recipient, CancellationToken ct)
    {
        if (MailboxOf(recipient) is { } mailbox)
            return await mailbox.RecipientAsync(recipient.LocalPart, ct);
        return PressOf(recipient) is null ? NoSuchMailbox : new SmtpReply(250, "2.1.5", "Recipient ok");
    }

    public async ValueTask<IReadOnlyList<SmtpReply>> DeliverAsync(LmtpEnvelope envelope, ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        var replies = new List<SmtpReply>(envelope.Recipients.Count);
        foreach (MailAddress recipient in envelope.Recipients)
        {
            if (MailboxOf(recipient) is { } mailbox)
                replies.Add(await DeliverToAsync(mailbox, envelope, recipient, message, ct));
            else
                replies.Add(PressOf(recipient) is { } press ? await KeepAsync(recipient, press, message, ct) : NoSuchMailbox);
        }

        return replies;
    }

    private async Task<SmtpReply> DeliverToAsync(ILmtpMailbox mailbox, LmtpEnvelope envelope, MailAddress recipient, ReadOnlyMemory<byte> mail, CancellationToken ct)
    {
        try
        {
            return await mailbox.DeliverAsync(envelope, recipient.LocalPart, mail, ct);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            log.LmtpFault(fault);
            return Fault;
        }
    }

    private async Task<SmtpReply> KeepAsync(MailAddress recipient, Press press, ReadOnlyMemory<byte> mail, CancellationToken ct)
    {
        try
        {
            return await store.KeepAsync(Requests(recipient, press, mail), ct) switch
            {
                KeepOutcome.Kept kept => new SmtpReply(250, "2.0.0", $"Kept as {kept.Id:N}"),
                _ => DiskFull,
            };
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            log.LmtpFault(fault);
            return Fault;
        }
    }

    private List<KeepRequest> Requests(MailAddress recipient, Press press, ReadOnlyMemory<byte> mail)
    {
        MailAddress? mailbox = null;
        IReadOnlyList<AttachedMessage> attached;
        try
        {
            RawMessage read = MessageReader.Read(mail);
            mailbox = border.Find(read.Headers);
            attached = ComplaintMail.Read(read, press, intake.Value.MaxAttachedMessages);
        }
        catch (Exception bug) when (bug is not OperationCanceledException)
        {
            // A mail that brings the reader down is an operator's to look at, not a sender's to send for ever.
            log.MailNotRead(bug);
            attached = [new AttachedMessage(press, mail, Message: null, $"the mail could not be read ({bug.GetType().Name})")];
        }

        return [.. attached.Select((one, index) => new KeepRequest
        {
            Id = ComplaintId.FromMail($"{PressOf(recipient)} {index}", mail.Span),
            Door = IntakeDoor.Lmtp,
            Press = one.Press,
            Mailbox = mailbox,
            Raw = one.Octets,
            Message = one.Message,
            Subject = mailbox is null || one.Message is null ? SubjectOf(one) : null,
            Problem = one.Problem ?? (mailbox is null ? "the border does not say who sent it: no auth=pass with an authserv-id of Provider:AuthservIds" : null),
        })];
    }

    /// <summary>Of the offending message where there is one, else of the mail.</summary>
    private static string? SubjectOf(AttachedMessage one)
    {
        ReadOnlyMemory<byte> octets = one.Message is { } message ? one.Octets[message] : one.Octets;
        string? subject = MessageReader.Read(octets, new MessageLimits { MaxMessageBytes = 0 }).Headers.First("Subject")?.Decoded;
        if (subject is null)
            return null;
        string line = HeaderWriter.Clean(subject);
        return line.Length > MaxSubject ? line[..MaxSubject] : line;
    }

    private ILmtpMailbox? MailboxOf(MailAddress recipient) =>
        recipient.Domain.Equals(_domain) ? mailboxes.FirstOrDefault(m => m.Owns(recipient.LocalPart)) : null;

    /// <summary>Null for every address that is not ours.</summary>
    private Press? PressOf(MailAddress recipient)
    {
        if (!recipient.Domain.Equals(_domain))
            return null;
        return recipient.LocalPart.ToLowerInvariant() switch
        {
            "spam" => Press.Spam,
            "not-spam" or "notspam" => Press.NotSpam,
            "phishing" or "fraud" => Press.Phishing,
            "virus" => Press.Virus,
            _ => null,
        };
    }
}
